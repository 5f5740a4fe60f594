// want: function_error
exports.main = () => { const a = {}; a.a = a; return a }
