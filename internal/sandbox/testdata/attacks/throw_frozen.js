// want: function_error
exports.main = () => { throw Object.freeze(Object.create(null)) }
