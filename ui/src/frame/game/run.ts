// A game: one script, one canvas that is the screen, and WeChat's game interface instead of pages.
//
// The game runs in the browser's own window, as in WeChat's developer tools: there an adapter that was written for
// WeChat puts what it can in the place of what the browser has. So the runtime takes all it needs of the document
// before the game's first script, and holds nothing that a game could take away.

import type { Init } from "../../lib/host/protocol"
import { type Compiled, jsonModule, load } from "../compiled"
import { ModuleLoader } from "../modules"
import { ratio, root } from "../own"
import { type Packaged, packaged } from "../packaged"
import type { HostPort } from "../port"
import type { Report } from "../program"
import { Files } from "../wx/files"
import { exposeWasm } from "../wx/wasm"
import { asScreen, canvasMaker } from "./canvas"
import { FrameClock } from "./clock"
import { pictures } from "./image"
import { SharedCanvas } from "./opencanvas"
import { Sound } from "./sound"
import { touches } from "./touch"
import { createGameWx, type GameAround } from "./wx"

type Callbacks = {
	success?: (r: object) => void
	fail?: (r: object) => void
	complete?: (r: object) => void
}

/** What a frame of a game needs before its scripts run; taken while the document is still the browser's. */
export class Stage {
	readonly body = document.body
	readonly scope = window
	readonly frames = requestAnimationFrame.bind(window)
	readonly clock = new FrameClock(this.frames)
	readonly files = new Files()
	readonly makeCanvas = canvasMaker((blob, type) => this.files.keep(blob, type))
	screen: HTMLCanvasElement | undefined
	shared: SharedCanvas | undefined
	readonly pack: Packaged
	readonly sound: Sound

	constructor(init: Init, port: HostPort) {
		this.pack = packaged(init.config, port)
		this.sound = new Sound(init.sound === true, () => port.cast("quiet"))
		if (init.config.open)
			this.shared = new SharedCanvas(
				this.makeCanvas(300, 150),
				port,
				() => this.screen,
				this.frames,
			)
		port.on("sound", (event) => event.ev === "sound" && this.sound.set(event.on))
		port.on("hide", () => this.rest(true))
		port.on("show", () => this.rest(false))
	}

	/** Frames and sound stop while the game is hidden. */
	rest(hidden: boolean): void {
		this.clock.pause(hidden)
		this.sound.hide(hidden)
	}

	/** What of `wx` is canvases, pictures, frames and fingers. */
	api(): Record<string, unknown> {
		const { shared } = this
		const createImage = pictures((path) => this.files.link(path))
		return {
			...touches(this.scope, (touched) => shared?.touched(touched)),
			/** The first canvas is the screen; those after it are drawn on in memory. */
			createCanvas: () => {
				if (this.screen) return this.makeCanvas(300, 150)
				const canvas = this.makeCanvas(root.clientWidth * ratio(), root.clientHeight * ratio())
				this.screen = canvas
				asScreen(canvas, this.body)
				if (!Object.hasOwn(this.scope, "canvas"))
					Object.defineProperty(this.scope, "canvas", {
						value: canvas,
						writable: true,
						configurable: true,
						enumerable: true,
					})
				return canvas
			},
			createOffscreenCanvas: (
				first: { width?: number; height?: number } | number = {},
				second = 150,
			) => {
				const { width = 300, height = 150 } =
					typeof first === "number" ? { width: first, height: second } : first
				return this.makeCanvas(width, height)
			},
			createImage,
			createImageData: (...args: [number, number]) => new ImageData(...args),
			createPath2D: (path?: Path2D | string) => new Path2D(path),
			setPreferredFramesPerSecond: this.clock.prefer,
			loadFont: (path: unknown) => fontOf(this.files.link(String(path))),
			getOpenDataContext: () => {
				if (!shared)
					throw new Error("getOpenDataContext:fail there is no openDataContext in game.json")
				return shared.context()
			},
		}
	}
}

let fonts = 0

/** A font has its name at once; it is drawn with when it has come. */
function fontOf(address: string): string {
	const family = `plaza-font-${++fonts}`
	const face = new FontFace(family, `url("${address.replace(/["\\\n]/g, encodeURIComponent)}")`)
	face.load().then(
		() => document.fonts.add(face),
		() => console.warn(`loadFont:fail ${address}`),
	)
	return family
}

/** Runs the game's entry. It is ready when the frame after that is drawn. */
export function startGame(
	stage: Stage,
	around: Omit<GameAround, "files" | "pack" | "body">,
	compiled: Compiled,
	ready: () => void,
): void {
	const { init, port, report } = around
	const modules = new ModuleLoader(
		() => [
			wx,
			...Array<() => never>(6).fill(noPages),
			...Array(4).fill(globalThis),
			noPages,
			noPages,
		],
		(_path, run) => run(),
	)
	const { files, pack, body } = stage
	const wx = createGameWx(
		{ ...around, files, pack, body },
		{ ...stage.api(), loadSubpackage: subpackages(init, pack, modules, report) },
	)
	wx.preDownloadSubpackage = wx.loadSubpackage
	exposeGame(stage, wx)
	define(modules, compiled)
	port.cast("nav", {
		path: init.config.entry,
		depth: 1,
		title: init.name,
		background: "",
		front: "white",
		custom: true,
		loading: false,
	})
	port.on("share", () => port.cast("share", { title: init.name, path: "", imageUrl: "" }))
	const { frames } = stage
	modules.load("game.js")
	// A game may make its canvas when its first sub-package has come.
	if (!stage.screen && !init.config.subpackages?.length)
		report(new Error("the game has made no canvas"), "game.js")
	frames(ready)
}

/** The names that games find in their window. */
function exposeGame(stage: Stage, wx: Record<string, unknown>): void {
	const scope = stage.scope as unknown as Record<string, unknown>
	const { request, cancel } = stage.clock
	Object.assign(scope, {
		GameGlobal: scope,
		wx,
		requestAnimationFrame: request,
		cancelAnimationFrame: cancel,
	})
	exposeWasm(scope, stage.pack)
	if (stage.shared) scope.sharedCanvas = stage.shared.canvas
}

function define(modules: ModuleLoader, compiled: Compiled): void {
	for (const [path, { factory, found }] of compiled.modules) modules.define(path, factory, found)
	for (const [path, value] of compiled.json) modules.define(path, jsonModule(value))
}

function noPages(): never {
	throw new Error("a game has no pages")
}

/** Brings a sub-package and runs its entry, each once; asked for again it is there already. */
function subpackages(init: Init, pack: Packaged, modules: ModuleLoader, report: Report) {
	const there = new Set<string>()
	const bring = async (name: unknown, progress: (done: number, all: number) => void) => {
		const found = init.config.subpackages?.find((each) =>
			[each.name, each.root].includes(String(name)),
		)
		if (!found) throw new Error("no such subpackage")
		if (there.has(found.root)) return
		const part = init.config.parts?.find(({ root }) => root === found.root)
		if (part) {
			const text = await pack.part(found.root, progress)
			if (there.has(found.root)) return
			await new Promise<void>((done, failed) =>
				load(
					text,
					(compiled) => {
						define(modules, compiled)
						done()
					},
					() => failed(new Error("the subpackage did not load")),
				),
			)
		}
		there.add(found.root)
		if (found.entry) modules.load(found.entry)
	}
	return ({ name, success, fail, complete }: Callbacks & { name?: unknown } = {}) => {
		const heard = new Set<(progress: object) => void>()
		const tell = (done: number, all: number) => {
			const progress = all > 0 ? Math.min(100, Math.round((done / all) * 100)) : 100
			for (const run of heard)
				run({ progress, totalBytesWritten: done, totalBytesExpectedToWrite: all })
		}
		const answer = (told: object, run?: (r: object) => void) => {
			for (const each of [run, complete])
				try {
					each?.(told)
				} catch (error) {
					report(error, "callback of wx.loadSubpackage")
				}
		}
		bring(name, tell).then(
			() => {
				tell(1, 1)
				answer({ errMsg: "loadSubpackage:ok" }, success)
			},
			(error: unknown) => {
				if (!(error instanceof Error) || !/no such|did not load|no such part/.test(error.message))
					report(error, `subpackage ${String(name)}`)
				answer({ errMsg: `loadSubpackage:fail ${(error as Error).message ?? error}` }, fail)
			},
		)
		return { onProgressUpdate: (run: (progress: object) => void) => void heard.add(run) }
	}
}
