// Appointments: the times follow from the service's hours, and a time is full when as many are booked as it has room
// for. Bookings are counted in the transaction that adds one, so the last place is given once.
const { randomBytes } = require("node:crypto")
const { add, dateOf, instant, isDate, isTime, weekday } = require("./paris")
const { ready } = require("./offered")
const { db, note, one, refuse, transaction, _ } = require("./store")

/** Appointments to come that one person may have with one service. */
const EACH = 2
const LISTED = 50
const SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

const minutesOf = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
const timeOf = (minutes) =>
	`${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`

/** The times of a day of opening. */
function timesOf({ from, until, minutes }) {
	const times = []
	for (let at = minutesOf(from); at + minutes <= minutesOf(until); at += minutes)
		times.push(timeOf(at))
	return times
}

const isOpen = (date, { weekdays, closed }) =>
	weekdays.includes(weekday(date)) && !closed.includes(date)

/** The days that can be booked, with what is left of each time. */
async function days({ service: id }, { now }) {
	const service = await ready(db, id, "appointments")
	const { hours } = service
	const today = dateOf(now)
	const last = add(today, hours.ahead)
	const { list } = await db
		.collection("bookings")
		.aggregate()
		.match({ service: id, state: "booked", date: _.gte(today).and(_.lte(last)) })
		.group({ _id: { date: "$date", time: "$time" }, n: db.command.aggregate.sum(1) })
		.end()
	const taken = new Map(list.map(({ _id: { date, time }, n }) => [`${date} ${time}`, n]))
	const open = []
	for (let date = today; date <= last; date = add(date, 1)) {
		if (!isOpen(date, hours)) continue
		const times = timesOf(hours)
			.filter((time) => instant(date, time) > now)
			.map((time) => ({
				time,
				left: Math.max(0, hours.capacity - (taken.get(`${date} ${time}`) ?? 0)),
			}))
		if (times.length > 0) open.push({ date, times })
	}
	return { days: open }
}

const newCode = () => Array.from(randomBytes(6), (byte) => SIGNS[byte % SIGNS.length]).join("")

async function book({ service: id, date, time }, { openid, now }) {
	if (!isDate(date)) refuse("bad_field", { field: "date" })
	if (!isTime(time)) refuse("bad_field", { field: "time" })
	const booking = await transaction(async (tx) => {
		const { hours } = await ready(tx, id, "appointments")
		const right =
			isOpen(date, hours) &&
			timesOf(hours).includes(time) &&
			instant(date, time) > now &&
			date <= add(dateOf(now), hours.ahead)
		if (!right) refuse("no_such_time")
		const coming = await tx
			.collection("bookings")
			.where({ service: id, _openid: openid, state: "booked", date: _.gte(dateOf(now)) })
			.limit(LISTED)
			.get()
		const same = coming.data.find((each) => each.date === date && each.time === time)
		if (same) return same // asked for twice
		if (coming.data.length >= EACH) refuse("enough_bookings", { most: EACH })
		const { total } = await tx
			.collection("bookings")
			.where({ service: id, date, time, state: "booked" })
			.count()
		if (total >= hours.capacity) refuse("slot_full")
		const made = {
			_openid: openid,
			service: id,
			date,
			time,
			state: "booked",
			code: newCode(),
			at: now,
		}
		const { _id } = await tx.collection("bookings").add({ data: made })
		return { ...made, _id }
	})
	return { booking: facts(booking) }
}

const facts = ({ _id, service, date, time, state, code, reason }) => ({
	id: _id,
	service,
	date,
	time,
	state,
	code,
	reason: reason ?? "",
	starts: instant(date, time),
})

async function cancel({ id }, { openid, now }) {
	return transaction(async (tx) => {
		const booking = typeof id === "string" ? await one(tx, "bookings", id) : null
		if (booking?._openid !== openid) refuse("not_found")
		if (booking.state !== "booked") return { booking: facts(booking) }
		if (instant(booking.date, booking.time) <= now) refuse("too_late")
		await tx
			.collection("bookings")
			.doc(id)
			.update({ data: { state: "cancelled" } })
		await note(tx, id, "booking_cancelled", "citizen")
		return { booking: facts({ ...booking, state: "cancelled" }) }
	})
}

/** The person's own that are still to come, or that the agency has called off. */
async function list({ service }, { openid, now }) {
	const { data } = await db
		.collection("bookings")
		.where({
			_openid: openid,
			date: _.gte(dateOf(now)),
			state: _.in(["booked", "called_off"]),
			...(typeof service === "string" ? { service } : {}),
		})
		.orderBy("date", "asc")
		.orderBy("time", "asc")
		.limit(LISTED)
		.get()
	return { bookings: data.map(facts) }
}

module.exports = { EACH, book, cancel, days, facts, list, timesOf }
