// want: function_error
exports.main = () => { globalThis.Uint8Array = () => { throw 1 }; return Buffer.from('x').toString() }
