// A game: one script, one canvas that is the screen, and WeChat's game interface instead of pages.

import type { Init } from "../lib/host/protocol"
import { type Compiled, jsonModule } from "./compiled"
import { ModuleLoader } from "./modules"
import { createWx, type Surroundings } from "./wx"

/** What WeChat's engines adapt themselves to; everything else they take from `wx`. */
interface Screen {
	wx: Record<string, unknown>
	canvas: () => HTMLCanvasElement | undefined
}
type TouchListener = (event: object) => void

const TOUCHES = {
	touchstart: "TouchStart",
	touchmove: "TouchMove",
	touchend: "TouchEnd",
	touchcancel: "TouchCancel",
} as const

type Around = Omit<Surroundings, "pages">

/** Runs the game's entry. It is ready when the frame after that is drawn. */
export function startGame(around: Around, compiled: Compiled, ready: () => void): void {
	const { init, now, port, report } = around
	// Before `wx` hears of it, which tells the game what is true by then.
	port.on("theme", (event) => {
		if (event.ev === "theme") now.theme = event.theme
	})
	const { wx, canvas } = screenOf(around)
	const scope = globalThis as unknown as Record<string, unknown>
	scope.GameGlobal = globalThis
	scope.wx = wx
	const modules = new ModuleLoader(
		() => [
			wx,
			...Array<() => never>(6).fill(noPages),
			globalThis,
			globalThis,
			globalThis,
			globalThis,
			noPages,
			noPages,
		],
		(_path, run) => run(),
	)
	for (const [path, { factory, found }] of compiled.modules) modules.define(path, factory, found)
	for (const [path, value] of compiled.json) modules.define(path, jsonModule(value))
	wx.loadSubpackage = loader(init, modules)

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
	modules.load("game.js")
	if (!canvas()) report(new Error("the game has made no canvas"), "game.js")
	requestAnimationFrame(ready)
}

function noPages(): never {
	throw new Error("a game has no pages")
}

function screenOf(around: Around): Screen {
	let first: HTMLCanvasElement | undefined
	const wx = createWx({ ...around, pages: noPages })
	Object.assign(wx, touches(), {
		/** The first canvas is the screen; those after it are drawn on in memory. */
		createCanvas: () => {
			const canvas = document.createElement("canvas")
			if (!first) {
				first = fill(canvas)
				;(globalThis as unknown as Record<string, unknown>).canvas = canvas
			}
			return canvas
		},
		createOffscreenCanvas: ({ width = 300, height = 150 } = {}) =>
			Object.assign(document.createElement("canvas"), { width, height }),
		createImage: () => imageOf(),
		onShow: wx.onAppShow,
		offShow: wx.offAppShow,
		onHide: wx.onAppHide,
		offHide: wx.offAppHide,
		setPreferredFramesPerSecond: () => {},
		triggerGC: () => {},
		getPerformance: () => performance,
	})
	return { wx, canvas: () => first }
}

/** The screen: as large as the frame, in the device's own pixels; the page behind does not scroll or zoom. */
function fill(canvas: HTMLCanvasElement): HTMLCanvasElement {
	const { clientWidth, clientHeight } = document.documentElement
	canvas.width = clientWidth
	canvas.height = clientHeight
	canvas.style.cssText = "position:fixed;inset:0;width:100%;height:100%;touch-action:none"
	document.body.style.cssText = "margin:0;background:#000;overflow:hidden;user-select:none"
	document.body.append(canvas)
	return canvas
}

/** Pictures of the package lie beside the script, under `res/`. */
function imageOf(): HTMLImageElement {
	const image = new Image()
	const { set, get } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src") ?? {}
	Object.defineProperty(image, "src", {
		get: () => get?.call(image),
		set: (src: string) => set?.call(image, inPackage(String(src))),
	})
	return image
}

/** Where a file of the package is loaded from; what has a scheme stays, and the policy decides. */
export function inPackage(src: string): string {
	return /^[a-z][a-z\d+.-]*:/i.test(src) ? src : `res/${src.replace(/^(?:\.?\/)+/, "")}`
}

/** `onTouchStart` and its kin. A mouse is a finger that has no brothers. */
function touches(): Record<string, unknown> {
	const heard: Record<string, Set<TouchListener>> = {}
	for (const [event, name] of Object.entries(TOUCHES)) {
		const set = new Set<TouchListener>()
		heard[name] = set
		document.addEventListener(
			event,
			(touch) => {
				const { touches: all, changedTouches, timeStamp } = touch as TouchEvent
				tell(set, points(all), points(changedTouches), timeStamp)
			},
			{ passive: true },
		)
	}
	// By pointer, because browsers send mouse events after a real finger's, too.
	const mouse = { pointerdown: "TouchStart", pointermove: "TouchMove", pointerup: "TouchEnd" }
	for (const [event, name] of Object.entries(mouse)) {
		document.addEventListener(event, (pointer) => {
			const at = pointer as PointerEvent
			if (at.pointerType !== "mouse" || (name === "TouchMove" && !at.buttons)) return
			const finger = [point(0, at)]
			tell(heard[name], at.buttons ? finger : [], finger, at.timeStamp)
		})
	}
	return Object.fromEntries(
		Object.entries(heard).flatMap(([name, set]) => [
			[`on${name}`, (listener: TouchListener) => set.add(listener)],
			[`off${name}`, (listener?: TouchListener) => (listener ? set.delete(listener) : set.clear())],
		]),
	)
}

function tell(
	set: Set<TouchListener> | undefined,
	touches: object[],
	changedTouches: object[],
	timeStamp: number,
): void {
	for (const listener of set ?? []) listener({ touches, changedTouches, timeStamp })
}

const points = (list: TouchList) => Array.from(list, (touch) => point(touch.identifier, touch))
const point = (identifier: number, { clientX, clientY }: { clientX: number; clientY: number }) => ({
	identifier,
	clientX,
	clientY,
	pageX: clientX,
	pageY: clientY,
})

/** Sub-packages are in the bundle already; loading one runs its entry. */
function loader(init: Init, modules: ModuleLoader) {
	return ({
		name,
		success,
		fail,
		complete,
	}: {
		name: string
		success?: (r: object) => void
		fail?: (r: object) => void
		complete?: (r: object) => void
	}) => {
		const found = init.config.subpackages?.find((each) => [each.name, each.root].includes(name))
		queueMicrotask(() => {
			const answer = { errMsg: `loadSubpackage:${found ? "ok" : "fail no such subpackage"}` }
			if (found?.entry) modules.load(found.entry)
			if (found) success?.(answer)
			else fail?.(answer)
			complete?.(answer)
		})
		return { onProgressUpdate: () => {} }
	}
}
