// want: function_memory function_timeout
exports.main = () => { const a = []; for (let i = 0; ; i++) a.push(('x' + i).repeat(1e7)) }
