// The skies of the coming days, chosen on the server: everybody sees the same week.
const skies = ["dawn", "morning", "noon", "storm", "golden", "blue", "aurora", "night"]

const DAYS = 7
const DAY = 86400000

/** A number that looks like chance and is the same for the same day. */
function chance(day) {
	let n = day ^ 0x9e3779b9
	n = Math.imul(n ^ (n >>> 16), 0x45d9f3b)
	n = Math.imul(n ^ (n >>> 16), 0x45d9f3b)
	return (n ^ (n >>> 16)) >>> 0
}

exports.main = async () => {
	const today = Math.floor(Date.now() / DAY)
	console.log("a week from day", today)
	return {
		days: Array.from({ length: DAYS }, (_, n) => {
			const dice = chance(today + n)
			return {
				at: (today + n) * DAY,
				sky: skies[dice % skies.length],
				degrees: 4 + ((dice >>> 8) % 23),
			}
		}),
	}
}
