// want: ok
// The next call must not see any of this; the test looks.
exports.main = () => {
  Object.prototype.polluted = 'yes'
  Array.prototype.map = () => 'mine'
  JSON.parse = JSON.stringify = () => 'mine'
  globalThis.left = 'behind'
  return 1
}
