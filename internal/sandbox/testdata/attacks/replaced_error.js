// want: function_error
globalThis.Error = function () { throw 'gone' }
exports.main = () => require('fs')
