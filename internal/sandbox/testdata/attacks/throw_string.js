// want: function_error
exports.main = () => { throw 'just words' }
