// want: ok
exports.main = (event, context) => { context.OPENID = 'somebody else'; require('wx-server-sdk').getWXContext().APPID = 'another'; return require('wx-server-sdk').getWXContext().OPENID }
