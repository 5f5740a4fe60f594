// want: ok
exports.main = () => {
  for (const name of ['Deno', 'Bun', 'XMLHttpRequest', 'WebSocket', 'require_', '__plaza', 'require', 'module'])
    if (typeof globalThis[name] !== 'undefined') throw new Error(name + ' is there')
  for (const name of ['exit', 'kill', 'binding', 'dlopen', 'mainModule', 'abort', 'chdir', 'setuid', '_linkedBinding', 'getBuiltinModule'])
    if (process[name] !== undefined) throw new Error('process.' + name + ' is there')
  if (Object.keys(process.env).join() !== 'NODE_ENV') throw new Error('the environment is there')
  const there = Function('return typeof process.binding')()
  if (there !== 'undefined') throw new Error('process by Function')
  return []
}
