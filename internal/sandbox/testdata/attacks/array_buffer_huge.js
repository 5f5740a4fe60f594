// want: function_memory
exports.main = () => new ArrayBuffer(2 ** 40).byteLength
