// want: function_memory function_timeout
exports.main = () => new Array(3e7).fill().sort().length
