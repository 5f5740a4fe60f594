// The database() of WeChat's cloud SDKs: the chains that programs write, turned into calls of the bridge. Cloud
// functions and pages run this same file; what differs comes in by `around`.

const MARK = "__plaza"

/** A command of `db.command`: an operator with its operand, for a condition or for an update. */
class Command {
	constructor(kind, operator, operand) {
		this.kind = kind // "query", "logic" or "update"
		this.operator = operator
		this.operand = operand
	}
	and(...others) {
		return logic("$and", [this, ...others.flat()])
	}
	or(...others) {
		return logic("$or", [this, ...others.flat()])
	}
}
const logic = (operator, list) => new Command("logic", operator, list)
const query = (operator) => (operand) => new Command("query", operator, operand)
const update = (operator) => (operand) => new Command("update", operator, operand)

class ServerDate {
	constructor(offset) {
		this.offset = offset
	}
}

class Pattern {
	constructor(regexp, options) {
		this.regexp = regexp
		this.options = options
	}
}

/** A geometry, as GeoJSON has it: longitude first. */
class Shape {
	constructor(type, coordinates) {
		this.type = type
		this.coordinates = coordinates
	}
	toJSON() {
		return { type: this.type, coordinates: this.coordinates }
	}
	toString() {
		return JSON.stringify(this)
	}
	get longitude() {
		return this.coordinates[0]
	}
	get latitude() {
		return this.coordinates[1]
	}
}

const SHAPES = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]

/** `db.Geo`: each shape is made of numbers, of the shapes that it consists of, or of GeoJSON. */
function geometry() {
	const made = {}
	for (const type of SHAPES) {
		// A function, for programs write it with `new` and without.
		made[type] = (first, latitude) => {
			if (type === "Point" && typeof first === "number") return new Shape(type, [first, latitude])
			const parts = Array.isArray(first)
				? first.map((part) => part?.coordinates ?? part)
				: first?.coordinates
			if (!Array.isArray(parts)) throw new Error(`Geo.${type}:fail wrong coordinates`)
			return new Shape(type, parts)
		}
	}
	return made
}

const list = (values) => (values.length === 1 && Array.isArray(values[0]) ? values[0] : values)

let commandMade
let expressionsMade
let geometryMade

/** `db.command`, made when it is first asked for: most functions of a worker's life never do. */
function command() {
	commandMade ??= commands()
	return commandMade
}

function commands() {
	const made = {
		eq: query("$eq"),
		neq: query("$ne"),
		gt: query("$gt"),
		gte: query("$gte"),
		lt: query("$lt"),
		lte: query("$lte"),
		in: query("$in"),
		nin: query("$nin"),
		exists: query("$exists"),
		size: query("$size"),
		all: query("$all"),
		elemMatch: query("$elemMatch"),
		mod: (divisor, remainder) =>
			new Command("query", "$mod", Array.isArray(divisor) ? divisor : [divisor, remainder]),
		and: (...parts) => logic("$and", list(parts)),
		or: (...parts) => logic("$or", list(parts)),
		nor: (...parts) => logic("$nor", list(parts)),
		not: (part) => logic("$not", part),
		geoNear: query("$geoNear"),
		geoWithin: query("$geoWithin"),
		geoIntersects: query("$geoIntersects"),
		expr: (expression) => new Command("logic", "$expr", expression),
		project: { slice: (part) => ({ $slice: part }) },
		set: update("$set"),
		remove: () => new Command("update", "$unset", true),
		inc: update("$inc"),
		mul: update("$mul"),
		min: update("$min"),
		max: update("$max"),
		rename: update("$rename"),
		push: (...values) => {
			const [first] = values
			const options =
				values.length === 1 && plain(first) && Array.isArray(first.each)
					? first
					: { each: list(values) }
			return new Command("update", "$push", options)
		},
		unshift: (...values) => new Command("update", "$push", { each: list(values), position: 0 }),
		pop: () => new Command("update", "$pop", 1),
		shift: () => new Command("update", "$pop", -1),
		pull: update("$pull"),
		pullAll: update("$pullAll"),
		addToSet: (value) => {
			const each =
				plain(value) && Array.isArray(value.each)
					? value.each
					: plain(value) && Array.isArray(value.$each)
						? value.$each
						: [value]
			return new Command("update", "$addToSet", each)
		},
		get aggregate() {
			expressionsMade ??= expressions()
			return expressionsMade
		},
	}
	for (const name of [
		"eq",
		"neq",
		"gt",
		"gte",
		"lt",
		"lte",
		"in",
		"nin",
		"exists",
		"mod",
		"size",
		"all",
		"elemMatch",
		"not",
		"geoNear",
		"geoWithin",
		"geoIntersects",
	]) {
		Command.prototype[name] = function (...operands) {
			return logic("$and", [this, made[name](...operands)])
		}
	}
	return made
}

/** `db.command.aggregate`: {$name: operand}. */
function expressions() {
	const out = {
		literal: (value) => ({ $literal: value }),
		/** A lookup's own pipeline; `done` gives its stages. */
		pipeline: () => new Stages([]),
	}
	const names =
		"abs add addToSet allElementsTrue and anyElementTrue arrayElemAt arrayToObject avg ceil cmp concat concatArrays convert dateFromParts dateFromString dateToParts dateToString dayOfMonth dayOfWeek dayOfYear divide eq exp filter first floor gt gte hour ifNull in indexOfArray indexOfBytes indexOfCP isArray isoDayOfWeek isoWeek isoWeekYear last let ln log log10 lt lte ltrim map max mergeObjects millisecond min minute mod month multiply not objectToArray or pow push range reduce reverseArray round rtrim second setDifference setEquals setIntersection setIsSubset setUnion size slice split sqrt stdDevPop stdDevSamp strLenBytes strLenCP strcasecmp substr substrBytes substrCP subtract sum switch toBool toDate toDecimal toDouble toInt toLong toLower toString toUpper trim trunc type week year zip"
	for (const name of names.split(" ")) out[name] = (operand) => ({ [`$${name}`]: operand })
	out.neq = (operand) => ({ $ne: operand })
	out.cond = (operand) => ({
		$cond: Array.isArray(operand) ? operand : [operand.if, operand.then, operand.else],
	})
	return out
}

function plain(value) {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return false
	return !(
		value instanceof Date ||
		value instanceof RegExp ||
		value instanceof Command ||
		value instanceof ServerDate ||
		value instanceof Pattern ||
		value instanceof Shape
	)
}

/** A value as the bridge takes it. */
function encode(value) {
	if (value instanceof Date) return { $date: value.getTime() }
	if (value instanceof ServerDate) return { $serverDate: value.offset }
	if (value instanceof Command) throw new Error(`${value.operator} cannot stand here`)
	if (value instanceof RegExp || value instanceof Pattern)
		throw new Error("a regular expression cannot stand here")
	if (Array.isArray(value)) return value.map(encode)
	if (typeof value === "bigint") return Number(value)
	if (typeof value !== "object" || value === null) return value
	const out = {}
	for (const name of Object.keys(value)) {
		if (value[name] !== undefined && typeof value[name] !== "function")
			out[name] = encode(value[name])
	}
	return out
}

/** A value as it comes from the bridge. */
function decode(value) {
	if (Array.isArray(value)) return value.map(decode)
	if (typeof value !== "object" || value === null) return value
	const names = Object.keys(value)
	if (names.length === 1 && names[0] === "$date") return new Date(value.$date)
	if (names.length === 2 && SHAPES.includes(value.type) && Array.isArray(value.coordinates))
		return new Shape(value.type, value.coordinates)
	const out = {}
	for (const name of names) out[name] = decode(value[name])
	return out
}

function pattern(value) {
	if (value instanceof RegExp)
		return { $regex: value.source, $options: value.flags.replace(/[^ims]/g, "") }
	return {
		$regex: value.regexp instanceof RegExp ? value.regexp.source : String(value.regexp),
		$options: value.options || "",
	}
}

/** What must hold of one path. */
function condition(value) {
	if (value instanceof RegExp || value instanceof Pattern) return pattern(value)
	if (!(value instanceof Command)) return { $eq: encode(value) }
	const { kind, operator, operand } = value
	if (kind === "update") throw new Error(`${operator} is for updates`)
	if (operator === "$not") return { $not: condition(operand) }
	if (kind === "logic") return { [operator]: operand.map(condition) }
	if (operator === "$elemMatch")
		return { $elemMatch: operand instanceof Command ? condition(operand) : filter(operand) }
	return { [operator]: encode(operand) }
}

/** A condition on documents. Objects inside are paths: {a: {b: 1}} is {"a.b": 1}. */
function filter(value) {
	if (value instanceof Command) {
		if (value.operator === "$expr") return { $expr: encode(value.operand) }
		if (value.kind !== "logic" || value.operator === "$not")
			throw new Error("a condition on documents is an object, or and, or, nor of such")
		return { [value.operator]: value.operand.map(filter) }
	}
	if (!plain(value)) throw new Error("a condition is an object")
	const out = {}
	const walk = (object, before) => {
		for (const name of Object.keys(object)) {
			const member = object[name]
			if (member === undefined) continue
			if (plain(member) && Object.keys(member).length > 0) walk(member, `${before}${name}.`)
			else out[before + name] = condition(member)
		}
	}
	walk(value, "")
	return out
}

/** The operators of an update. Objects inside are paths, so that their other members stay. */
function changes(data) {
	if (!plain(data)) throw new Error("data is an object")
	const out = {}
	const put = (operator, path, operand) => {
		out[operator] = out[operator] || {}
		out[operator][path] = operand
	}
	const walk = (object, before) => {
		for (const name of Object.keys(object)) {
			const member = object[name]
			const path = before + name
			if (member === undefined) continue
			if (member instanceof Command) {
				if (member.kind !== "update") throw new Error(`${member.operator} is for conditions`)
				put(
					member.operator,
					path,
					member.operator === "$pull" ? pulled(member.operand) : encode(member.operand),
				)
			} else if (plain(member) && Object.keys(member).length > 0) walk(member, `${path}.`)
			else put("$set", path, encode(member))
		}
	}
	walk(data, "")
	return out
}

function pulled(operand) {
	if (operand instanceof Command || operand instanceof RegExp || operand instanceof Pattern)
		return condition(operand)
	return plain(operand) ? filter(operand) : encode(operand)
}

/** Stages and their operands; conditions are as everywhere. */
function stage(name, operand) {
	if (name === "match") return { $match: filter(operand) }
	if (name === "sort") return { $sort: Object.entries(operand) }
	if (name === "geoNear")
		return {
			$geoNear: { ...encode({ ...operand, query: undefined }), query: filter(operand.query || {}) },
		}
	return { [`$${name}`]: encode(operand) }
}

/** Stages as a chain collects them. */
class Stages {
	constructor(stages, collection) {
		Object.defineProperty(this, MARK, { value: { stages, collection } })
	}
	done() {
		return this[MARK].stages
	}
	sortByCount(value) {
		return this.group({ _id: value, count: { $sum: 1 } }).sort({ count: -1 })
	}
}
for (const name of [
	"match",
	"group",
	"sort",
	"skip",
	"limit",
	"project",
	"addFields",
	"unwind",
	"count",
	"lookup",
	"bucket",
	"bucketAuto",
	"sample",
	"replaceRoot",
	"geoNear",
]) {
	Stages.prototype[name] = function (operand) {
		const { stages, collection } = this[MARK]
		return new this.constructor([...stages, stage(name, operand)], collection)
	}
}

const CODES = {
	cloud_no_such_collection: -502005,
	cloud_permission_denied: -502003,
	cloud_document_exists: -502001,
	cloud_not_unique: -502001,
	cloud_bad_query: -501007,
	cloud_bad_data: -501007,
	cloud_no_such_document: -1,
}

/**
 * Makes a database.
 *
 * around.call(method, args) asks the bridge; around.server tells whether this is a cloud function; around.later runs a
 * thing after so many milliseconds, for watching.
 */
function createDatabase(around) {
	const { call, server } = around
	let notFound = true

	const ask = async (api, method, args) => {
		try {
			return await call(method, args)
		} catch (error) {
			const number = CODES[error.code] ?? -502000
			const detail = error.data?.detail ? `: ${error.data.detail}` : ""
			const made = new Error(`${api}:fail ${number} ${error.message}${detail}`)
			throw Object.assign(made, {
				errMsg: made.message,
				errCode: number,
				code: error.code,
				data: error.data,
			})
		}
	}

	/** Callbacks when there are any, a promise when there are none. */
	const finish = (api, options, promise) => {
		const named = promise.then((result) => ({ ...result, errMsg: `${api}:ok` }))
		const { success, fail, complete } = options || {}
		if (!success && !fail && !complete) return named
		named.then(
			(result) => {
				success?.(result)
				complete?.(result)
			},
			(error) => {
				fail?.(error)
				complete?.(error)
			},
		)
		return undefined
	}

	class Query {
		constructor(collection, parts) {
			this.collectionName = collection
			Object.defineProperty(this, MARK, { value: parts })
		}
		with(more) {
			return new Query(this.collectionName, { ...this[MARK], ...more })
		}
		where(condition) {
			return this.with({ where: filter(condition) })
		}
		orderBy(path, direction) {
			return this.with({ order: [...(this[MARK].order || []), [path, direction]] })
		}
		limit(count) {
			return this.with({ limit: count })
		}
		skip(count) {
			return this.with({ skip: count })
		}
		field(fields) {
			return this.with({ field: encode(fields) })
		}
		get(options) {
			const asked = ask("collection.get", "clouddb.get", {
				collection: this.collectionName,
				...this[MARK],
			})
			return finish(
				"collection.get",
				options,
				asked.then(({ data }) => ({ data: decode(data) })),
			)
		}
		count(options) {
			const { where } = this[MARK]
			return finish(
				"collection.count",
				options,
				ask("collection.count", "clouddb.count", { collection: this.collectionName, where }),
			)
		}
		update(options) {
			const { where } = this[MARK]
			const args = () => ({
				collection: this.collectionName,
				where: where || {},
				data: changes(options.data),
			})
			return finish(
				"collection.update",
				options,
				later(args).then((ready) => ask("collection.update", "clouddb.update", ready)),
			)
		}
		remove(options) {
			const { where } = this[MARK]
			return finish(
				"collection.remove",
				options,
				ask("collection.remove", "clouddb.remove", {
					collection: this.collectionName,
					where: where || {},
				}),
			)
		}
		watch(options) {
			return watch(around, { collection: this.collectionName, ...this[MARK] }, options)
		}
	}

	class Collection extends Query {
		doc(id) {
			return new Doc(this.collectionName, id)
		}
		add(options) {
			const args = () => ({ collection: this.collectionName, data: encode(options.data) })
			return finish(
				"collection.add",
				options,
				later(args).then((ready) => ask("collection.add", "clouddb.add", ready)),
			)
		}
		aggregate() {
			return pipelineOf(this.collectionName)
		}
	}

	class Doc {
		constructor(collection, id, field) {
			this._id = id
			Object.defineProperty(this, MARK, { value: { collection, id, field } })
		}
		field(fields) {
			return new Doc(this[MARK].collection, this._id, encode(fields))
		}
		get(options) {
			const asked = ask("document.get", "clouddb.get", this[MARK]).catch((error) => {
				if (error.code === "cloud_no_such_document" && !notFound) return { data: null }
				throw error
			})
			return finish(
				"document.get",
				options,
				asked.then(({ data }) => ({ data: decode(data) })),
			)
		}
		set(options) {
			const args = () => ({ ...this[MARK], data: encode(options.data) })
			return finish(
				"document.set",
				options,
				later(args).then((ready) => ask("document.set", "clouddb.set", ready)),
			)
		}
		update(options) {
			const args = () => ({ ...this[MARK], data: changes(options.data) })
			return finish(
				"document.update",
				options,
				later(args).then((ready) => ask("document.update", "clouddb.update", ready)),
			)
		}
		remove(options) {
			return finish(
				"document.remove",
				options,
				ask("document.remove", "clouddb.remove", this[MARK]),
			)
		}
		delete(options) {
			return this.remove(options)
		}
		watch(options) {
			return watch(around, this[MARK], options)
		}
	}

	let aggregateMade
	const pipelineOf = (collection) => {
		aggregateMade ??= aggregation()
		return new aggregateMade([], collection)
	}
	const aggregation = () =>
		class Aggregate extends Stages {
			end(options) {
				const { stages, collection } = this[MARK]
				const asked = ask("collection.aggregate", "clouddb.aggregate", { collection, stages })
				return finish(
					"collection.aggregate",
					options,
					asked.then((answer) => ({ list: decode(answer.list) })),
				)
			}
		}

	const collection = (name) => new Collection(String(name), {})
	const transaction = (act) => ask(`transaction.${act}`, "clouddb.transaction", { act })

	const startTransaction = async () => {
		await transaction("begin")
		return {
			collection,
			commit: () => transaction("commit"),
			rollback: async () => {
				await transaction("rollback")
			},
		}
	}

	/** Runs and commits; what it throws undoes everything. */
	const runTransaction = async (run) => {
		const opened = await startTransaction()
		let over = false
		const inside = {
			...opened,
			rollback: async (reason) => {
				over = true
				await opened.rollback()
				throw reason
			},
		}
		let result
		try {
			result = await run(inside)
		} catch (error) {
			if (!over) await opened.rollback()
			throw error
		}
		await opened.commit()
		return result
	}

	const database = (options) => {
		if (options?.throwOnNotFound !== undefined) notFound = options.throwOnNotFound
		return made
	}
	const made = {
		get command() {
			return command()
		},
		collection,
		serverDate: (options) => new ServerDate(options?.offset || 0),
		RegExp: ({ regexp, options }) => new Pattern(regexp, options),
		get Geo() {
			geometryMade ??= geometry()
			return geometryMade
		},
	}
	if (server) {
		Object.assign(made, {
			startTransaction,
			runTransaction,
			createCollection: (name) =>
				finish(
					"createCollection",
					null,
					ask("createCollection", "clouddb.collection", { name: String(name) }),
				),
		})
	}
	return database
}

/** Arguments that may throw while they are made belong into the promise. */
async function later(make) {
	return make()
}

// Without TLS a browser opens six connections to a server, and a poll that waits holds one. Those beyond ask now and then.
const LONG_POLLS = 3
let polls = 0

/** Follows a query: the bridge answers when its documents have changed, and the differences are told. */
function watch(around, args, { onChange, onError }) {
	if (around.server) throw new Error("watch:fail not supported in cloud functions")
	let closed = false
	let seen = ""
	let docs = []
	let id = 0
	let failures = 0

	const failed = (error) => {
		failures++
		if (failures <= 5 && passing(error)) {
			around.later(round, Math.min(30_000, 500 * 2 ** failures))
			return
		}
		closed = true
		onError?.(Object.assign(error, { errMsg: error.errMsg || `watch:fail ${error.message}` }))
	}

	const round = async () => {
		if (closed) return
		const first = seen === ""
		const wait = first || polls >= LONG_POLLS ? 0 : 20
		if (wait > 0) polls++
		let answer
		try {
			answer = await around.call("clouddb.watch", { ...args, seen, wait })
		} catch (error) {
			if (!closed) failed(error)
			return
		} finally {
			if (wait > 0) polls--
		}
		if (closed) return
		failures = 0
		// A busy collection must not use up the calls that the program has in a minute.
		const pause = answer.docs ? 500 : 250
		around.later(round, first ? 0 : wait === 0 ? 3000 : pause)
		if (!answer.docs && !first) return
		const before = docs
		docs = decode(answer.docs ?? [])
		seen = answer.seen
		if (first) {
			const docChanges = docs.map((doc) => change(id, "init", "init", doc))
			onChange?.({ id, docChanges, docs, type: "init" })
			return
		}
		const docChanges = differences(before, docs, id + 1)
		if (docChanges.length > 0) onChange?.({ id: ++id, docChanges, docs })
	}
	around.later(round, 0)
	return {
		close: async () => {
			closed = true
		},
	}
}

/** Whether asking again later may help. */
function passing(error) {
	return (
		!error.code ||
		["quota_exceeded", "too_many_calls", "cloud_too_slow", "cloud_too_many"].includes(error.code)
	)
}

const change = (id, queueType, dataType, doc) => ({ id, queueType, dataType, docId: doc._id, doc })

/** What happened between two states, in WeChat's words. */
function differences(before, now, id) {
	const old = new Map(before.map((doc) => [doc._id, doc]))
	const out = []
	for (const doc of now) {
		const was = old.get(doc._id)
		old.delete(doc._id)
		if (!was) out.push(change(id, "enqueue", "add", doc))
		else if (!alike(was, doc))
			out.push({ ...change(id, "update", "update", doc), ...fields(was, doc) })
	}
	for (const doc of old.values()) out.push(change(id, "dequeue", "remove", doc))
	return out
}

function fields(was, doc) {
	const updatedFields = {}
	for (const name of Object.keys(doc))
		if (!alike(was[name], doc[name])) updatedFields[name] = doc[name]
	return { updatedFields, removedFields: Object.keys(was).filter((name) => !(name in doc)) }
}

const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b)

export { createDatabase }
