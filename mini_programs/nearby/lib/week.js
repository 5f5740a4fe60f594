// The hours of a week as people read them: a row for each day from today, in the zone of the place.
const { DAY, clock, date, iso, weekday } = require("./times")
const { say } = require("./words")

/** One time of a day. What runs past midnight stands on the day on which it begins; what lasts all day says so. */
function span({ from, until, state, comment }, zone) {
	const [start, end] = [new Date(from), new Date(until)]
	const whole = end - start >= DAY && clock(start, zone) === "00:00"
	const words = whole ? say("allDay") : `${clock(start, zone)}–${clock(end, zone)}`
	const more = [state === "unknown" && say("maybe"), comment].filter(Boolean).join(", ")
	return more ? `${words} (${more})` : words
}

/** Cuts what is longer than a day at each midnight of the zone. */
function cut(interval, midnights) {
	const { from, until } = interval
	const [start, end] = [new Date(from), new Date(until)]
	if (end - start < DAY) return [interval]
	const edges = [start, ...midnights.filter((each) => each > start && each < end), end]
	return edges.slice(1).map((edge, at) => ({ ...interval, from: edges[at], until: edge }))
}

/** Seven rows, today first. */
function days({ week, exceptions, timezone }, now) {
	const today = iso(now, timezone)
	const noon = new Date(`${today}T12:00:00Z`)
	const dates = [...Array(8).keys()].map((n) => iso(new Date(noon.getTime() + n * DAY), "UTC"))
	const midnights = dates.map((each) => midnight(each, timezone))
	const all = (week || []).flatMap((each) => cut(each, midnights))
	return dates.slice(0, 7).map((day) => {
		const at = new Date(`${day}T12:00:00Z`)
		const mine = all.filter(({ from }) => iso(new Date(from), timezone) === day)
		const other = (exceptions || []).find((each) => each.date === day)
		return {
			iso: day,
			name: day === today ? say("today") : weekday(at, "UTC"),
			today: day === today,
			note: other ? other.note || say("special") : "",
			shut: mine.length === 0,
			times: mine.length ? mine.map((each) => span(each, timezone)) : [say("closedDay")],
		}
	})
}

/** The instant at which a day begins in a zone: found, as zones change their clocks. */
function midnight(day, zone) {
	const guess = new Date(`${day}T00:00:00Z`).getTime()
	for (let quarter = -56; quarter <= 56; quarter++) {
		const at = new Date(guess + quarter * 900000)
		if (iso(at, zone) === day && iso(new Date(at.getTime() - 1), zone) !== day) return at
	}
	return new Date(guess)
}

/** Days with other hours, later than the week that is shown anyway. */
function special({ exceptions }) {
	return (exceptions || []).slice(0, 12).map(({ date: day, hours, note }) => ({
		date: day,
		name: date(new Date(`${day}T12:00:00Z`), "UTC"),
		hours: hours === "off" ? say("closedDay") : hours,
		note,
	}))
}

module.exports = { days, special }
