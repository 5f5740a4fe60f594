// want: ok
exports.main = () => { Object.freeze(globalThis); console.log(typeof fetch, Buffer.from('x')); return 1 }
