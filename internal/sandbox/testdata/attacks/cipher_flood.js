// want: function_timeout function_memory
exports.main = () => { const c = require('crypto').createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)); for (;;) c.update(Buffer.alloc(1 << 20)) }
