// want: too_many_host_calls
const cloud = require('wx-server-sdk')
exports.main = async () => { for (;;) await cloud.plaza.call('echo', {}) }
