// want: function_timeout
exports.main = () => new Promise(() => { const again = () => setTimeout(again, 1000); again() })
