// want: ok function_timeout
exports.main = () => { let o = {}; for (let i = 0; i < 1000; i++) o = { a: o, b: o, get c() { for (;;) {} } }; return require('util').inspect(o, { depth: 12 }).length > 0 }
