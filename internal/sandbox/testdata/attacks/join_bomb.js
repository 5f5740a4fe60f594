// want: function_memory
exports.main = () => { const a = new Array(1e5).fill('x'.repeat(1e5)); return a.join('').length }
