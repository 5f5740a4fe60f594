// Files of a program in the cloud: bytes that go from the frame to Plaza's server, and back by an address that works
// for a while. Nobody here reads them.

import { client } from "../../api"
import { type FrameMessage, isFields, words } from "../checks"
import { LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"

/** Characters of a path or a fileID (the server's limit is in bytes). */
const PATH = 1_200
/** How often a launch that has run out is renewed for one file. */
const TRIES = 2

const running = new WeakMap<Reach, Map<number, AbortController>>()

function tasksOf(reach: Reach): Map<number, AbortController> {
	const known = running.get(reach)
	if (known) return known
	const made = new Map<number, AbortController>()
	running.set(reach, made)
	reach.atEnd(() => {
		for (const abort of made.values()) abort.abort()
	})
	return made
}

export async function run(reach: Reach, { method, args, bytes }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	const task = given.task as number
	if (!Number.isSafeInteger(task)) throw badArgs
	const tasks = tasksOf(reach)
	if (method === "cloudAbort") {
		tasks.get(task)?.abort()
		return {}
	}
	if (tasks.has(task)) throw badArgs
	const abort = new AbortController()
	tasks.set(task, abort)
	const tell = (what: "sent" | "got") => (done: number, all: number) =>
		reach.tell({ ev: "network", task, what, done, all })
	try {
		if (method === "cloudUpload") {
			if (!bytes) throw badArgs
			const form = new FormData()
			form.append("path", words(given.path, PATH))
			form.append("file", new Blob([bytes], { type: words(given.type) }), "file")
			return await patiently(reach, () => upload(reach, form, abort.signal, tell("sent")))
		}
		return await download(reach, words(given.file, PATH), abort.signal, tell("got"))
	} catch (error) {
		if (abort.signal.aborted) throw new Refusal("abort", "aborted")
		throw error
	} finally {
		tasks.delete(task)
	}
}

/** Sends again when the launch had run out. */
async function patiently<T>(reach: Reach, ask: () => Promise<T>): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await ask()
		} catch (error) {
			if (attempt >= TRIES || !(await reach.mend(error))) throw error
		}
	}
}

const offline = () => new Refusal("offline", "offline")

/** An upload says how far it has come, which `fetch` does not. */
async function upload(
	reach: Reach,
	form: FormData,
	signal: AbortSignal,
	tell: (done: number, all: number) => void,
): Promise<unknown> {
	const { authStore } = await client()
	const request = new XMLHttpRequest()
	request.open("POST", `/api/mp/${encodeURIComponent(reach.launch.appid)}/files`)
	request.setRequestHeader("Authorization", authStore.token)
	request.setRequestHeader("X-Launch-Token", reach.launch.token)
	request.upload.onprogress = ({ loaded, total }) => tell(loaded, total)
	const text = await new Promise<string>((resolve, reject) => {
		signal.addEventListener("abort", () => request.abort())
		request.onabort = request.onerror = () => reject(offline())
		request.onload = () => resolve(request.responseText)
		if (signal.aborted) reject(offline())
		else request.send(form)
	})
	const answer: unknown = JSON.parse(text || "{}")
	if (request.status !== 200) throw Object.assign(new Error(), answer)
	return answer
}

async function download(
	reach: Reach,
	file: string,
	signal: AbortSignal,
	tell: (done: number, all: number) => void,
): Promise<WithBytes> {
	const answer = await reach.bridge("files.urls", { files: [file] })
	const [link] = isFields(answer) && Array.isArray(answer.fileList) ? answer.fileList : []
	if (!isFields(link) || link.status !== 0)
		throw new Refusal(words(link?.errMsg), words(link?.code) || "cloud_file_not_found")
	const found = await fetch(words(link.tempFileURL, 4_000), { signal }).catch((error: unknown) => {
		throw signal.aborted ? error : offline()
	})
	if (!found.ok || !found.body) throw Object.assign(new Error(), await found.json().catch(offline))
	const all = Number(found.headers.get("Content-Length")) || 0
	const reader = found.body.getReader()
	const pieces: Uint8Array<ArrayBuffer>[] = []
	let size = 0
	for (;;) {
		const { done, value } = await reader.read()
		if (done) break
		size += value.length
		if (size > LIMITS.bytes + 1_000_000)
			throw new Refusal("the file is too large", "cloud_file_too_large")
		pieces.push(value)
		tell(size, Math.max(all, size))
	}
	const type = found.headers.get("Content-Type")?.split(";")[0] ?? ""
	return new WithBytes({ type }, await new Blob(pieces).arrayBuffer())
}
