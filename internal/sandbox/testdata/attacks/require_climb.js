// want: function_error
exports.main = () => require('../../../../../../etc/passwd')
