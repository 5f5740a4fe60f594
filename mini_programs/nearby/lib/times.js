// Times in the zone of the place, as people say them.
const { region } = require("./words")

const DAY = 86400000
const formats = new Map()

/** Making a format is slow; each is made once. */
function format(zone, options) {
	const key = `${zone}${JSON.stringify(options)}`
	if (!formats.has(key)) {
		formats.set(key, new Intl.DateTimeFormat(region, { ...options, timeZone: zone || undefined }))
	}
	return formats.get(key)
}

const clock = (at, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(at)
const date = (at, zone) =>
	format(zone, { weekday: "short", day: "numeric", month: "short" }).format(at)
const weekday = (at, zone) => format(zone, { weekday: "long" }).format(at)

/** The day as a machine writes it, in the zone: 2026-11-25. */
function iso(at, zone) {
	const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
		at,
	)
	const part = (type) => parts.find((each) => each.type === type).value
	return `${part("year")}-${part("month")}-${part("day")}`
}

/** A time from now: the clock today, else the day with it, else the date. */
function near(time, zone, now = new Date()) {
	const at = new Date(time)
	if (iso(at, zone) === iso(now, zone)) return clock(at, zone)
	if (at - now < 6 * DAY) {
		return `${format(zone, { weekday: "short" }).format(at)} ${clock(at, zone)}`
	}
	return format(zone, { day: "numeric", month: "short" }).format(at)
}

/** How long until then: 1:05:09, or 12:30 when it is less than an hour. */
function countdown(time, now = new Date()) {
	const seconds = Math.max(0, Math.floor((new Date(time) - now) / 1000))
	const two = (value) => String(value).padStart(2, "0")
	const hours = Math.floor(seconds / 3600)
	const minutes = Math.floor(seconds / 60) % 60
	return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`
}

module.exports = { DAY, clock, countdown, date, iso, near, weekday }
