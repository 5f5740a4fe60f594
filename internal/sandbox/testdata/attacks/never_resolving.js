// want: function_unsettled
exports.main = () => new Promise(() => {})
