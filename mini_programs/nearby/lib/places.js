// A listing as a card shows it.
const { kind } = require("./kinds")
const { DAY, near } = require("./times")
const { distance, region, say } = require("./words")

/** Minutes before closing from which a place closes soon. */
const SOON = 45
const MINUTE = 60000

/** Whether a place is open at that instant, in words; a state that nobody knows is never guessed. */
function state({ open, closes_at, opens_at, timezone }, at) {
	if (open === "open") {
		if (!closes_at) return { state: "open", word: say("always"), until: "" }
		const soon = new Date(closes_at) - at < SOON * MINUTE
		return {
			state: soon ? "soon" : "open",
			word: say(soon ? "soon" : "open"),
			until: say("openUntil", { time: near(closes_at, timezone, at) }),
		}
	}
	if (open === "closed") {
		return {
			state: "closed",
			word: say("closed"),
			until: opens_at ? say("opens", { time: near(opens_at, timezone, at) }) : "",
		}
	}
	return { state: "unknown", word: say("unknown"), until: "" }
}

/** What an offer gives, in words: its own name, and by how much when that is a share. */
function offer({ title, reason, ends_at }) {
	const { percent_bp = 0, amount = 0, ...rest } = reason?.params || {}
	const percent = new Intl.NumberFormat(region, {
		style: "percent",
		maximumFractionDigits: 1,
	}).format(percent_bp / 10000)
	const gives = reason && !amount ? say(reason.code, { percent, ...rest }) : ""
	return { title, gives: gives.includes("{") ? "" : gives, ends_at }
}

function card(found, at) {
	const { id, name, category, category_name, offers, timezone, happy, happy_until } = found
	const { icon, color } = kind(category)
	const [first] = offers || []
	const shown = first && offer(first)
	return {
		id,
		name,
		icon,
		color,
		photo: found.photo,
		certified: found.certified,
		lat: found.lat,
		lon: found.lon,
		metres: found.distance,
		what: category_name,
		line: [category_name, found.address].filter(Boolean).join(" · "),
		far: distance(found.distance),
		address: found.address,
		...state(found, at),
		happy: happy
			? happy_until && new Date(happy_until) - at < DAY
				? say("happyUntil", { time: near(happy_until, timezone, at) })
				: say("happy")
			: "",
		offer: shown ? shown.gives || shown.title : "",
	}
}

module.exports = { card, offer, state }
