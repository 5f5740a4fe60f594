// want: no_such_function
exports.other = () => 1
