// want: no_such_method
exports.main = () => require('wx-server-sdk').callFunction({ name: '../../x', data: {} })
