// want: function_recursion
exports.main = () => { const f = () => f() + 1; return f() }
