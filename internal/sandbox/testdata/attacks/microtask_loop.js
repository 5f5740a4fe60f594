// want: function_timeout
exports.main = () => new Promise(() => { const again = () => queueMicrotask(again); again() })
