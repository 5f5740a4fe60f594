// want: function_error
exports.main = async () => {
  const error = new Error('x')
  for (const name of ['message', 'stack', 'name', 'code', 'toString'])
    Object.defineProperty(error, name, { get() { throw error } })
  throw error
}
