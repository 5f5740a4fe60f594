// want: function_timeout function_memory
exports.main = () => String(2n ** (2n ** 28n)).length
