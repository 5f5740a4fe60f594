// The way out of a web program, in the shape of fetch: the host sends it, through Plaza's server, to declared hosts.

import { HostError, type HostPort } from "./port"

interface Head {
	status: number
	header: Record<string, string>
	url: string
}

/** What may be said of a request, besides what `fetch` knows. */
export type Sending = RequestInit & { timeout?: number }

/** Milliseconds until a request is given up when nobody says otherwise. */
const PATIENCE = 60_000
/** Answers that have no body. */
const EMPTY = [204, 205, 304]

let last = 0

/** Sends a request to another host and answers its response. */
export async function exchange(
	port: HostPort,
	input: RequestInfo | URL,
	options: Sending = {},
): Promise<Response> {
	const request = new Request(input, options)
	const { url, method, headers, signal } = request
	const body = /^(GET|HEAD)$/.test(method) ? undefined : await request.arrayBuffer()
	signal.throwIfAborted()
	const task = ++last
	const { timeout = PATIENCE } = options
	signal.addEventListener("abort", () => port.cast("networkAbort", { task }))
	try {
		const header = Object.fromEntries(headers)
		const sent = { task, kind: "request", url, method, header, timeout }
		const { result, bytes } = await port.carry(
			"networkSend",
			sent,
			body?.byteLength ? body : undefined,
		)
		return responseOf(result as Head, bytes)
	} catch (error) {
		signal.throwIfAborted()
		throw error
	}
}

function responseOf({ status, header, url }: Head, bytes: ArrayBuffer | undefined): Response {
	const headers = new Headers()
	for (const [name, value] of Object.entries(header))
		try {
			headers.append(name, value)
		} catch {
			// A value that no header may have is none.
		}
	const response = new Response(EMPTY.includes(status) ? null : (bytes ?? null), {
		status,
		headers,
	})
	Object.defineProperty(response, "url", { value: url })
	return response
}

/** Whether an address is on another host than the document's own. */
export function isAway(address: string, here: string): boolean {
	if (!URL.canParse(address, here)) return false
	const { protocol, origin } = new URL(address, here)
	return /^https?:$/.test(protocol) && origin !== new URL(here).origin
}

/** `fetch` that reaches other hosts over the port, and says why it reaches nothing else. */
export function fetchOver(
	scope: Window & typeof globalThis,
	port: Promise<HostPort>,
): typeof fetch {
	const own = scope.fetch.bind(scope)
	return async (input, options) => {
		const address = input instanceof Request ? input.url : String(input)
		const here = scope.document.baseURI
		if (isAway(address, here)) {
			return exchange(await port, input, options).catch((error: unknown) => {
				if (!(error instanceof HostError)) throw error
				const { message, code, data } = error
				throw Object.assign(new TypeError(`fetch of ${address}: ${message}`), { code, data })
			})
		}
		if (/^(blob|data):/i.test(address)) return own(input, options)
		throw new TypeError(
			`fetch of ${address}: files of the package are not fetched; put them into a script, or load them with an element`,
		)
	}
}
