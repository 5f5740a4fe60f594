// want: function_memory function_error
exports.main = () => { let all = Buffer.alloc(1 << 20); for (;;) all = Buffer.concat([all, all]) }
