// want: function_error
exports.main = () => { return (
