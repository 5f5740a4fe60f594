// want: function_timeout
exports.main = async () => { for (;;) await null }
