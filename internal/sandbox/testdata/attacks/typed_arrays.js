// want: function_memory function_timeout
exports.main = () => { const a = []; for (;;) a.push(new Uint8Array(1e7)) }
