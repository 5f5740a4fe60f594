// want: function_error function_memory
exports.main = () => Buffer.alloc(2 ** 40).length
