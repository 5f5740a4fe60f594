// want: ok function_error
exports.main = () => new Proxy({}, { get() { return 1 }, ownKeys() { return ['a'] } })
