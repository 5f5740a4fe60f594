// What the agency imports: notices, and the bills of a service. Each line is judged by itself; a dry run tells all that
// an import would, and writes nothing. What is there already is left as it is, so a file may come twice.
const { isDate } = require("./paris")
const { TARIFFS } = require("./law")
const { KEY, NUMBER, PLATE, digest, equal, newSalt, plain } = require("./keys")
const { LONGEST, parse } = require("./csv")
const { REFERENCE, debtId } = require("./debts")
const { note, refuse, transaction, _ } = require("./store")
const offences = require("./offences")

/** Lines of one file. */
const LINES = 2_000
/** Errors that are told; the rest is counted. */
const TOLD = 200
const ASKED = 400
const ADDED = 100
const PLACE = 120

const wrong = (field) => ({ error: "bad_value", field })
// What hides, or turns the direction of writing, does not belong into a table that people judge by eye.
const HIDDEN = [
	[0, 0x1f],
	[0x7f, 0x9f],
	[0xad, 0xad],
	[0x61c, 0x61c],
	[0x115f, 0x1160],
	[0x180e, 0x180e],
	[0x200b, 0x200f],
	[0x2028, 0x202e],
	[0x2060, 0x2069],
	[0x2800, 0x2800],
	[0x3164, 0x3164],
	[0xfeff, 0xfeff],
	[0xffa0, 0xffa0],
]
const hides = (sign) => HIDDEN.some(([low, high]) => sign >= low && sign <= high)

const line = (text, most) =>
	text.length <= most && !Array.from(text).some((letter) => hides(letter.codePointAt(0)))

const notices = {
	collection: "notices",
	columns: [
		"number",
		"plate",
		"key",
		"offence",
		"class",
		"notice_date",
		"at",
		"place",
		"handed",
		"increased_date",
	],
	needs: ["number", "plate", "key", "offence", "notice_date", "place"],
	same: ["plate", "offence", "class", "notice_date", "at", "place", "handed"],
	read(row, today) {
		const number = plain(row.number, 20)
		const plate = plain(row.plate, 12)
		if (!NUMBER.test(number)) return wrong("number")
		if (!PLATE.test(plate)) return wrong("plate")
		const offence = row.offence.toUpperCase()
		const kind = row.class || offences[offence]?.class
		if (!offence || !line(row.offence, 40)) return wrong("offence")
		if (!kind || !Object.hasOwn(TARIFFS, kind)) return wrong("class")
		if (!isDate(row.notice_date) || row.notice_date > today) return wrong("notice_date")
		if (row.at && !/^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d$/.test(row.at)) return wrong("at")
		if (!row.place || !line(row.place, PLACE)) return wrong("place")
		if (!["", "0", "1", "no", "yes", "non", "oui"].includes(row.handed.toLowerCase()))
			return wrong("handed")
		const increased = row.increased_date || null
		if (increased && !(isDate(increased) && increased > row.notice_date && increased <= today))
			return wrong("increased_date")
		return {
			_id: number,
			plate,
			offence,
			class: kind,
			notice_date: row.notice_date,
			clock_date: row.notice_date,
			increased_date: increased,
			at: row.at,
			place: row.place,
			handed: ["1", "yes", "oui"].includes(row.handed.toLowerCase()),
			state: "issued",
			paid: null,
			contested: null,
			cancelled: null,
			attempts: 0,
		}
	},
}

const debts = (service) => ({
	collection: "debts",
	columns: ["reference", "key", "label", "amount", "due_date"],
	needs: ["reference", "key", "label", "amount"],
	same: ["label", "amount", "due_date"],
	read(row) {
		const reference = plain(row.reference, 20)
		if (!REFERENCE.test(reference)) return wrong("reference")
		if (!row.label || !line(row.label, 80)) return wrong("label")
		const amount = /^\d{1,6}([.,]\d{1,2})?$/.test(row.amount)
			? Math.round(Number(row.amount.replace(",", ".")) * 100)
			: 0
		if (amount < 1) return wrong("amount")
		if (row.due_date && !isDate(row.due_date)) return wrong("due_date")
		return {
			_id: debtId(service, reference),
			service,
			reference,
			label: row.label,
			amount,
			due_date: row.due_date || null,
			state: "open",
			paid: null,
			attempts: 0,
		}
	},
})

/** Each line as a document with its key, or as an error. */
function judge(text, kind, today) {
	const { rows, open } = parse(text)
	const errors = open ? [{ line: open, error: "open_quote" }] : []
	const [head, ...body] = rows
	const columns = (head?.cells ?? []).map((cell) => cell.toLowerCase())
	const missing = kind.needs.filter((name) => !columns.includes(name))
	if (missing.length > 0) refuse("bad_columns", { missing, columns: kind.columns })
	if (body.length > LINES) refuse("too_many_lines", { most: LINES })
	const [found, first] = [[], new Map()]
	for (const { line: at, cells } of body) {
		if (cells.length > columns.length) {
			errors.push({ line: at, error: "too_many_cells" })
			continue
		}
		const row = Object.fromEntries(
			kind.columns.map((name) => [name, cells[columns.indexOf(name)] ?? ""]),
		)
		const doc = kind.read(row, today)
		const key = plain(row.key, 16)
		if (doc.error) errors.push({ line: at, ...doc })
		else if (!KEY.test(key)) errors.push({ line: at, ...wrong("key") })
		else if (first.has(doc._id))
			errors.push({ line: at, error: "twice", id: doc._id, first: first.get(doc._id) })
		else {
			first.set(doc._id, at)
			found.push({ line: at, doc, key })
		}
	}
	return { found, errors, lines: body.length }
}

/** What the database has of them: the same is known, another one under the name is an error. */
async function compare(tx, found, kind) {
	const there = new Map()
	for (let i = 0; i < found.length; i += ASKED) {
		const ids = found.slice(i, i + ASKED).map(({ doc }) => doc._id)
		const { data } = await tx
			.collection(kind.collection)
			.where({ _id: _.in(ids) })
			.limit(ASKED)
			.get()
		for (const doc of data) there.set(doc._id, doc)
	}
	const [fresh, errors] = [[], []]
	let known = 0
	for (const { line: at, doc, key } of found) {
		const old = there.get(doc._id)
		if (!old) fresh.push({ ...doc, ...sealed(doc._id, key) })
		else if (
			kind.same.every((name) => old[name] === doc[name]) &&
			equal(digest(old.salt, old._id, key), old.proof)
		)
			known++
		else errors.push({ line: at, error: "differs", id: doc._id })
	}
	return { fresh, known, errors }
}

function sealed(id, key) {
	const salt = newSalt()
	return { salt, proof: digest(salt, id, key) }
}

async function load(text, kind, { dry, today, by, now }) {
	if (typeof text !== "string" || text.length > LONGEST) refuse("too_large", { most: LONGEST })
	const { found, errors, lines } = judge(text, kind, today)
	const told = await transaction(async (tx) => {
		const compared = await compare(tx, found, kind)
		if (!dry) {
			const { fresh } = compared
			for (let i = 0; i < fresh.length; i += ADDED)
				await tx
					.collection(kind.collection)
					.add({ data: fresh.slice(i, i + ADDED).map((doc) => ({ ...doc, imported: now })) })
			if (fresh.length > 0)
				await note(tx, kind.collection, "import", by, { lines, added: fresh.length })
		}
		return compared
	})
	const all = [...errors, ...told.errors].sort((a, b) => a.line - b.line)
	return {
		dry,
		lines,
		added: told.fresh.length,
		known: told.known,
		failed: all.length,
		errors: all.slice(0, TOLD),
	}
}

module.exports = { LINES, debts, load, notices }
