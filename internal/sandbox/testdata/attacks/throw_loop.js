// want: function_timeout function_error
exports.main = () => { throw { toString() { for (;;) {} } } }
