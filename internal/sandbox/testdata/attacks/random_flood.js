// want: function_timeout
exports.main = () => { for (;;) require('crypto').randomBytes(1 << 20) }
