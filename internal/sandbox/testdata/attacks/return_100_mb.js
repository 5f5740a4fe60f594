// want: function_too_large function_memory
exports.main = () => ({ text: Array.from({ length: 100 }, () => 'x'.repeat(1e6)) })
