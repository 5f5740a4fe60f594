// The web's fetch over the bridge: the house asks, and only the hosts that the manifest declares.

const names = (name) => String(name).toLowerCase()

class Headers {
	#map = new Map()
	constructor(init) {
		if (init instanceof Headers || Array.isArray(init) || init instanceof Map)
			for (const [name, value] of init) this.append(name, value)
		else for (const name of Object.keys(init ?? {})) this.append(name, init[name])
	}
	append(name, value) {
		for (const one of Array.isArray(value) ? value : [value]) {
			const before = this.#map.get(names(name))
			this.#map.set(names(name), before === undefined ? String(one) : `${before}, ${one}`)
		}
	}
	set(name, value) {
		this.#map.set(names(name), String(value))
	}
	get(name) {
		return this.#map.get(names(name)) ?? null
	}
	has(name) {
		return this.#map.has(names(name))
	}
	delete(name) {
		this.#map.delete(names(name))
	}
	forEach(run, self) {
		for (const [name, value] of this.#map) run.call(self, value, name, this)
	}
	keys() {
		return this.#map.keys()
	}
	values() {
		return this.#map.values()
	}
	entries() {
		return this.#map.entries()
	}
	[Symbol.iterator]() {
		return this.#map.entries()
	}
}

/** For libraries that hand a signal to fetch: time does not pass while a request is under way. */
class AbortSignal {
	aborted = false
	reason = undefined
	#listeners = []
	addEventListener(_, listener) {
		this.#listeners.push(listener)
	}
	removeEventListener(_, listener) {
		this.#listeners = this.#listeners.filter((one) => one !== listener)
	}
	throwIfAborted() {
		if (this.aborted) throw this.reason
	}
	static timeout() {
		return new AbortSignal()
	}
	/** @internal */
	fire(reason) {
		if (this.aborted) return
		this.aborted = true
		this.reason =
			reason ?? Object.assign(new Error("This operation was aborted"), { name: "AbortError" })
		for (const listener of this.#listeners) listener.call(this, { type: "abort", target: this })
		this.onabort?.({ type: "abort", target: this })
	}
}

class AbortController {
	signal = new AbortSignal()
	abort(reason) {
		this.signal.fire(reason)
	}
}

function createNetwork({ call, bytes, URLSearchParams }) {
	const { Buffer, bytesOf, TextDecoder } = bytes()

	class Response {
		#body
		#used = false
		constructor(
			body = null,
			{ status = 200, statusText = "", headers, url = "", cookies = [] } = {},
		) {
			this.#body = body === null ? Buffer.alloc(0) : bytesOf(body)
			this.status = status
			this.statusText = statusText
			this.ok = status >= 200 && status < 300
			this.headers = new Headers(headers)
			this.url = url
			this.cookies = cookies
			this.redirected = false
			this.type = "default"
		}
		get bodyUsed() {
			return this.#used
		}
		async #take() {
			if (this.#used) throw new TypeError("The body was read already")
			this.#used = true
			return this.#body
		}
		async arrayBuffer() {
			const body = await this.#take()
			return body.buffer.slice(body.byteOffset, body.byteOffset + body.length)
		}
		async bytes() {
			return new Uint8Array(await this.arrayBuffer())
		}
		async text() {
			return new TextDecoder().decode(await this.#take())
		}
		async json() {
			return JSON.parse(await this.text())
		}
		clone() {
			return new Response(Buffer.from(this.#body), this)
		}
	}

	/** What a program gives as a body, and the type that it has if nothing else is said. */
	const bodyOf = (body) => {
		if (body === undefined || body === null) return {}
		if (body instanceof URLSearchParams)
			return { body: body.toString(), type: "application/x-www-form-urlencoded;charset=UTF-8" }
		const viewed = typeof body === "string" ? undefined : bytesOf(body)
		if (viewed) return { body64: viewed.toString("base64") }
		return { body: String(body), type: "text/plain;charset=UTF-8" }
	}

	async function fetch(target, options = {}) {
		const asked = typeof target === "object" && target?.url ? { ...target, ...options } : options
		if (asked.signal?.aborted) throw asked.signal.reason
		const headers = new Headers(asked.headers)
		const { type, ...body } = bodyOf(asked.body)
		if (type && !headers.has("content-type")) headers.set("content-type", type)
		let answer
		try {
			answer = await call("network.request", {
				url: String(target?.url ?? target),
				method: String(asked.method ?? "GET").toUpperCase(),
				header: Object.fromEntries(headers),
				timeout: asked.timeout,
				...body,
			})
		} catch (error) {
			// What programs look for is a TypeError; what happened is in its code and data.
			throw Object.assign(new TypeError(`fetch failed: ${error.message}`), {
				code: error.code,
				data: error.data,
				cause: error,
			})
		}
		const content =
			answer.body64 === undefined ? (answer.body ?? "") : Buffer.from(answer.body64, "base64")
		const response = new Response(content, {
			status: answer.status,
			headers: answer.header,
			url: answer.url,
			cookies: answer.cookies ?? [],
		})
		response.redirected = answer.url !== undefined && answer.url !== String(target?.url ?? target)
		return response
	}

	return { fetch, Response, Headers, AbortController, AbortSignal }
}

export { createNetwork }
