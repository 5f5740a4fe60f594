// want: function_timeout
exports.main = () => ({ toJSON() { for (;;) {} } })
