// want: function_error
exports.main = () => { for (let i = 0; i < 1e6; i++) setTimeout(() => {}, i) }
