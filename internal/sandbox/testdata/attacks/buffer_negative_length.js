// want: function_error function_memory
exports.main = () => Buffer.from({ length: -1 }).length
