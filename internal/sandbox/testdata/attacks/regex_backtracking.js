// want: function_timeout
// The backreference takes it to the engine that backtracks and does not hear an interruption.
exports.main = () => /^(a+)+\1$/.test('a'.repeat(5000) + 'b')
