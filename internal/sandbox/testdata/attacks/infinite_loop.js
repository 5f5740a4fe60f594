// want: function_timeout
exports.main = () => { for (;;) {} }
