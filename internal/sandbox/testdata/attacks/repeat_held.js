// want: function_memory
exports.main = () => { const a = []; for (let i = 0; ; i++) a.push(('x' + i).repeat(1e7)) }
