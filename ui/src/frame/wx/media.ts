// Pictures and sounds: what is known of one, one in full, one that is heard.

import { videoContext } from "../components/player"
import { openSheet, sheetButton } from "../components/sheet"
import { say } from "../components/words"
import { make } from "../own"
import type { Implementation } from "./api"
import type { Files } from "./files"

const TYPES: Record<string, string> = {
	jpg: "jpeg",
	jpeg: "jpeg",
	png: "png",
	gif: "gif",
	webp: "webp",
}

/** What a picture's name says of its kind. */
export function typeOf(path: string): string {
	return TYPES[/\.(\w+)(?:\?|$)/.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "unknown"
}

function load(source: string): Promise<HTMLImageElement> {
	return new Promise((done, failed) => {
		const image = make("img")
		image.onload = () => done(image)
		image.onerror = () => failed(new Error("image not found"))
		image.src = source
	})
}

/** The picture in full over the page; the others are to the left and right of it. */
function preview(sources: string[], first: number): void {
	let at = Math.max(0, Math.min(first, sources.length - 1))
	const image = document.createElement("img")
	const count = document.createElement("span")
	const box = document.createElement("figure")
	const show = () => {
		image.src = sources[at] ?? ""
		image.alt = say("picture", { at: at + 1, all: sources.length })
		count.textContent = sources.length > 1 ? `${at + 1} / ${sources.length}` : ""
	}
	const turn = (by: number) => {
		at = (at + by + sources.length) % sources.length
		show()
	}
	let from = 0
	box.addEventListener("touchstart", (event) => (from = event.touches[0]?.clientX ?? 0), {
		passive: true,
	})
	box.addEventListener("touchend", (event) => {
		const moved = (event.changedTouches[0]?.clientX ?? from) - from
		if (Math.abs(moved) > 40) turn(moved > 0 ? -1 : 1)
	})
	box.append(image, count)
	const close = openSheet(say("picture", { at: at + 1, all: sources.length }), [box], () => {})
	const sheet = box.closest<HTMLElement>("plaza-sheet")
	sheet?.classList.add("picture")
	sheet?.addEventListener("keydown", (event) => {
		if (event.key === "ArrowLeft") turn(-1)
		if (event.key === "ArrowRight") turn(1)
	})
	box.append(sheetButton(say("close"), close))
	image.addEventListener("click", close)
	show()
}

type Heard = () => void

const SOUNDS: Record<string, string> = {
	Canplay: "canplay",
	Play: "play",
	Pause: "pause",
	Ended: "ended",
	TimeUpdate: "timeupdate",
	Error: "error",
	Waiting: "waiting",
	Seeking: "seeking",
	Seeked: "seeked",
}

/** WeChat's audio object over the browser's. */
function createInnerAudioContext(files: Files): object {
	const player = make("audio")
	const stopped = new Set<Heard>()
	let source = ""
	const context: Record<string, unknown> = {
		play: () => void player.play().catch(() => {}),
		pause: () => player.pause(),
		stop() {
			player.pause()
			player.currentTime = 0
			for (const heard of stopped) heard()
		},
		seek: (seconds: number) => (player.currentTime = seconds),
		destroy() {
			player.pause()
			player.removeAttribute("src")
		},
		onStop: (heard: Heard) => void stopped.add(heard),
		offStop: (heard?: Heard) => void (heard ? stopped.delete(heard) : stopped.clear()),
	}
	for (const [name, event] of Object.entries(SOUNDS)) {
		const all = new Map<Heard, () => void>()
		context[`on${name}`] = (heard: Heard) => {
			all.set(heard, heard)
			player.addEventListener(event, heard)
		}
		context[`off${name}`] = (heard?: Heard) => {
			for (const each of heard ? [heard] : all.keys()) player.removeEventListener(event, each)
		}
	}
	for (const name of ["currentTime", "duration", "paused", "buffered"] as const)
		Object.defineProperty(context, name, { get: () => player[name] })
	for (const name of ["volume", "loop", "autoplay", "playbackRate"] as const)
		Object.defineProperty(context, name, {
			get: () => player[name],
			set: (value) => Object.assign(player, { [name]: value }),
		})
	Object.defineProperty(context, "startTime", { value: 0, writable: true })
	return Object.defineProperty(context, "src", {
		get: () => source,
		set(value: string) {
			source = String(value)
			player.src = files.link(source)
		},
	})
}

/** The synchronous and the asynchronous ones. */
export function mediaApi(files: Files) {
	const found = (id: string) => () =>
		[
			...document.querySelectorAll<HTMLElement & { __wxElement?: { id: string } }>(
				"wx-page:not([hidden]) wx-video",
			),
		]
			.find((node) => node.__wxElement?.id === id)
			?.querySelector("video") ?? null
	const audio = (id: string) =>
		[
			...document.querySelectorAll<HTMLElement & { __wxElement?: { id: string } }>(
				"wx-page:not([hidden]) wx-audio",
			),
		]
			.find((node) => node.__wxElement?.id === id)
			?.querySelector("audio") ?? null
	const synchronous = {
		createAudioContext: (id: string) => ({
			play: () =>
				void audio(id)
					?.play()
					.catch(() => {}),
			pause: () => audio(id)?.pause(),
			seek: (seconds: number) => Object.assign(audio(id) ?? {}, { currentTime: Number(seconds) }),
			setSrc: (source: string) =>
				Object.assign(audio(id) ?? {}, { src: files.link(String(source)) }),
		}),
		createInnerAudioContext: () => createInnerAudioContext(files),
		createVideoContext: (id: string) => videoContext(found(id)),
	}
	const later: Record<string, Implementation> = {
		getImageInfo: async ({ src }) => {
			const path = String(src ?? "")
			const { naturalWidth: width, naturalHeight: height } = await load(files.link(path))
			return { width, height, path, orientation: "up", type: typeOf(path) }
		},
		previewImage: ({ urls, current }) => {
			if (!Array.isArray(urls) || urls.length === 0)
				throw new Error("parameter error: parameter.urls should be an array")
			const at = typeof current === "number" ? current : urls.indexOf(current)
			preview(
				urls.map((url) => files.link(String(url))),
				at,
			)
		},
		previewMedia: ({ sources, current }) => {
			const list = (Array.isArray(sources) ? sources : []) as { url: string; type?: string }[]
			const pictures = list.filter(({ type }) => type !== "video")
			if (pictures.length === 0) throw new Error("not supported")
			preview(
				pictures.map(({ url }) => files.link(String(url))),
				Number(current ?? 0),
			)
		},
		loadFontFace: async ({ family, source, desc }) => {
			const file =
				/^url\(\s*["']?(.+?)["']?\s*\)$/.exec(String(source ?? ""))?.[1] ?? String(source)
			const face = new FontFace(
				String(family),
				`url("${files.link(file).replace(/["\\\n]/g, encodeURIComponent)}")`,
				{
					...(desc as FontFaceDescriptors),
				},
			)
			await face.load().catch(() => {
				throw new Error("the font did not load")
			})
			document.fonts.add(face)
			return { status: "loaded" }
		},
	}
	return { synchronous, later }
}
