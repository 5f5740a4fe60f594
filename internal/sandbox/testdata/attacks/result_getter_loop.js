// want: function_timeout
exports.main = () => ({ get a() { for (;;) {} } })
