// want: function_error
const cloud = require('wx-server-sdk')
exports.main = () => cloud.plaza.call('echo', 'x'.repeat(3e6))
