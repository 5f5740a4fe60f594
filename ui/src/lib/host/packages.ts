// The code that a frame runs, fetched by the host: a frame with an origin of its own has no cache. The addresses
// hold a hash of what is there, so what was fetched once is right for ever, and is there without a network.

import type { Launch } from "./protocol"

const CACHE = "plaza.programs"
/** How many scripts are kept; those fetched longest ago go first. */
const KEPT = 60
/** The pictures that programs have shown, beside their scripts. */
const PICTURES = "plaza.pictures"
const PICTURES_KEPT = 400
/** Bytes of a picture that is kept. */
const PICTURE = 500_000

/** What the frame of a program runs: the runtime first, then the program. */
export interface Code {
	runtime: string
	script: string
}

/** Fetches what the program's frame runs; null for one whose document has its own scripts. */
export async function codeOf({ frame, runtime, config }: Launch): Promise<Code | null> {
	if (config.kind === "web") return null
	const [first, script] = await Promise.all([scriptText(runtime), scriptText(`${frame}app.js`)])
	return { runtime: first, script }
}

/** A script by its address, which holds a hash; a refusal when it is not there. `progress` hears how many bytes have come. */
export async function scriptText(
	address: string,
	progress?: (done: number) => void,
): Promise<string> {
	const cache = await opened(CACHE)
	const kept = await cache?.match(address)
	if (kept) return kept.text()
	const answer = await fetch(address)
	if (!answer.ok) throw await answer.json().catch(() => ({ status: answer.status }))
	if (cache) void keep(cache, KEPT, address, answer.clone())
	return progress && answer.body ? read(answer.body, progress) : answer.text()
}

async function read(
	body: ReadableStream<Uint8Array<ArrayBuffer>>,
	progress: (done: number) => void,
): Promise<string> {
	const pieces: Uint8Array<ArrayBuffer>[] = []
	const reader = body.getReader()
	let done = 0
	for (;;) {
		const piece = await reader.read()
		if (piece.done) return new Blob(pieces).text()
		pieces.push(piece.value)
		done += piece.value.byteLength
		progress(done)
	}
}

/** A file of a package: the kept picture, or what the house has. */
export async function packageFile(address: string): Promise<Response> {
	return (await (await opened(PICTURES))?.match(address)) ?? fetch(address)
}

/** Keeps pictures that were shown, for when there is no network. */
export async function keepPictures(addresses: string[]): Promise<void> {
	const cache = await opened(PICTURES)
	for (const address of addresses) {
		if (!cache || (await cache.match(address))) continue
		const answer = await fetch(address, { priority: "low" }).catch(() => undefined)
		if (!answer?.ok || !answer.headers.get("content-type")?.startsWith("image/")) continue
		if (Number(answer.headers.get("content-length")) <= PICTURE)
			await keep(cache, PICTURES_KEPT, address, answer)
	}
}

async function keep(cache: Cache, most: number, address: string, answer: Response): Promise<void> {
	try {
		await cache.put(address, answer)
		const all = await cache.keys()
		for (const old of all.slice(0, Math.max(0, all.length - most))) await cache.delete(old)
	} catch {
		// A full disk keeps nothing; the next opening fetches again.
	}
}

/** Where the page is not served securely there is nothing to keep in. */
async function opened(name: string): Promise<Cache | undefined> {
	try {
		return await globalThis.caches?.open(name)
	} catch {
		return undefined
	}
}
