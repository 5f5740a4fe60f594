// want: function_recursion
exports.main = () => { const o = { toString() { return '' + o } }; return '' + o }
