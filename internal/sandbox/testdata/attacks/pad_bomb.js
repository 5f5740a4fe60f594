// want: function_memory function_error
exports.main = () => 'x'.padEnd(2 ** 31, 'abc').length
