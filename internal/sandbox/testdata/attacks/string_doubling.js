// want: function_memory
exports.main = () => { let s = 'x'; for (;;) s += s }
