// want: function_memory function_timeout
exports.main = () => { const a = []; for (;;) a.push(new Array(1e6).fill(0)) }
