// The canvas that a game shares with its open data context. What is drawn there the game never sees: to it the canvas
// is an empty one. Where the game draws it, the host lays the other frame over the game.

import { type HostPort, plain } from "../port"
import type { Touched } from "./touch"

interface Box {
	x: number
	y: number
	width: number
	height: number
}
type Paint = CanvasRenderingContext2D
type Upload = (...args: unknown[]) => void

/** Milliseconds after which a shared canvas that is no longer made a texture of is gone from the screen. */
const STALE = 500

/** The game's side of the open data context; it is begun when the game first asks for it. */
export class SharedCanvas {
	readonly canvas: HTMLCanvasElement
	readonly #port: HostPort
	readonly #screen: () => HTMLCanvasElement | undefined
	#begun = false
	#at: Box | undefined
	/** Where it was drawn in this frame. */
	#drawn: Box | undefined
	/** The screen was wiped since it was drawn. */
	#wiped = false
	#texture = 0
	#placed = ""

	constructor(
		canvas: HTMLCanvasElement,
		port: HostPort,
		screen: () => HTMLCanvasElement | undefined,
		frames: (run: FrameRequestCallback) => number,
	) {
		this.canvas = canvas
		this.#port = port
		this.#screen = screen
		this.#hold()
		this.#watch()
		const look = () => {
			this.#look()
			frames(look)
		}
		frames(look)
	}

	/** `wx.getOpenDataContext()`. */
	context(): object {
		this.#begin()
		return {
			canvas: this.canvas,
			postMessage: (message: unknown) =>
				this.#port.cast("openMessage", { message: plain(message) }),
		}
	}

	/** Fingers are the game's; the open data context hears of them, too. */
	touched({ type, touches, changedTouches, timeStamp }: Touched): void {
		if (this.#at) this.#port.cast("openTouch", { type, touches, changedTouches, timeStamp })
	}

	#begin(): void {
		if (this.#begun) return
		this.#begun = true
		const { width, height } = this.canvas
		this.#port.cast("openStart", { width, height })
	}

	/** The size is the game's to set; to anything else it is closed. */
	#hold(): void {
		const { canvas } = this
		const sized = (name: "width" | "height") => {
			const native = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, name)
			Object.defineProperty(canvas, name, {
				configurable: true,
				enumerable: true,
				get: () => native?.get?.call(canvas),
				set: (value: unknown) => {
					native?.set?.call(canvas, value)
					if (this.#begun)
						this.#port.cast("openSize", { width: canvas.width, height: canvas.height })
				},
			})
		}
		sized("width")
		sized("height")
		Object.defineProperty(canvas, "getContext", {
			value: () => null,
			configurable: true,
			writable: true,
		})
	}

	/** Hears of what is drawn with it, and of what wipes it away. */
	#watch(): void {
		const shared = this
		const paint = CanvasRenderingContext2D.prototype
		const { drawImage, clearRect, fillRect } = paint as unknown as Record<string, Upload>
		Object.assign(paint, {
			drawImage(this: Paint, ...args: unknown[]) {
				if (args[0] === shared.canvas)
					shared.#drawn = boxOf(this, args.slice(1) as number[], shared.canvas)
				drawImage?.apply(this, args)
			},
			clearRect(this: Paint, ...args: number[]) {
				shared.#wipe(this, args)
				clearRect?.apply(this, args)
			},
			fillRect(this: Paint, ...args: number[]) {
				shared.#wipe(this, args)
				fillRect?.apply(this, args)
			},
		})
		for (const Context of [globalThis.WebGLRenderingContext, globalThis.WebGL2RenderingContext]) {
			if (!Context) continue
			const upload = Context.prototype as unknown as Record<string, Upload>
			for (const name of ["texImage2D", "texSubImage2D"]) {
				const native = upload[name]
				upload[name] = function (...args: unknown[]) {
					if (args.includes(shared.canvas)) shared.#texture = performance.now()
					native?.apply(this, args)
				}
			}
		}
	}

	#wipe(context: Paint, [x = 0, y = 0, width = 0, height = 0]: number[]): void {
		const screen = this.#screen()
		if (!screen || context.canvas !== screen) return
		const box = boxOf(context, [x, y, width, height], screen)
		const at = this.#drawn ?? this.#at
		if (!at || !covers(box, at)) return
		this.#wiped = true
		this.#drawn = undefined
	}

	/** Once in a frame: where it is now. */
	#look(): void {
		const screen = this.#screen()
		if (!screen) return
		const whole = { x: 0, y: 0, width: screen.width, height: screen.height }
		if (this.#drawn) this.#at = this.#drawn
		else if (performance.now() - this.#texture < STALE && this.#texture > 0) this.#at = whole
		else if (this.#wiped || this.#texture > 0) this.#at = undefined
		this.#drawn = undefined
		this.#wiped = false
		const said = this.#at ? JSON.stringify({ ...this.#at, of: [screen.width, screen.height] }) : ""
		if (said === this.#placed) return
		this.#placed = said
		if (this.#at) this.#begin()
		this.#port.cast("openPlace", this.#at ? part(this.#at, screen) : null)
	}
}

/** Where on its canvas a context draws what `drawImage` or a rectangle names. */
function boxOf(context: Paint, args: number[], image: { width: number; height: number }): Box {
	const [x = 0, y = 0, width = image.width, height = image.height] =
		args.length >= 8 ? args.slice(4) : args
	const { a, b, c, d, e, f } = context.getTransform()
	const corners = [
		[x, y],
		[x + width, y],
		[x, y + height],
		[x + width, y + height],
	].map(([left = 0, top = 0]) => [a * left + c * top + e, b * left + d * top + f])
	const lefts = corners.map(([left = 0]) => left)
	const tops = corners.map(([, top = 0]) => top)
	const [left, top] = [Math.min(...lefts), Math.min(...tops)]
	return { x: left, y: top, width: Math.max(...lefts) - left, height: Math.max(...tops) - top }
}

const covers = (outer: Box, inner: Box) =>
	outer.x <= inner.x + 1 &&
	outer.y <= inner.y + 1 &&
	outer.x + outer.width >= inner.x + inner.width - 1 &&
	outer.y + outer.height >= inner.y + inner.height - 1

/** A box as parts of the screen, which is what the host can place. */
const part = ({ x, y, width, height }: Box, screen: { width: number; height: number }) => ({
	x: x / screen.width,
	y: y / screen.height,
	width: width / screen.width,
	height: height / screen.height,
})
