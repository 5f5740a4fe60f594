// want: function_error
exports.main = () => require('fs').readFileSync('/etc/passwd', 'utf8')
