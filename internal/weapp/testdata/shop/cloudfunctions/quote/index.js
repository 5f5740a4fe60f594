const { sum } = require('./lib/sum')

exports.main = async (event) => {
  for await (const line of event.lines) sum(line)
  return event?.total ?? 0
}
