// Files that leave a program for the person's device, and sound that comes in from its microphone.

import { type FrameMessage, isFields, words } from "../checks"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"
import { ask, show } from "./ask"
import { nameOf, save } from "./save"
import { viewable } from "./viewable"

/** Milliseconds of one recording at most (WeChat: ten minutes). */
const LONGEST = 600_000

/** The recording of a session, while there is one. */
const recordings = new WeakMap<object, Recording>()

interface Recording {
	recorder: MediaRecorder
	parts: Blob[]
	began: number
	/** Milliseconds heard before the last pause. */
	heard: number
}

export async function run(reach: Reach, { method, args, bytes }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	switch (method) {
		case "saveToAlbum":
			await reach.permit("album")
			return save(nameOf(given.name), new Blob([need(bytes)], { type: typeOf(given.type) }))
		case "saveToDisk":
			await ask(reach, "save", nameOf(given.name))
			return save(nameOf(given.name), new Blob([need(bytes)], { type: typeOf(given.type) }))
		case "openFile":
			return openFile(reach, nameOf(given.name), need(bytes))
		case "shareFile":
			return share(nameOf(given.name), typeOf(given.type), need(bytes))
		case "record":
			return record(reach, words(given.act))
	}
	throw new Refusal("not supported", "not_supported")
}

function need(bytes: ArrayBuffer | undefined): ArrayBuffer {
	if (!bytes || bytes.byteLength === 0) throw badArgs
	return bytes
}

function typeOf(value: unknown): string {
	const type = words(value)
	return /^(?:image|video|audio)\/[\w.+-]+$|^application\/pdf$|^text\/plain$/.test(type)
		? type
		: "application/octet-stream"
}

/** Shows a document in a tab of its own, or saves it, as the person wants; what cannot be shown safely is saved. */
async function openFile(reach: Reach, name: string, bytes: ArrayBuffer): Promise<object> {
	const type = viewable(new Uint8Array(bytes))
	const act = type
		? await show<{ name: string; by: string }, "open" | "save" | null>(
				reach,
				(await import("./DocumentSheet.svelte")).default,
				{ name, by: reach.launch.name },
			)
		: await ask(reach, "save", name).then(() => "save" as const)
	if (act === null) throw new Refusal("cancel", "cancelled")
	if (act === "save") return save(name, new Blob([bytes], { type: type || "" }))
	const link = URL.createObjectURL(new Blob([bytes], { type }))
	window.open(link, "_blank", "noopener")
	setTimeout(() => URL.revokeObjectURL(link), 60_000) // the tab has read it by then
	return {}
}

async function share(name: string, type: string, bytes: ArrayBuffer): Promise<object> {
	const data = { files: [new File([bytes], name, { type })] }
	if (!navigator.canShare?.(data)) throw new Refusal("not supported", "not_supported")
	await navigator.share(data).catch(() => {
		throw new Refusal("cancel", "cancelled")
	})
	return {}
}

async function record(reach: Reach, act: string): Promise<unknown> {
	const now = recordings.get(reach)
	if (act === "start") {
		if (now) throw new Refusal("is recording or paused", "is_recording")
		return start(reach)
	}
	if (!now) throw new Refusal("recorder not start", "not_recording")
	if (act === "stop") return stop(reach, now)
	if (act === "pause" && now.recorder.state === "recording") {
		now.heard += performance.now() - now.began
		now.recorder.pause()
	} else if (act === "resume" && now.recorder.state === "paused") {
		now.began = performance.now()
		now.recorder.resume()
	}
	return {}
}

async function start(reach: Reach): Promise<object> {
	await reach.permit("microphone")
	if (!navigator.mediaDevices || !("MediaRecorder" in window))
		throw new Refusal("not supported", "not_supported")
	const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => {
		throw new Refusal("system permission denied", "no_microphone")
	})
	const recorder = new MediaRecorder(stream)
	const recording: Recording = { recorder, parts: [], began: performance.now(), heard: 0 }
	recordings.set(reach, recording)
	recorder.addEventListener("dataavailable", ({ data }) => recording.parts.push(data))
	const timer = setTimeout(() => recorder.state !== "inactive" && recorder.stop(), LONGEST)
	const end = () => {
		clearTimeout(timer)
		for (const track of stream.getTracks()) track.stop()
	}
	recorder.addEventListener("stop", end)
	reach.atEnd(() => {
		recordings.delete(reach)
		if (recorder.state !== "inactive") recorder.stop()
		end()
	})
	recorder.start(1_000)
	return {}
}

async function stop(reach: Reach, recording: Recording): Promise<WithBytes> {
	const { recorder, parts } = recording
	recordings.delete(reach)
	const duration =
		recording.heard + (recorder.state === "recording" ? performance.now() - recording.began : 0)
	if (recorder.state !== "inactive") {
		const ended = new Promise((resolve) =>
			recorder.addEventListener("stop", resolve, { once: true }),
		)
		recorder.stop()
		await ended
	}
	const sound = new Blob(parts, { type: recorder.mimeType })
	return new WithBytes(
		{ duration: Math.round(duration), type: recorder.mimeType },
		await sound.arrayBuffer(),
	)
}
