// The microphone's recorder and the sound that goes on when the program is not looked at. Recording is the host's,
// after the person's yes; playing is the frame's.

import type { HostPort } from "../port"
import { type Failure, failure, type Implementation } from "./api"
import type { Files } from "./files"

type Heard = (detail?: unknown) => void

/** Those who listen to one object's `on…`. */
function listeners(names: string[]): {
	api: Record<string, (heard?: Heard) => void>
	tell(name: string, detail?: unknown): void
} {
	const all = new Map<string, Set<Heard>>(names.map((name) => [name, new Set()]))
	const api: Record<string, (heard?: Heard) => void> = {}
	for (const [name, set] of all) {
		api[`on${name}`] = (heard) => void (heard && set.add(heard))
		api[`off${name}`] = (heard) => void (heard ? set.delete(heard) : set.clear())
	}
	return {
		api,
		tell(name, detail) {
			for (const heard of all.get(name) ?? []) heard(detail)
		},
	}
}

const ENDINGS: [RegExp, string][] = [
	[/mp4|aac/, "m4a"],
	[/ogg/, "ogg"],
]

/** Milliseconds of a recording when the program does not say (WeChat's own). */
const USUAL = 60_000
const LONGEST = 600_000

/** The one recorder of a program. */
export function createRecorder(port: HostPort, files: Files): Record<string, unknown> {
	const { api, tell } = listeners([
		"Start",
		"Stop",
		"Pause",
		"Resume",
		"Error",
		"FrameRecorded",
		"InterruptionBegin",
		"InterruptionEnd",
	])
	let timer: ReturnType<typeof setTimeout> | undefined
	const act = async (name: string): Promise<unknown> => {
		try {
			return await port.carry("record", { act: name })
		} catch (error) {
			const { errMsg } = failure("operateRecorder", error) as Failure
			tell("Error", { errMsg })
			return null
		}
	}
	const stop = async () => {
		clearTimeout(timer)
		const answer = (await act("stop")) as Awaited<ReturnType<HostPort["carry"]>> | null
		if (!answer?.bytes) return
		const { duration, type } = answer.result as { duration: number; type: string }
		const ending = ENDINGS.find(([kind]) => kind.test(type))?.[1] ?? "webm"
		const tempFilePath = await files.keepWhole(new Blob([answer.bytes], { type }))
		tell("Stop", { tempFilePath, duration, fileSize: answer.bytes.byteLength, type: ending })
	}
	return {
		...api,
		async start(options: { duration?: number } = {}) {
			if ((await act("start")) === null) return
			timer = setTimeout(() => void stop(), Math.min(Number(options.duration ?? USUAL), LONGEST))
			tell("Start")
		},
		stop: () => void stop(),
		async pause() {
			if ((await act("pause")) !== null) tell("Pause")
		},
		async resume() {
			if ((await act("resume")) !== null) tell("Resume")
		},
	}
}

const SOUNDS = {
	Canplay: "canplay",
	Play: "play",
	Pause: "pause",
	Ended: "ended",
	TimeUpdate: "timeupdate",
	Error: "error",
	Waiting: "waiting",
	Seeking: "seeking",
	Seeked: "seeked",
} as const

/** The one background player of a program; it plays as long as the program is open. */
export function createBackgroundAudio(files: Files): Record<string, unknown> {
	const player = new Audio()
	const { api, tell } = listeners([...Object.keys(SOUNDS), "Stop", "Prev", "Next"])
	for (const [name, event] of Object.entries(SOUNDS))
		player.addEventListener(event, () => tell(name))
	let source = ""
	const manager: Record<string, unknown> = {
		...api,
		title: "",
		epname: "",
		singer: "",
		coverImgUrl: "",
		startTime: 0,
		play: () => void player.play().catch(() => {}),
		pause: () => player.pause(),
		seek: (seconds: number) => (player.currentTime = seconds),
		stop() {
			player.pause()
			player.currentTime = 0
			tell("Stop")
		},
	}
	for (const name of ["currentTime", "duration", "paused", "buffered"] as const)
		Object.defineProperty(manager, name, { get: () => player[name], enumerable: true })
	Object.defineProperty(manager, "playbackRate", {
		get: () => player.playbackRate,
		set: (rate: number) => (player.playbackRate = rate),
	})
	return Object.defineProperty(manager, "src", {
		get: () => source,
		set(value: string) {
			source = String(value)
			player.src = files.link(source)
			void player.play().catch(() => {}) // it plays as soon as it has a source
		},
	})
}

/** What is left of WeChat's older names for the same two. */
export function soundApi(port: HostPort, files: Files) {
	let recorder: Record<string, unknown> | undefined
	let player: Record<string, unknown> | undefined
	const getRecorderManager = () => (recorder ??= createRecorder(port, files))
	const getBackgroundAudioManager = () => (player ??= createBackgroundAudio(files))
	const run = (name: string, ...args: unknown[]) =>
		(getBackgroundAudioManager()[name] as (...given: unknown[]) => void)(...args)
	let voice: HTMLAudioElement | undefined

	const synchronous: Record<string, unknown> = {
		getRecorderManager,
		getBackgroundAudioManager,
		createWebAudioContext: () => new AudioContext(),
		onBackgroundAudioPlay: (heard: Heard) => run("onPlay", heard),
		onBackgroundAudioPause: (heard: Heard) => run("onPause", heard),
		onBackgroundAudioStop: (heard: Heard) => run("onStop", heard),
	}
	const later: Record<string, Implementation> = {
		getAvailableAudioSources: () => ({ audioSources: ["auto", "mic"] }),
		startRecord: async () => {
			await port.call("record", { act: "start" })
			return new Promise((resolve) => {
				;(getRecorderManager().onStop as (heard: Heard) => void)((detail) =>
					resolve({ tempFilePath: (detail as { tempFilePath: string }).tempFilePath }),
				)
			})
		},
		stopRecord: () => (getRecorderManager().stop as () => void)(),
		playVoice: ({ filePath }) =>
			new Promise((resolve, reject) => {
				voice?.pause()
				voice = new Audio(files.link(String(filePath ?? "")))
				voice.addEventListener("ended", () => resolve({}))
				voice.addEventListener("error", () => reject(new Error("the sound cannot be played")))
				voice.play().catch(reject)
			}),
		pauseVoice: () => voice?.pause(),
		stopVoice: () => {
			voice?.pause()
			voice = undefined
		},
		playBackgroundAudio: ({ dataUrl, title, coverImgUrl }) => {
			Object.assign(getBackgroundAudioManager(), { title, coverImgUrl, src: String(dataUrl ?? "") })
		},
		pauseBackgroundAudio: () => run("pause"),
		stopBackgroundAudio: () => run("stop"),
		seekBackgroundAudio: ({ position }) => run("seek", Number(position)),
		getBackgroundAudioPlayerState: () => {
			const { duration, currentTime, paused, src } = getBackgroundAudioManager()
			return {
				duration,
				currentPosition: currentTime,
				status: src ? (paused ? 0 : 1) : 2,
				dataUrl: src,
				downloadPercent: 100,
			}
		},
	}
	return { synchronous, later }
}
