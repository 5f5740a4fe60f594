// want: function_error
exports.main = () => require('crypto').randomBytes(2 ** 40)
