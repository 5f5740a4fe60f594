// Services by configuration: the agency names them, says of what kind they are, and turns them on and off. A service
// of kind "bills" shows what the agency imports; one of kind "appointments" has hours, and room for so many at a time.
const { isDate, isTime } = require("./paris")
const { db, note, one, refuse, transaction } = require("./store")

const LANGUAGES = ["en", "fr", "zh"]
const KINDS = ["bills", "appointments"]
const ID = /^[a-z][a-z0-9-]{1,19}$/
const MOST = 40
const CLOSED_DAYS = 60

const text = (value, most) =>
	typeof value === "string" && value.trim().length <= most ? value.trim() : null

/** A text in each language; French and Chinese fall back to English. */
function spoken(value, most) {
	const all = Object.fromEntries(LANGUAGES.map((each) => [each, text(value?.[each] ?? "", most)]))
	if (Object.values(all).includes(null)) return null
	const first = all.en || all.fr || all.zh
	return first && Object.fromEntries(LANGUAGES.map((each) => [each, all[each] || first]))
}

const within = (value, low, high) => Number.isInteger(value) && value >= low && value <= high

/** The hours of an appointments service, or the field that is wrong. */
function hours(value = {}) {
	const { weekdays, from, until, minutes, capacity, ahead, closed = [] } = value
	const wrong = Object.entries({
		weekdays:
			Array.isArray(weekdays) && weekdays.length > 0 && weekdays.every((day) => within(day, 1, 7)),
		from: isTime(from),
		until: isTime(until) && until > from,
		minutes: within(minutes, 5, 240),
		capacity: within(capacity, 1, 100),
		ahead: within(ahead, 1, 60),
		closed: Array.isArray(closed) && closed.length <= CLOSED_DAYS && closed.every(isDate),
	}).find(([, right]) => !right)
	if (wrong) refuse("bad_field", { field: wrong[0] })
	return { weekdays: [...new Set(weekdays)].sort(), from, until, minutes, capacity, ahead, closed }
}

async function all() {
	const { data } = await db.collection("services").orderBy("position", "asc").limit(MOST).get()
	return data
}

const shown = ({ _id, kind, names, about, on, hours: open }) => ({
	id: _id,
	kind,
	names,
	about,
	on,
	hours: open ?? null,
})

/** What citizens can do here. */
async function offered() {
	return (await all()).filter(({ on }) => on).map(shown)
}

/** A service that is on, of that kind. */
async function ready(within, id, kind) {
	const service = typeof id === "string" ? await one(within, "services", id) : null
	return service?.on && service.kind === kind ? service : refuse("no_service")
}

async function save({ id, kind, names, about, on, hours: open }, { by }) {
	if (typeof id !== "string" || !ID.test(id)) refuse("bad_field", { field: "id" })
	if (!KINDS.includes(kind)) refuse("bad_field", { field: "kind" })
	const named = spoken(names, 60) || refuse("bad_field", { field: "names" })
	const said = spoken(about, 200)
	if (said === null) refuse("bad_field", { field: "about" })
	await transaction(async (tx) => {
		const before = await one(tx, "services", id)
		if (before && before.kind !== kind) refuse("bad_field", { field: "kind" })
		const { total } = await tx.collection("services").count()
		if (!before && total >= MOST) refuse("too_many", { most: MOST })
		await tx
			.collection("services")
			.doc(id)
			.set({
				data: {
					kind,
					names: named,
					about: said || { en: "", fr: "", zh: "" },
					on: on === true,
					hours: kind === "appointments" ? hours(open) : null,
					position: before?.position ?? total,
				},
			})
		await note(tx, id, before ? "service" : "service_new", by, { on: on === true })
	})
	return { services: (await all()).map(shown) }
}

module.exports = { all, offered, ready, save, shown, text }
