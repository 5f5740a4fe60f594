// The modules of Node that code for WeChat's cloud requires most, without a file system and without a network.

function createNode({ bytes, urls, util, timers, log }) {
	const modules = {
		path: createPath,
		querystring: createQuerystring,
		events: createEvents,
		util,
		url: () => createURL(urls(), createQuerystring()),
		buffer: () => ({
			Buffer: bytes().Buffer,
			kMaxLength: 2 ** 27,
			constants: { MAX_LENGTH: 2 ** 27 },
		}),
		string_decoder: () => createStringDecoder(bytes()),
		assert: () => createAssert(util()),
		process: () => createProcess(timers, log),
		timers: () => timers,
		stream: () => createStream(load("events")),
	}
	const made = {}
	/** One module for each name, as Node has it. */
	function load(name) {
		made[name] ??= Object.hasOwn(modules, name) ? modules[name]() : createRefusing(name)
		return made[name]
	}
	return load
}

/** What a function has instead of the modules that reach its machine or the network. */
const instead = {
	fs: "keep files with cloud.uploadFile and cloud.downloadFile",
	http: "use fetch(url, options)",
	https: "use fetch(url, options)",
	http2: "use fetch(url, options)",
	net: "use fetch(url, options)",
	os: "a function has nothing of its machine",
	tls: "use fetch(url, options)",
	tty: "a function has no terminal",
	zlib: "packed data cannot be read",
}

/**
 * They load, so that packages do which only might use them; whoever asks one for something hears what there is instead.
 */
function createRefusing(name) {
	class Agent {}
	const own = {
		isatty: () => false,
		Agent,
		globalAgent: new Agent(),
		METHODS: ["GET", "POST"],
		STATUS_CODES: {},
		constants: {},
	}
	return new Proxy(own, {
		get: (own, what) => {
			if (
				typeof what !== "string" ||
				what in own ||
				["then", "default", "__esModule"].includes(what)
			)
				return own[what]
			return function refused() {
				throw Object.assign(
					new Error(`${name}.${what} is not there in a cloud function: ${instead[name]}`),
					{ code: "ERR_NOT_IN_FUNCTIONS" },
				)
			}
		},
	})
}

/** Enough of streams for packages that inherit from one and are used without it. */
function createStream(EventEmitter) {
	function Stream() {
		EventEmitter.call(this)
	}
	Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype)
	for (const name of ["pipe", "read", "write", "end", "push"])
		Stream.prototype[name] = () => {
			throw Object.assign(new Error(`stream.${name} is not there in a cloud function`), {
				code: "ERR_NOT_IN_FUNCTIONS",
			})
		}
	for (const name of ["Readable", "Writable", "Duplex", "Transform", "PassThrough"]) {
		const kind = function (...args) {
			Stream.apply(this, args)
		}
		Object.setPrototypeOf(kind.prototype, Stream.prototype)
		Stream[name] = kind
	}
	Stream.Stream = Stream
	return Stream
}

/** What packages look at to find out where they run. */
function createProcess({ queueMicrotask }, log) {
	const nothing = () => process
	const process = {
		env: { NODE_ENV: "production" },
		argv: [],
		execArgv: [],
		version: "v20.0.0",
		versions: { node: "20.0.0" },
		platform: "linux",
		arch: "x64",
		pid: 1,
		title: "plaza",
		cwd: () => "/",
		nextTick: (run, ...args) => queueMicrotask(() => run(...args)),
		hrtime: Object.assign(() => [Math.floor(Date.now() / 1000), (Date.now() % 1000) * 1e6], {
			bigint: () => BigInt(Date.now()) * 1000000n,
		}),
		uptime: () => 0,
		memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
		emitWarning: log,
		stdout: { isTTY: false, write: log },
		stderr: { isTTY: false, write: log },
	}
	for (const name of ["on", "once", "off", "addListener", "removeListener", "removeAllListeners"])
		process[name] = nothing
	return process
}

function createPath() {
	const clean = (path) => {
		const absolute = path.startsWith("/")
		const out = []
		for (const part of path.split("/")) {
			if (part === "" || part === ".") continue
			if (part !== "..") out.push(part)
			else if (out.length && out.at(-1) !== "..") out.pop()
			else if (!absolute) out.push("..")
		}
		const joined = out.join("/")
		const tail = joined && path.endsWith("/") ? "/" : ""
		return (absolute ? "/" : "") + joined + tail || (absolute ? "/" : ".")
	}
	const resolve = (...parts) => {
		let out = ""
		for (const part of parts.reverse()) {
			if (out.startsWith("/")) break
			if (part) out = out ? `${part}/${out}` : part
		}
		const full = clean(out.startsWith("/") ? out : `/${out}`)
		return full.length > 1 && full.endsWith("/") ? full.slice(0, -1) : full
	}
	const basename = (path, suffix = "") => {
		const base = path.replace(/\/+$/, "").split("/").at(-1)
		return suffix && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base
	}
	const dirname = (path) => {
		const stem = path.replace(/\/+$/, "")
		const at = stem.lastIndexOf("/")
		if (at < 0) return path.startsWith("/") ? "/" : "."
		return stem.slice(0, at).replace(/\/+$/, "") || "/"
	}
	const extname = (path) => {
		const base = basename(path)
		const at = base.lastIndexOf(".")
		return at > 0 ? base.slice(at) : ""
	}
	const path = {
		sep: "/",
		delimiter: ":",
		resolve,
		basename,
		dirname,
		extname,
		normalize: (name) => clean(name),
		join: (...parts) => clean(parts.filter((part) => part !== "").join("/") || "."),
		isAbsolute: (name) => name.startsWith("/"),
		relative: (from, to) => {
			const [a, b] = [resolve(from), resolve(to)].map((name) => name.split("/").filter(Boolean))
			let same = 0
			while (same < a.length && same < b.length && a[same] === b[same]) same++
			return [...a.slice(same).map(() => ".."), ...b.slice(same)].join("/")
		},
		parse: (name) => {
			const [base, ext] = [basename(name), extname(name)]
			const root = name.startsWith("/") ? "/" : ""
			const dir = name.includes("/") ? dirname(name) : ""
			return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base }
		},
		format: ({ dir, root = "", base, name = "", ext = "" }) => {
			const file = base ?? name + ext
			return dir ? (dir === root ? dir + file : `${dir}/${file}`) : root + file
		},
	}
	path.posix = path
	return path
}

function createQuerystring() {
	const escaped = (text) =>
		encodeURIComponent(text).replace(/%(27|28|29)/g, (_, hex) =>
			String.fromCharCode(Number.parseInt(hex, 16)),
		)
	const unescaped = (text) => {
		try {
			return decodeURIComponent(text)
		} catch {
			return text
		}
	}
	const show = (value) =>
		["string", "number", "boolean", "bigint"].includes(typeof value) ? String(value) : ""
	const stringify = (object, separator = "&", equals = "=") =>
		Object.keys(object ?? {})
			.flatMap((name) => {
				const values = Array.isArray(object[name]) ? object[name] : [object[name]]
				return values.map((value) => escaped(name) + equals + escaped(show(value)))
			})
			.join(separator)
	const parse = (text, separator = "&", equals = "=", { maxKeys = 1000 } = {}) => {
		const out = Object.create(null)
		let parts = String(text ?? "").split(separator)
		if (maxKeys > 0) parts = parts.slice(0, maxKeys)
		for (const part of parts) {
			if (!part) continue
			const at = part.indexOf(equals)
			const [name, value] = (
				at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + equals.length)]
			).map((side) => unescaped(side.replaceAll("+", " ")))
			if (!(name in out)) out[name] = value
			else if (Array.isArray(out[name])) out[name].push(value)
			else out[name] = [out[name], value]
		}
		return out
	}
	return {
		escape: escaped,
		unescape: unescaped,
		stringify,
		parse,
		encode: stringify,
		decode: parse,
	}
}

function createEvents() {
	/** A constructor that works with new, as a parent, and by EventEmitter.call(this), as old code does. */
	function EventEmitter() {
		if (!Object.hasOwn(this, "_events")) this._events = new Map()
	}
	const of = (self) => {
		if (!Object.hasOwn(self, "_events")) self._events = new Map()
		return self._events
	}
	const add = (self, name, listener, first) => {
		if (typeof listener !== "function")
			throw new TypeError('The "listener" argument must be a function')
		if (of(self).has("newListener")) self.emit("newListener", name, listener.listener ?? listener)
		const before = of(self).get(name) ?? []
		of(self).set(name, first ? [listener, ...before] : [...before, listener])
		return self
	}
	const once = (self, name, listener) => {
		const wrapped = (...args) => {
			self.removeListener(name, wrapped)
			return listener.apply(self, args)
		}
		wrapped.listener = listener
		return wrapped
	}
	const methods = {
		on(name, listener) {
			return add(this, name, listener, false)
		},
		prependListener(name, listener) {
			return add(this, name, listener, true)
		},
		once(name, listener) {
			return add(this, name, once(this, name, listener), false)
		},
		prependOnceListener(name, listener) {
			return add(this, name, once(this, name, listener), true)
		},
		removeListener(name, listener) {
			const before = of(this).get(name) ?? []
			const at = before.findLastIndex((one) => one === listener || one.listener === listener)
			if (at < 0) return this
			if (before.length === 1) of(this).delete(name)
			else of(this).set(name, before.toSpliced(at, 1))
			if (of(this).has("removeListener")) this.emit("removeListener", name, listener)
			return this
		},
		removeAllListeners(name) {
			if (name === undefined) of(this).clear()
			else of(this).delete(name)
			return this
		},
		emit(name, ...args) {
			const listeners = of(this).get(name)
			if (!listeners) {
				if (name !== "error") return false
				throw args[0] instanceof Error
					? args[0]
					: new Error(`Unhandled error. (${String(args[0])})`)
			}
			for (const listener of listeners) listener.apply(this, args)
			return true
		},
		listeners(name) {
			return (of(this).get(name) ?? []).map((one) => one.listener ?? one)
		},
		rawListeners(name) {
			return [...(of(this).get(name) ?? [])]
		},
		listenerCount(name) {
			return of(this).get(name)?.length ?? 0
		},
		eventNames() {
			return [...of(this).keys()]
		},
		setMaxListeners() {
			return this
		},
		getMaxListeners() {
			return 10
		},
	}
	for (const name of Object.keys(methods))
		Object.defineProperty(EventEmitter.prototype, name, {
			value: methods[name],
			writable: true,
			configurable: true,
		})
	EventEmitter.prototype.addListener = EventEmitter.prototype.on
	EventEmitter.prototype.off = EventEmitter.prototype.removeListener
	EventEmitter.EventEmitter = EventEmitter
	EventEmitter.defaultMaxListeners = 10
	EventEmitter.once = (emitter, name) =>
		new Promise((resolve, reject) => {
			const failed = (error) => {
				emitter.removeListener(name, done)
				reject(error)
			}
			const done = (...args) => {
				emitter.removeListener("error", failed)
				resolve(args)
			}
			emitter.once(name, done)
			if (name !== "error") emitter.once("error", failed)
		})
	return EventEmitter
}

/** The old url.parse beside URL. */
function createURL({ URL, URLSearchParams }, querystring) {
	const parse = (text, parseQuery = false) => {
		const [, protocol = null, slashes, authority, pathname = "", search = "", hash = null] =
			/^([a-z][a-z\d+.-]*:)?(\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(String(text).trim()) ??
			[]
		const [, auth = null, host = null] = /^(?:(.*)@)?(.*)$/.exec(authority ?? "") ?? []
		const [, hostname = null, port = null] =
			/^(.*?)(?::(\d*))?$/.exec((host ?? "").toLowerCase()) ?? []
		const query = search ? search.slice(1) : null
		const out = {
			protocol: protocol?.toLowerCase() ?? null,
			slashes: slashes ? true : null,
			auth: auth && decodeURIComponent(auth),
			host: host || null,
			port: port || null,
			hostname: hostname || null,
			hash,
			search: search || (parseQuery ? "" : null),
			query: parseQuery ? querystring.parse(query ?? "") : query,
			pathname: pathname || (slashes ? "/" : null),
		}
		out.path = (out.pathname ?? "") + (out.search ?? "") || null
		out.href = format(out)
		return out
	}
	const format = (address) => {
		if (typeof address === "string") return address
		if (address instanceof URL) return address.href
		const protocol = address.protocol ? address.protocol.replace(/:?$/, ":") : ""
		const host =
			address.host ??
			(address.hostname ? address.hostname + (address.port ? `:${address.port}` : "") : "")
		const auth = address.auth ? `${encodeURIComponent(address.auth).replace("%3A", ":")}@` : ""
		const asked =
			address.query && typeof address.query === "object" ? querystring.stringify(address.query) : ""
		const search = address.search ?? (asked && `?${asked}`)
		const slashes = address.slashes || (host && /^(https?|ftp|wss?):$/.test(protocol)) ? "//" : ""
		return `${protocol}${slashes}${host ? auth + host : ""}${address.pathname ?? ""}${search ?? ""}${address.hash ?? ""}`
	}
	const resolve = (from, to) => {
		const base = new URL(from, "resolve://")
		const out = new URL(to, base)
		return out.protocol === "resolve:" ? out.pathname + out.search + out.hash : out.href
	}
	return { URL, URLSearchParams, parse, format, resolve }
}

function createStringDecoder({ Buffer, TextDecoder, encodingOf }) {
	class StringDecoder {
		constructor(encoding) {
			this.encoding = encodingOf(encoding)
			if (this.encoding === "utf8") this.decoder = new TextDecoder("utf-8", { ignoreBOM: true })
		}
		write(part) {
			return this.decoder
				? this.decoder.decode(part, { stream: true })
				: Buffer.from(part).toString(this.encoding)
		}
		end(part) {
			const text = part === undefined ? "" : this.write(part)
			return text + (this.decoder ? this.decoder.decode() : "")
		}
	}
	return { StringDecoder }
}

function createAssert({ inspect, isDeepStrictEqual }) {
	class AssertionError extends Error {
		constructor({ message, actual, expected, operator }) {
			super(message ?? `${inspect(actual)} ${operator} ${inspect(expected)}`)
			Object.assign(this, {
				name: "AssertionError",
				code: "ERR_ASSERTION",
				actual,
				expected,
				operator,
			})
		}
	}
	const claim = (holds, message, actual, expected, operator) => {
		if (holds) return
		throw message instanceof Error
			? message
			: new AssertionError({ message, actual, expected, operator })
	}
	const assert = (value, message) => claim(value, message, value, true, "==")
	return Object.assign(assert, {
		AssertionError,
		ok: assert,
		// biome-ignore lint/suspicious/noDoubleEquals: what Node's equal is
		equal: (a, b, message) => claim(a == b, message, a, b, "=="),
		// biome-ignore lint/suspicious/noDoubleEquals: what Node's notEqual is
		notEqual: (a, b, message) => claim(a != b, message, a, b, "!="),
		strictEqual: (a, b, message) => claim(Object.is(a, b), message, a, b, "strictEqual"),
		notStrictEqual: (a, b, message) => claim(!Object.is(a, b), message, a, b, "notStrictEqual"),
		deepEqual: (a, b, message) => claim(isDeepStrictEqual(a, b), message, a, b, "deepEqual"),
		deepStrictEqual: (a, b, message) =>
			claim(isDeepStrictEqual(a, b), message, a, b, "deepStrictEqual"),
		fail: (message = "Failed") => claim(false, message),
		throws: (run, message) => {
			try {
				run()
			} catch {
				return
			}
			claim(false, typeof message === "string" ? message : "Missing expected exception.")
		},
	})
}

export { createNode }
