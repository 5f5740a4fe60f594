// want: function_error
exports.main = () => { throw new Proxy({}, new Proxy({}, { get: () => () => { throw new Error('a trap') } })) }
