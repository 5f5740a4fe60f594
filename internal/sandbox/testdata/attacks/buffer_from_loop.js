// want: function_timeout function_memory
exports.main = () => Buffer.from({ length: 150e6, get 0() { return 1 } }).length
