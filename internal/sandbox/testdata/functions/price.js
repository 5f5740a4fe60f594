// Fifty lines at their best price: what a program's server function typically does.
exports.main = (event) => {
  const rules = { sale: 0.8, member: 0.95 }
  let total = 0
  let saved = 0
  const lines = event.lines.map((line) => {
    const list = line.price * line.quantity
    let price = list
    for (const tag of line.tags) if (rules[tag]) price = Math.min(price, Math.round(list * rules[tag]))
    if (line.quantity >= 3) price = Math.min(price, list - Math.floor(line.quantity / 3) * line.price)
    total += price
    saved += list - price
    return { id: line.id, name: line.name, list, price, saved: list - price }
  })
  return { lines, total, saved, points: Math.floor(total / 100) }
}
