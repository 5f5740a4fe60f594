// A program's sockets: each is a socket to Plaza's server, opened by a ticket that is good once and for seconds, and
// carried on from there to a declared host.

import { type Fields, isFields, words } from "../checks"
import { type Reach, Refusal } from "../session"

/** How many a program has open at once. */
const AT_ONCE = 5
/** Bytes that may wait to be sent. */
const WAITING = 8_000_000

export interface Socket {
	send(data: string | ArrayBuffer): void
	end(code: number, reason: string): void
}

/** Codes that a page may close with; others are not the program's to say. */
function closing(code: number): number {
	return code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999) ? code : 1000
}

/** Opens one; answers once it is open, with what the host said. What comes later is told. */
export async function openSocket(
	reach: Reach,
	all: Map<number, Socket>,
	task: number,
	given: Fields,
): Promise<object> {
	if (all.has(task) || all.size >= AT_ONCE) throw new Refusal("too many sockets", "network_busy")
	let line: WebSocket | null = null
	let ended = false
	all.set(task, {
		send() {
			throw new Refusal("WebSocket is not connected", "closed")
		},
		end() {
			ended = true
			line?.close(1000)
		},
	})
	const { url, header, protocols, timeout } = given
	try {
		const answer = await reach.ask("sockets", { url, header, protocols, timeout })
		const ticket = isFields(answer) ? words(answer.ticket) : ""
		if (ended) throw new Refusal("abort", "aborted")
		line = new WebSocket(addressOf(reach.launch.appid, ticket))
		line.binaryType = "arraybuffer"
		return await opened(reach, all, task, line)
	} catch (error) {
		all.delete(task)
		throw error
	}
}

function addressOf(appid: string, ticket: string): string {
	const address = new URL(`/api/mp/${encodeURIComponent(appid)}/sockets/${ticket}`, location.href)
	address.protocol = address.protocol === "https:" ? "wss:" : "ws:"
	return address.href
}

/** The first message says whether the host is there; from then on all is the host's. */
function opened(
	reach: Reach,
	all: Map<number, Socket>,
	task: number,
	line: WebSocket,
): Promise<object> {
	return new Promise((resolve, reject) => {
		let open = false
		line.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
			if (open) {
				reach.tell({ ev: "network", task, what: "message", data })
				return
			}
			const first: unknown = typeof data === "string" ? JSON.parse(data) : null
			if (isFields(first) && isFields(first.open)) {
				open = true
				all.set(task, over(line))
				resolve(first.open)
			} else reject(refusalOf(first))
		}
		line.onclose = ({ code, reason }) => {
			all.delete(task)
			if (open) reach.tell({ ev: "network", task, what: "close", code, reason })
			else reject(refusalOf(null))
		}
	})
}

function over(line: WebSocket): Socket {
	return {
		send(data) {
			if (line.readyState !== WebSocket.OPEN)
				throw new Refusal("WebSocket is not connected", "closed")
			if (line.bufferedAmount > WAITING) throw new Refusal("too much waits to be sent", "busy")
			line.send(data)
		},
		end: (code, reason) => line.close(closing(code), reason.slice(0, 30)),
	}
}

function refusalOf(first: unknown): Refusal {
	const fail = isFields(first) && isFields(first.fail) ? first.fail : {}
	const refusal = new Refusal(
		words(fail.message) || "the socket does not open",
		words(fail.code) || "unreachable",
	)
	return Object.assign(refusal, { data: { reason: fail.reason ?? "net::ERR_FAILED" } })
}
