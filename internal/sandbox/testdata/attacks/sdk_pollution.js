// want: ok
// The next call must not see any of this; the test looks.
const cloud = require('wx-server-sdk')
exports.main = async () => {
  cloud.plaza.call = cloud.getWXContext = cloud.database = () => 'mine'
  cloud.polluted = true
  Buffer.from = () => 'mine'
  require('crypto').createHash = () => 'mine'
  require('util').polluted = require('path').polluted = true
  Object.getPrototypeOf(cloud).polluted = 'yes'
  Promise.prototype.then = () => 'mine'
  globalThis.fetch = globalThis.console = 'mine'
}
