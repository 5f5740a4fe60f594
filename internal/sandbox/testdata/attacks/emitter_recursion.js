// want: function_recursion function_error
exports.main = () => { const e = new (require('events'))(); e.on('x', () => e.emit('x')); e.emit('x') }
