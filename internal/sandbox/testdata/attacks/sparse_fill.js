// want: function_memory function_timeout
exports.main = () => { const a = []; a.length = 2 ** 32 - 1; a.fill(1); return a.length }
