// want: function_timeout
exports.main = () => { const t = Date.now(); while (Date.now() - t < 1e9); }
