// Node's util: showing values, and promises of old functions.

const CUSTOM = Symbol.for("nodejs.util.inspect.custom")
const PROMISIFIED = Symbol.for("nodejs.util.promisify.custom")
const MAX_ITEMS = 100

function createUtil({ bytes }) {
	const { Buffer, TextEncoder, TextDecoder } = bytes()
	const quote = (text) =>
		`'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
	const key = (name) =>
		typeof name === "symbol"
			? `[${String(name)}]`
			: /^[A-Za-z_$][\w$]*$/.test(name)
				? name
				: quote(name)

	function inspect(value, options = {}) {
		const depth = options?.depth === null ? Infinity : (options?.depth ?? 2)
		return show(value, depth, new Set())
	}

	function show(value, depth, above) {
		if (typeof value === "string") return quote(value)
		if (typeof value === "bigint") return `${value}n`
		if (Object.is(value, -0)) return "-0"
		if (typeof value === "function") {
			const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function"
			return value.name
				? `[${kind}${kind === "class" ? " " : ": "}${value.name}]`
				: `[${kind} (anonymous)]`
		}
		if (typeof value !== "object" || value === null) return String(value)
		if (above.has(value)) return "[Circular *1]"
		try {
			if (typeof value[CUSTOM] === "function") {
				const out = value[CUSTOM](depth, {}, inspect)
				return typeof out === "string" ? out : show(out, depth, above)
			}
			return object(value, depth, new Set(above).add(value))
		} catch {
			return "[object that cannot be shown]"
		}
	}

	function object(value, depth, above) {
		if (value instanceof Date)
			return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString()
		if (value instanceof RegExp) return String(value)
		if (value instanceof Promise) return "Promise {}"
		if (Buffer.isBuffer(value)) {
			const hex = value.toString("hex", 0, 50).replace(/(..)(?=.)/g, "$1 ")
			return `<Buffer${hex && " "}${hex}${value.length > 50 ? ` ... ${value.length - 50} more bytes` : ""}>`
		}
		const name =
			Object.getPrototypeOf(value) === null ? "[Object: null prototype]" : value.constructor?.name
		const prefix = !name || name === "Object" || name === "Array" ? "" : `${name} `
		if (value instanceof Error) {
			const own = members(value, depth, above, new Set(["stack", "message", "toString"]))
			const text =
				typeof value.stack === "string" && value.stack
					? value.stack.trimEnd()
					: `${value.name}: ${value.message}`
			return own.length ? `${text} { ${own.join(", ")} }` : text
		}
		if (depth < 0) return Array.isArray(value) ? "[Array]" : `[${name || "Object"}]`
		if (Array.isArray(value) || ArrayBuffer.isView(value)) {
			const items = Array.from(Array.prototype.slice.call(value, 0, MAX_ITEMS), (item) =>
				show(item, depth - 1, above),
			)
			return around(
				ArrayBuffer.isView(value) ? `${name}(${value.length}) ` : prefix,
				"[",
				more(items, value.length),
				"]",
			)
		}
		if (value instanceof Map)
			return around(
				`Map(${value.size}) `,
				"{",
				more(
					[...value]
						.slice(0, MAX_ITEMS)
						.map(([k, v]) => `${show(k, depth - 1, above)} => ${show(v, depth - 1, above)}`),
					value.size,
				),
				"}",
			)
		if (value instanceof Set)
			return around(
				`Set(${value.size}) `,
				"{",
				more(
					[...value].slice(0, MAX_ITEMS).map((v) => show(v, depth - 1, above)),
					value.size,
				),
				"}",
			)
		return around(prefix, "{", members(value, depth, above, new Set()), "}")
	}

	function members(value, depth, above, without) {
		const all = [
			...Object.keys(value),
			...Object.getOwnPropertySymbols(value).filter((name) =>
				Object.prototype.propertyIsEnumerable.call(value, name),
			),
		].filter((name) => !without.has(name))
		const out = all.slice(0, MAX_ITEMS).map((name) => {
			const { get, set, value: held } = Object.getOwnPropertyDescriptor(value, name) ?? {}
			return `${key(name)}: ${get ? (set ? "[Getter/Setter]" : "[Getter]") : set ? "[Setter]" : show(held, depth - 1, above)}`
		})
		return more(out, all.length)
	}

	const more = (items, total) =>
		total > items.length ? [...items, `... ${total - items.length} more items`] : items

	function around(prefix, open, items, close) {
		if (!items.length) return `${prefix}${open}${close}`
		const line = items.join(", ")
		if (line.length <= 72 && !line.includes("\n")) {
			return `${prefix}${open} ${line} ${close}`
		}
		return `${prefix}${open}\n  ${items.join(",\n").replaceAll("\n", "\n  ")}\n${close}`
	}

	function format(first, ...rest) {
		if (typeof first !== "string")
			return [first, ...rest].map((one) => (typeof one === "string" ? one : inspect(one))).join(" ")
		const text = first.replace(/%[sdifjoOc%]/g, (mark) => {
			if (mark === "%%") return "%"
			if (!rest.length) return mark
			const value = rest.shift()
			switch (mark[1]) {
				case "s":
					return typeof value === "object" && value !== null
						? inspect(value, { depth: 0 })
						: String(value)
				case "d":
					return String(typeof value === "bigint" ? `${value}n` : Number(value))
				case "i":
					return String(Number.parseInt(value, 10))
				case "f":
					return String(Number.parseFloat(value))
				case "j":
					try {
						return JSON.stringify(value)
					} catch {
						return "[Circular]"
					}
				case "c":
					return ""
				default:
					return inspect(value, { depth: 4 })
			}
		})
		return [text, ...rest.map((one) => (typeof one === "string" ? one : inspect(one)))].join(" ")
	}

	function promisify(original) {
		if (typeof original !== "function")
			throw new TypeError('The "original" argument must be a function')
		if (original[PROMISIFIED]) return original[PROMISIFIED]
		return function (...args) {
			return new Promise((resolve, reject) => {
				original.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)))
			})
		}
	}
	promisify.custom = PROMISIFIED
	inspect.custom = CUSTOM

	function isDeepStrictEqual(a, b, seen = new Map()) {
		if (Object.is(a, b)) return true
		if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false
		if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
		if (seen.get(a) === b) return true
		seen.set(a, b)
		if (a instanceof Date) return Object.is(a.getTime(), b.getTime())
		if (a instanceof RegExp) return String(a) === String(b)
		if (a instanceof Map || a instanceof Set)
			return a.size === b.size && isDeepStrictEqual([...a], [...b], seen)
		const names = Object.keys(a)
		return (
			names.length === Object.keys(b).length &&
			names.every((name) => Object.hasOwn(b, name) && isDeepStrictEqual(a[name], b[name], seen))
		)
	}

	const is = (type) => (value) => value instanceof type
	return {
		inspect,
		format,
		promisify,
		isDeepStrictEqual,
		callbackify:
			(run) =>
			(...args) => {
				const done = args.pop()
				run(...args).then(
					(value) => done(null, value),
					(error) => done(error ?? new Error("rejected")),
				)
			},
		deprecate: (run) => run,
		debuglog: () => () => {},
		inherits: (child, parent) => {
			Object.setPrototypeOf(child.prototype, parent.prototype)
			child.super_ = parent
		},
		isArray: Array.isArray,
		types: {
			isDate: is(Date),
			isRegExp: is(RegExp),
			isMap: is(Map),
			isSet: is(Set),
			isPromise: is(Promise),
			isNativeError: is(Error),
			isUint8Array: is(Uint8Array),
			isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
			isAnyArrayBuffer: is(ArrayBuffer),
			isArrayBuffer: is(ArrayBuffer),
		},
		TextEncoder,
		TextDecoder,
	}
}

export { createUtil }
