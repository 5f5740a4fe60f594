// want: function_error
exports.main = async () => { throw null }
