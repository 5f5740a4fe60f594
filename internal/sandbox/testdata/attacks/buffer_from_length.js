// want: function_error function_memory
exports.main = () => Buffer.from({ length: 2 ** 50 }).length
