// want: function_too_large
exports.main = () => 'x'.repeat(3e6)
