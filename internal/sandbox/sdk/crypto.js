// Node's crypto, as far as programs for WeChat use it: digests, codes, random bytes, AES. The worker does the work.

function createCrypto({ natives, bytes }) {
	const { Buffer, bytesOf, unfinished, encodingOf } = bytes()
	const given = (value, encoding, name = "data") => {
		const bare = value instanceof KeyObject ? value.export() : value
		const out = bytesOf(bare, encoding === "buffer" ? undefined : encoding)
		if (!out)
			throw Object.assign(new TypeError(`The "${name}" argument is neither a string nor bytes`), {
				code: "ERR_INVALID_ARG_TYPE",
			})
		return out
	}
	const told = (arrayBuffer, encoding) => {
		const out = Buffer.from(arrayBuffer)
		return encoding === undefined || encoding === "buffer" ? out : out.toString(encoding)
	}

	/** A secret, as libraries for tokens wrap it. */
	class KeyObject {
		#bytes
		type = "secret"
		constructor(value) {
			this.#bytes = value
		}
		get symmetricKeySize() {
			return this.#bytes.length
		}
		export() {
			return this.#bytes
		}
	}

	class Hash {
		#hash
		constructor(hash) {
			this.#hash = hash
		}
		update(data, encoding) {
			if (!this.#hash) throw new Error("Digest already called")
			this.#hash.update(given(data, encoding))
			return this
		}
		digest(encoding) {
			if (!this.#hash) throw new Error("Digest already called")
			const out = this.#hash.digest()
			this.#hash = undefined
			return told(out, encoding)
		}
	}

	/** Text comes in pieces: a letter that a piece cuts in two waits for the next. */
	class Cipher {
		#cipher
		#held = Buffer.alloc(0)
		constructor(cipher) {
			this.#cipher = cipher
		}
		#say(arrayBuffer, encoding, last) {
			if (encoding === undefined || encodingOf(encoding) !== "utf8")
				return told(arrayBuffer, encoding)
			const all = Buffer.concat([this.#held, Buffer.from(arrayBuffer)])
			const end = last ? all.length : all.length - unfinished(all)
			this.#held = all.subarray(end)
			return all.toString("utf8", 0, end)
		}
		update(data, from, to) {
			return this.#say(this.#cipher.update(given(data, from)), to, false)
		}
		final(to) {
			return this.#say(this.#cipher.final(), to, true)
		}
		setAutoPadding(on = true) {
			this.#cipher.padding(on)
			return this
		}
		setAAD(data) {
			this.#cipher.aad(given(data))
			return this
		}
		setAuthTag(tag) {
			this.#cipher.setTag(given(tag))
			return this
		}
		getAuthTag() {
			return Buffer.from(this.#cipher.tag())
		}
	}
	const cipher = (decrypts) => (algorithm, key, iv) =>
		new Cipher(
			natives.cipher(
				String(algorithm).toLowerCase(),
				given(key, "utf8", "key"),
				iv === null || iv === undefined ? Buffer.alloc(0) : given(iv, "utf8", "iv"),
				decrypts,
			),
		)

	const randomFillSync = (target) => {
		const view = bytesOf(target)
		view.set(new Uint8Array(natives.random(view.length)))
		return target
	}
	const refuses = (name) => () => {
		throw new Error(`crypto.${name} is not supported`)
	}
	return {
		createHash: (algorithm) => new Hash(natives.hash(String(algorithm).toLowerCase())),
		createHmac: (algorithm, key) =>
			new Hash(natives.hash(String(algorithm).toLowerCase(), given(key, "utf8", "key"))),
		createCipheriv: cipher(false),
		createDecipheriv: cipher(true),
		KeyObject,
		createSecretKey: (key, encoding) => new KeyObject(Buffer.from(given(key, encoding, "key"))),
		getHashes: () => ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"],
		getCiphers: () => natives.ciphers(),
		randomBytes(size, done) {
			const out = Buffer.from(natives.random(size))
			if (done) done(null, out)
			return out
		},
		randomInt(low, high) {
			const [from, to] = high === undefined ? [0, low] : [low, high]
			return natives.randomInt(from, to)
		},
		randomUUID: () => natives.uuid(),
		randomFillSync,
		getRandomValues: randomFillSync,
		timingSafeEqual(a, b) {
			const [one, other] = [given(a), given(b)]
			if (one.length !== other.length)
				throw new RangeError("Input buffers must have the same byte length")
			return natives.equal(one, other)
		},
		createPrivateKey: refuses("createPrivateKey"),
		createPublicKey: refuses("createPublicKey"),
		createSign: refuses("createSign"),
		createVerify: refuses("createVerify"),
		publicEncrypt: refuses("publicEncrypt"),
		privateDecrypt: refuses("privateDecrypt"),
	}
}

export { createCrypto }
