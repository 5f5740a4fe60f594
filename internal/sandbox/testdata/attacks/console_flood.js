// want: ok
exports.main = () => { for (let i = 0; i < 5000; i++) console.log('x'.repeat(1000), i); return 1 }
