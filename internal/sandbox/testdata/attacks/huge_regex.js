// want: function_error
exports.main = () => new RegExp('(' + 'a{1000}'.repeat(200) + '){1000}').test('a')
