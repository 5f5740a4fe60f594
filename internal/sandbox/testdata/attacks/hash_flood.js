// want: function_timeout
exports.main = () => { const data = Buffer.alloc(16 << 20), hash = require('crypto').createHash('sha512'); for (;;) hash.update(data) }
