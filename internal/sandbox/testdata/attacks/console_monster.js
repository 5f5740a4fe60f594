// want: ok
exports.main = () => { console.log('x'.repeat(1e6), { toString() { throw 1 }, toJSON() { throw 2 } }); return 1 }
