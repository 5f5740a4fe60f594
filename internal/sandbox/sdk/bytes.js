// What Node's Buffer has beyond the library's, and the web's words for bytes. The worker gives the library's Buffer,
// and encode and decode, which turn a string into bytes and back in one of Node's encodings.

function define(object, members) {
	for (const name of Object.keys(members)) {
		Object.defineProperty(object, name, {
			value: members[name],
			writable: true,
			configurable: true,
			enumerable: false,
		})
	}
}

const encodings = {
	utf8: "utf8",
	"utf-8": "utf8",
	hex: "hex",
	base64: "base64",
	base64url: "base64url",
	latin1: "latin1",
	binary: "latin1",
	ascii: "ascii",
	utf16le: "utf16le",
	"utf-16le": "utf16le",
	ucs2: "utf16le",
	"ucs-2": "utf16le",
}

function encodingOf(asked) {
	const name = encodings[String(asked ?? "utf8").toLowerCase()]
	if (!name)
		throw Object.assign(new TypeError(`Unknown encoding: ${asked}`), {
			code: "ERR_UNKNOWN_ENCODING",
		})
	return name
}

function createBytes({ Buffer, encode, decode }) {
	const from = Buffer.from.bind(Buffer)
	const view = (value) =>
		ArrayBuffer.isView(value)
			? from(value.buffer, value.byteOffset, value.byteLength)
			: value instanceof ArrayBuffer
				? from(value)
				: undefined
	/** The bytes of a string or of anything that views bytes. */
	const bytesOf = (value, encoding) =>
		typeof value === "string" ? from(encode(value, encodingOf(encoding))) : view(value)

	const compare = (a, b) => {
		const length = Math.min(a.length, b.length)
		for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1
		return Math.sign(a.length - b.length)
	}

	define(Buffer, {
		from(value, encoding, length) {
			if (typeof value === "string") return from(encode(value, encodingOf(encoding)))
			if (value?.type === "Buffer" && Array.isArray(value.data)) return from(value.data)
			return encoding === undefined ? from(value) : from(value, encoding, length)
		},
		allocUnsafe: (size) => Buffer.alloc(size),
		allocUnsafeSlow: (size) => Buffer.alloc(size),
		isBuffer: (value) => value instanceof Buffer,
		isEncoding: (name) => Object.hasOwn(encodings, String(name).toLowerCase()),
		byteLength: (value, encoding) => bytesOf(value, encoding).length,
		compare,
	})

	const find = (self, value, start, encoding, last) => {
		if (typeof value === "number")
			return last
				? Uint8Array.prototype.lastIndexOf.call(self, value & 255, start ?? self.length)
				: Uint8Array.prototype.indexOf.call(self, value & 255, start ?? 0)
		const wanted = bytesOf(value, typeof start === "string" ? start : encoding)
		const end = self.length - wanted.length
		let at = typeof start === "number" ? (start < 0 ? self.length + start : start) : last ? end : 0
		at = last ? Math.min(at, end) : Math.max(at, 0)
		for (; last ? at >= 0 : at <= end; at += last ? -1 : 1) {
			let i = 0
			while (i < wanted.length && self[at + i] === wanted[i]) i++
			if (i === wanted.length) return at
		}
		return -1
	}

	const subarray = (self, start = 0, end = self.length) => {
		const place = (at) =>
			Math.min(
				Math.max(at < 0 ? self.length + Math.trunc(at) : Math.trunc(at) || 0, 0),
				self.length,
			)
		const first = place(start)
		const size = Math.max(place(end) - first, 0)
		return size ? from(self.buffer, self.byteOffset + first, size) : Buffer.alloc(0)
	}

	const fill = Buffer.prototype.fill
	const swap = (self, size) => {
		if (self.length % size)
			throw new RangeError(`Buffer size must be a multiple of ${size * 8}-bits`)
		for (let i = 0; i < self.length; i += size)
			Uint8Array.prototype.reverse.call(subarray(self, i, i + size))
		return self
	}

	define(Buffer.prototype, {
		toString(encoding, start = 0, end = this.length) {
			return decode(subarray(this, start, end), encodingOf(encoding))
		},
		toLocaleString(encoding) {
			return this.toString(encoding)
		},
		toJSON() {
			return { type: "Buffer", data: Array.from(this) }
		},
		equals(other) {
			return compare(this, other) === 0
		},
		compare(other, start, end, ownStart, ownEnd) {
			return compare(subarray(this, ownStart, ownEnd), subarray(view(other), start, end))
		},
		copy(target, at = 0, start = 0, end = this.length) {
			const part = subarray(this, start, Math.min(end, start + target.length - at))
			target.set(part, at)
			return part.length
		},
		slice(start, end) {
			return subarray(this, start, end)
		},
		subarray(start, end) {
			return subarray(this, start, end)
		},
		indexOf(value, start, encoding) {
			return find(this, value, start, encoding, false)
		},
		lastIndexOf(value, start, encoding) {
			return find(this, value, start, encoding, true)
		},
		includes(value, start, encoding) {
			return find(this, value, start, encoding, false) >= 0
		},
		fill(value, start, end, encoding) {
			if (typeof value === "number") return fill.call(this, value & 255, start, end)
			const text = typeof start === "string" ? start : encoding
			const pattern = bytesOf(value, text)
			const part = typeof start === "number" ? subarray(this, start, end) : this
			for (let i = 0; i < part.length; i++)
				part[i] = pattern.length ? pattern[i % pattern.length] : 0
			return this
		},
		write(text, ...rest) {
			const encoding = typeof rest.at(-1) === "string" ? rest.pop() : "utf8"
			const [at = 0, length = this.length - at] = rest
			const part = subarray(bytesOf(text, encoding), 0, Math.min(length, this.length - at))
			this.set(part, at)
			return part.length
		},
		swap16() {
			return swap(this, 2)
		},
		swap32() {
			return swap(this, 4)
		},
		swap64() {
			return swap(this, 8)
		},
	})

	class TextEncoder {
		get encoding() {
			return "utf-8"
		}
		encode(text = "") {
			return new Uint8Array(encode(String(text), "utf8"))
		}
		encodeInto(text, target) {
			let written = 0
			let read = 0
			for (const letter of String(text)) {
				const bytes = new Uint8Array(encode(letter, "utf8"))
				if (written + bytes.length > target.length) break
				target.set(bytes, written)
				written += bytes.length
				read += letter.length
			}
			return { read, written }
		}
	}

	const labels = {
		"utf-8": "utf8",
		utf8: "utf8",
		"utf-16le": "utf16le",
		latin1: "latin1",
		ascii: "latin1",
		"iso-8859-1": "latin1",
	}

	class TextDecoder {
		constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
			const name = String(label).trim().toLowerCase()
			if (!labels[name]) throw new RangeError(`The encoding "${label}" is not supported`)
			this.encoding = labels[name] === "utf8" ? "utf-8" : name
			this.fatal = fatal
			this.ignoreBOM = ignoreBOM
			this.held = []
		}
		decode(value, { stream = false } = {}) {
			const name = labels[this.encoding]
			let bytes = value === undefined ? from([]) : view(value)
			if (!bytes) throw new TypeError("decode: neither an ArrayBuffer nor a view of one")
			if (this.held.length) bytes = Buffer.concat([from(this.held), bytes])
			const end = stream && name === "utf8" ? bytes.length - unfinished(bytes) : bytes.length
			this.held = Array.from(subarray(bytes, end))
			const text = decode(subarray(bytes, 0, end), name, this.fatal)
			return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
		}
	}

	return { Buffer, TextEncoder, TextDecoder, bytesOf, unfinished, encodingOf }
}

/** How many bytes at the end begin a letter of UTF-8 that goes on. */
function unfinished(bytes) {
	for (let back = 1; back <= Math.min(3, bytes.length); back++) {
		const byte = bytes[bytes.length - back]
		if ((byte & 0xc0) === 0x80) continue
		const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
		return needs > back ? back : 0
	}
	return 0
}

export { createBytes }
