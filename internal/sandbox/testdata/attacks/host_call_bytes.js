// want: too_many_host_calls
const cloud = require('wx-server-sdk')
exports.main = async () => { for (let i = 0; i < 100; i++) await cloud.plaza.call('echo', { x: 'x'.repeat(9e5) }) }
