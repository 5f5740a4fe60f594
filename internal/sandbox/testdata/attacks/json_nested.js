// want: function_error function_memory
exports.main = () => JSON.parse('['.repeat(2e7))
