import type { Builtin, Drawn } from "./builtin"

/** Gives a canvas what WeChat's canvas node has beyond the DOM's. */
export function canvasNode<T extends object>(canvas: T): T {
	return Object.assign(canvas, {
		createImage: () => new Image(),
		createPath2D: (path?: Path2D | string) => new Path2D(path),
		createImageData: (width: number, height: number) => new ImageData(width, height),
		requestAnimationFrame: (run: FrameRequestCallback) => requestAnimationFrame(run),
		cancelAnimationFrame: (id: number) => cancelAnimationFrame(id),
	})
}

/** `type="2d"` gives its node; without a type `wx.createCanvasContext` draws on it by its `canvas-id`. */
export const canvas: Builtin = {
	tag: "canvas",
	slot: false,
	speaks: ["error"],
	properties: { type: "", canvasId: "", disableScroll: false },
	setup({ node, get }) {
		const drawing = canvasNode(document.createElement("canvas"))
		node.append(drawing)
		;(node as Drawn).answers = drawing
		const fit = () => {
			node.dataset.canvas = get<string>("canvasId")
			// Of the older kind the pixels are the element's own; a 2d canvas is sized by the program.
			if (get<string>("type") !== "" || !node.clientWidth) return
			drawing.width = node.clientWidth
			drawing.height = node.clientHeight
		}
		node.addEventListener(
			"touchmove",
			(event) => get<boolean>("disableScroll") && event.cancelable && event.preventDefault(),
			{ passive: false },
		)
		return { attached: () => requestAnimationFrame(fit), changed: fit }
	},
}
