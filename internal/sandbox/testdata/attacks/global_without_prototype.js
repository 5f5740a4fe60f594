// want: function_error
exports.main = () => { Object.setPrototypeOf(globalThis, null); return fetch }
