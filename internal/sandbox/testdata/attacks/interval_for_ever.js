// want: function_timeout
exports.main = () => new Promise(() => { setInterval(() => {}, 1) })
