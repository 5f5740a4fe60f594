// want: ok
exports.main = () => {
  const missing = []
  for (const name of ['process', 'Deno', 'Bun', 'fetch', 'XMLHttpRequest', 'WebSocket', 'Buffer', 'require_', '__plaza'])
    if (typeof globalThis[name] !== 'undefined') throw new Error(name + ' is there')
  const there = Function('return typeof process')()
  if (there !== 'undefined') throw new Error('process by Function')
  return missing
}
