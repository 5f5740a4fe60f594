// want: function_error
exports.main = () => { throw new Error('no file of the machine is read for my map') }
//# sourceMappingURL=/etc/passwd
