// Days as the law counts them: dates of Europe/Paris, whatever the server's own zone is. The engine knows no zones,
// so the European rule stands here: summer time from the last Sunday of March to that of October, at 1:00 UTC.
const HOUR = 3_600_000
const DAY = 24 * HOUR

function lastSunday(year, month) {
	const end = new Date(Date.UTC(year, month + 1, 0))
	return Date.UTC(year, month, end.getUTCDate() - end.getUTCDay(), 1)
}

/** How many hours Paris is ahead of UTC at an instant. */
function ahead(ms) {
	const year = new Date(ms).getUTCFullYear()
	return ms >= lastSunday(year, 2) && ms < lastSunday(year, 9) ? 2 : 1
}

const local = (ms) => new Date(ms + ahead(ms) * HOUR).toISOString()
const dateOf = (ms) => local(ms).slice(0, 10)
const timeOf = (ms) => local(ms).slice(11, 16)

/** The instant at which a wall clock in Paris shows that date and time. */
function instant(date, time = "00:00") {
	const wall = Date.parse(`${date}T${time}:00Z`)
	return ahead(wall - 2 * HOUR) === 2 ? wall - 2 * HOUR : wall - HOUR
}

/** True for a date that the calendar has. */
function isDate(text) {
	if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
	const ms = Date.parse(`${text}T00:00:00Z`)
	return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text)
}

const isTime = (text) => typeof text === "string" && /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
/** Calendar days from one date to another. */
const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY)
const add = (date, n) => new Date(Date.parse(date) + n * DAY).toISOString().slice(0, 10)
/** 1 is Monday, 7 is Sunday. */
const weekday = (date) => new Date(Date.parse(date)).getUTCDay() || 7

module.exports = { add, dateOf, days, instant, isDate, isTime, timeOf, weekday }
