// want: function_error
exports.main = () => require('x/../../../../../../../etc/passwd')
