// Canvases: of the page, off the screen, and the older drawing context that queues what it is told.

import { canvasNode } from "../components/canvas"
import type { Implementation } from "./api"

type Query = (selector: string) => HTMLCanvasElement | null

/** The canvas of the page on top that has the older kind of id. */
const byId: Query = (id) =>
	document.querySelector<HTMLCanvasElement>(
		`wx-page:not([hidden]) wx-canvas[data-canvas="${CSS.escape(id)}"] > canvas`,
	)

/** A canvas that is on no page. */
export function createOffscreenCanvas(
	first: { width?: number; height?: number } | number = {},
	second?: number,
): HTMLCanvasElement {
	const { width = 300, height = 150 } =
		typeof first === "number" ? { width: first, height: second ?? 150 } : first
	return canvasNode(Object.assign(document.createElement("canvas"), { width, height }))
}

const SETTERS: Record<string, keyof CanvasRenderingContext2D> = {
	setFillStyle: "fillStyle",
	setStrokeStyle: "strokeStyle",
	setGlobalAlpha: "globalAlpha",
	setLineCap: "lineCap",
	setLineJoin: "lineJoin",
	setLineWidth: "lineWidth",
	setMiterLimit: "miterLimit",
	setTextAlign: "textAlign",
	setTextBaseline: "textBaseline",
	setLineDashOffset: "lineDashOffset",
}
const PROPERTIES = [
	...Object.values(SETTERS),
	"font",
	"shadowBlur",
	"shadowColor",
	"shadowOffsetX",
	"shadowOffsetY",
	"globalCompositeOperation",
]
const QUEUED = (
	"arc arcTo beginPath bezierCurveTo clip closePath fill fillRect lineTo moveTo quadraticCurveTo rect restore " +
	"rotate save scale setTransform stroke strokeRect strokeText transform translate clearRect fillText drawImage"
).split(" ")

type Paint = CanvasRenderingContext2D & Record<string, unknown>

type Act = (paint: Paint) => void

/** Paints what was kept, when the canvas is there. */
function paintOn(id: string, acts: Act[], keep: boolean, done?: () => void): void {
	requestAnimationFrame(() => {
		const paint = byId(id)?.getContext("2d") as Paint | null | undefined
		if (paint) {
			if (!keep) paint.clearRect(0, 0, paint.canvas.width, paint.canvas.height)
			paint.save()
			for (const act of acts) act(paint)
			paint.restore()
		}
		done?.()
	})
}

/** The oldest way to draw: a context that belongs to no canvas, whose acts `wx.drawCanvas` paints. */
export const oldestDrawing = {
	createContext: () => createCanvasContext(""),
	drawCanvas: ({ canvasId, actions, reserve }: Record<string, unknown>) =>
		paintOn(String(canvasId), Array.isArray(actions) ? (actions as Act[]) : [], Boolean(reserve)),
}

/** WeChat's older context: it keeps what it is told until `draw`. */
export function createCanvasContext(id: string): Record<string, unknown> {
	let queue: Act[] = []
	const sizes = document.createElement("canvas").getContext("2d") as Paint | null
	const context: Record<string, unknown> = {
		setFontSize: (size: number) => later((paint) => (paint.font = `${size}px sans-serif`)),
		setLineDash: (pattern: number[], offset = 0) =>
			later((paint) => {
				paint.setLineDash(pattern)
				paint.lineDashOffset = offset
			}),
		setShadow: (x: number, y: number, blur: number, color: string) =>
			later((paint) =>
				Object.assign(paint, {
					shadowOffsetX: x,
					shadowOffsetY: y,
					shadowBlur: blur,
					shadowColor: color,
				}),
			),
		createLinearGradient: (...at: [number, number, number, number]) =>
			sizes?.createLinearGradient(...at),
		createCircularGradient: (x: number, y: number, radius: number) =>
			sizes?.createRadialGradient(x, y, 0, x, y, radius),
		measureText: (text: string) => sizes?.measureText(text),
		draw(keep: boolean | (() => void) = false, done?: () => void) {
			const acts = queue
			queue = []
			paintOn(id, acts, keep === true, typeof keep === "function" ? keep : done)
		},
		getActions() {
			const acts = queue
			queue = []
			return acts
		},
		clearActions() {
			queue = []
		},
	}
	function later(act: Act): void {
		queue.push(act)
	}
	for (const name of QUEUED)
		context[name] = (...args: unknown[]) =>
			later((paint) => {
				;(paint[name] as (...given: unknown[]) => void)(...args)
			})
	for (const [setter, name] of Object.entries(SETTERS))
		context[setter] = (value: unknown) => later((paint) => Object.assign(paint, { [name]: value }))
	for (const name of PROPERTIES)
		Object.defineProperty(context, name, {
			set: (value) => later((paint) => Object.assign(paint, { [name]: value })),
			get: () => sizes?.[name],
		})
	return context
}

/** A part of a canvas, on a canvas of its own. */
function cut(
	source: HTMLCanvasElement,
	{ x = 0, y = 0, width, height, destWidth, destHeight }: Record<string, number | undefined>,
): HTMLCanvasElement {
	const [wide, high] = [width ?? source.width - x, height ?? source.height - y]
	const copy = createOffscreenCanvas(destWidth ?? wide, destHeight ?? high)
	copy.getContext("2d")?.drawImage(source, x, y, wide, high, 0, 0, copy.width, copy.height)
	return copy
}

const canvasOf = (options: Record<string, unknown>): HTMLCanvasElement => {
	const found =
		options.canvas instanceof HTMLCanvasElement
			? options.canvas
			: byId(String(options.canvasId ?? ""))
	if (!found) throw new Error("canvas is empty")
	return found
}

/** The asynchronous ones; `keep` makes a temporary file of what comes out. */
export function drawingApi(
	keep: (blob: Blob, type: string) => string,
): Record<string, Implementation> {
	return {
		canvasToTempFilePath: async (options) => {
			const type = options.fileType === "jpg" ? "jpeg" : "png"
			const copy = cut(canvasOf(options), options as Record<string, number | undefined>)
			const blob = await new Promise<Blob | null>((done) =>
				copy.toBlob(done, `image/${type}`, Number(options.quality ?? 1)),
			)
			if (!blob) throw new Error("the canvas could not be read")
			return { tempFilePath: keep(blob, type === "jpeg" ? "jpg" : "png") }
		},
		canvasGetImageData: (options) => {
			const [x, y, width, height] = ["x", "y", "width", "height"].map((name) =>
				Number(options[name]),
			)
			const read = canvasOf(options).getContext("2d")
			const data = read?.getImageData(x ?? 0, y ?? 0, width ?? 0, height ?? 0).data
			return { width, height, data }
		},
		canvasPutImageData: (options) => {
			const { data, width, height } = options as unknown as ImageData
			const image = new ImageData(new Uint8ClampedArray(data), width, height)
			canvasOf(options)
				.getContext("2d")
				?.putImageData(image, Number(options.x ?? 0), Number(options.y ?? 0))
		},
	}
}
