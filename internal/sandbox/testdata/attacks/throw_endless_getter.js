// want: function_timeout
exports.main = () => { throw { toString() { for (;;) {} } } }
