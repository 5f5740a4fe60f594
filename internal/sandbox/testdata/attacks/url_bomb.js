// want: ok function_error function_timeout function_memory
exports.main = () => { const p = new URLSearchParams(); for (let i = 0; i < 1e6; i++) p.append('k' + i, 'v'); return p.toString().length > 0 }
