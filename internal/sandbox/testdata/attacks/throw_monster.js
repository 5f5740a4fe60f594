// want: function_error
exports.main = () => { throw { get stack() { throw 1 }, toString() { throw 2 } } }
