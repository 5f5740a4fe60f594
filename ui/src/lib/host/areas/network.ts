// The program's way out: requests, uploads, downloads and sockets, through Plaza's server, which judges each of them.
// What goes out and what comes back is bytes that nobody here reads.

import { client } from "../../api"
import { type Fields, type FrameMessage, isFields, words } from "../checks"
import { LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"
import { openSocket, type Socket } from "./sockets"
import { headAndPieces, type Pieces } from "./stream"

const KINDS = ["request", "upload", "download"]
/** How often a launch that has run out is renewed for one exchange. */
const TRIES = 2

/** What one session has open. */
interface Open {
	aborts: Map<number, AbortController>
	sockets: Map<number, Socket>
}

const sessions = new WeakMap<Reach, Open>()

function openOf(reach: Reach): Open {
	const known = sessions.get(reach)
	if (known) return known
	const made: Open = { aborts: new Map(), sockets: new Map() }
	sessions.set(reach, made)
	reach.atEnd(() => {
		for (const abort of made.aborts.values()) abort.abort()
		for (const socket of made.sockets.values()) socket.end(1001, "")
	})
	return made
}

export async function run(reach: Reach, { method, args, bytes }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	const task = given.task
	if (!Number.isSafeInteger(task)) throw badArgs
	const open = openOf(reach)
	switch (method) {
		case "networkSend":
			return send(reach, open, task as number, given, bytes)
		case "networkAbort":
			open.aborts.get(task as number)?.abort()
			return {}
		case "socketOpen":
			return openSocket(reach, open.sockets, task as number, given)
		case "socketSend":
			return sendTo(open.sockets.get(task as number), given, bytes)
		case "socketClose":
			open.sockets.get(task as number)?.end(Number(given.code), words(given.reason))
			return {}
	}
	throw new Refusal("not supported", "not_supported")
}

function sendTo(socket: Socket | undefined, given: Fields, bytes: ArrayBuffer | undefined): object {
	if (!socket) throw new Refusal("WebSocket is not connected", "closed")
	if (bytes) socket.send(bytes)
	else if (typeof given.data === "string") socket.send(given.data)
	else throw badArgs
	return {}
}

async function send(
	reach: Reach,
	open: Open,
	task: number,
	given: Fields,
	body: ArrayBuffer | undefined,
): Promise<WithBytes> {
	const kind = words(given.kind)
	if (!KINDS.includes(kind) || open.aborts.has(task)) throw badArgs
	const { url, method, header, timeout } = given
	const line = `${JSON.stringify({ url, method, header, timeout })}\n`
	const abort = new AbortController()
	open.aborts.set(task, abort)
	const tell = (event: Fields) => reach.tell({ ev: "network", task, ...event } as never)
	try {
		const message = new Blob(body ? [line, body] : [line])
		const pieces = await patiently(reach, () =>
			kind === "upload"
				? uploaded(reach, message, line.length, abort.signal, tell)
				: fetched(reach, kind, message, abort.signal),
		)
		const { head } = pieces
		tell({ what: "head", status: head.status, header: head.header, cookies: head.cookies })
		const chunked = given.chunked === true
		const whole = await gather(pieces, (piece, done) => {
			if (chunked) tell({ what: "chunk", data: piece.slice().buffer })
			if (kind === "download") tell({ what: "got", done, all: Math.max(head.length, done) })
		})
		return new WithBytes(head, whole)
	} catch (error) {
		if (abort.signal.aborted) throw new Refusal("abort", "aborted")
		throw error
	} finally {
		open.aborts.delete(task)
	}
}

/** Sends again when the launch had run out. */
async function patiently<T>(reach: Reach, ask: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await ask()
		} catch (error) {
			const mended = attempt < TRIES && (await reach.mend(error))
			if (!mended) throw error
		}
	}
}

async function headers(reach: Reach): Promise<Record<string, string>> {
	const { authStore } = await client()
	return {
		Authorization: authStore.token,
		"X-Launch-Token": reach.launch.token,
		"Content-Type": "application/octet-stream",
	}
}

const pathOf = (reach: Reach, kind: string) =>
	`/api/mp/${encodeURIComponent(reach.launch.appid)}/network/${kind}`

const offline = () =>
	Object.assign(new Refusal("offline", "offline"), {
		data: { reason: "net::ERR_INTERNET_DISCONNECTED" },
	})

async function fetched(
	reach: Reach,
	kind: string,
	body: Blob,
	signal: AbortSignal,
): Promise<Pieces> {
	const answer = await fetch(pathOf(reach, kind), {
		method: "POST",
		headers: await headers(reach),
		body,
		signal,
	}).catch((error: unknown) => {
		throw signal.aborted ? error : offline()
	})
	if (!answer.ok || !answer.body) throw await answer.json().catch(offline)
	return headAndPieces(answer.body.getReader())
}

/** An upload says how far it has come, which `fetch` does not. */
async function uploaded(
	reach: Reach,
	body: Blob,
	before: number,
	signal: AbortSignal,
	tell: (event: Fields) => void,
): Promise<Pieces> {
	const given = await headers(reach)
	const request = new XMLHttpRequest()
	request.open("POST", pathOf(reach, "upload"))
	for (const [name, value] of Object.entries(given)) request.setRequestHeader(name, value)
	request.responseType = "arraybuffer"
	request.upload.onprogress = ({ loaded }) =>
		tell({ what: "sent", done: Math.max(0, loaded - before), all: body.size - before })
	const bytes = await new Promise<ArrayBuffer>((resolve, reject) => {
		signal.addEventListener("abort", () => request.abort())
		request.onabort = request.onerror = () => reject(offline())
		request.onload = () => resolve(request.response as ArrayBuffer)
		if (signal.aborted) reject(offline())
		else request.send(body)
	})
	if (request.status !== 200) throw JSON.parse(new TextDecoder().decode(bytes) || "{}")
	return headAndPieces(new Response(bytes).body?.getReader())
}

async function gather(
	pieces: Pieces,
	each: (piece: Uint8Array<ArrayBuffer>, done: number) => void,
): Promise<ArrayBuffer> {
	const all: Uint8Array<ArrayBuffer>[] = []
	let size = 0
	for (;;) {
		const piece = await pieces.next()
		if (!piece) break
		size += piece.length
		if (size > LIMITS.bytes + 1_000_000)
			throw new Refusal("the response is too large", "answer_too_large")
		all.push(piece)
		each(piece, size)
	}
	return new Blob(all).arrayBuffer()
}
