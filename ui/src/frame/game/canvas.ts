// Canvases as a game knows them. Adapters lay prototypes of their own under a canvas (`canvas.__proto__.__proto__ =`),
// so each has a prototype that holds all it needs: the browser takes it for a canvas whatever is under that.

import { make } from "../own"

type Files = (blob: Blob, type: string) => string
type Told = { success?(r: object): void; fail?(r: object): void; complete?(r: object): void }

// Taken before an adapter has classes of its own under these names.
const Native = globalThis.HTMLCanvasElement
const setAttribute = globalThis.Element?.prototype.setAttribute

/** A prototype for one canvas. */
function prototypeOf(keep: Files): object {
	const own = {
		...Object.getOwnPropertyDescriptors(Native.prototype),
		toTempFilePath: {
			value(this: HTMLCanvasElement, options: Told & { fileType?: string; quality?: number } = {}) {
				const type = options.fileType === "jpg" ? "jpeg" : "png"
				this.toBlob(
					(blob) => {
						const answer = blob
							? { errMsg: "toTempFilePath:ok", tempFilePath: keep(blob, type) }
							: { errMsg: "toTempFilePath:fail the canvas could not be read" }
						if (blob) options.success?.(answer)
						else options.fail?.(answer)
						options.complete?.(answer)
					},
					`image/${type}`,
					Number(options.quality ?? 1),
				)
			},
			configurable: true,
			writable: true,
			enumerable: true,
		},
		toTempFilePathSync: {
			value(this: HTMLCanvasElement, { fileType }: { fileType?: string } = {}) {
				const type = fileType === "jpg" ? "jpeg" : "png"
				const bytes = atob(this.toDataURL(`image/${type}`).split(",")[1] ?? "")
				return keep(
					new Blob([Uint8Array.from(bytes, (char) => char.charCodeAt(0))], {
						type: `image/${type}`,
					}),
					type,
				)
			},
			configurable: true,
			writable: true,
			enumerable: true,
		},
	}
	Reflect.deleteProperty(own, "constructor")
	return Object.create(Object.create(Native.prototype), own) as object
}

/** Makes canvases; how the screen looks is no game's to change. */
export function canvasMaker(keep: Files) {
	return (width: number, height: number): HTMLCanvasElement => {
		const canvas = make("canvas")
		canvas.width = width
		canvas.height = height
		Object.setPrototypeOf(canvas, prototypeOf(keep))
		Object.defineProperty(canvas, "style", {
			value: {},
			writable: true,
			configurable: true,
			enumerable: true,
		})
		return canvas
	}
}

const SCREEN =
	"position:fixed;inset:0;width:100%;height:100%;touch-action:none;outline:none;-webkit-user-select:none;user-select:none"

/** Puts a canvas over the whole frame; the page behind does not scroll or zoom. */
export function asScreen(canvas: HTMLCanvasElement, body: HTMLElement): void {
	setAttribute.call(canvas, "style", SCREEN)
	body.style.cssText = "margin:0;background:#000;overflow:hidden;user-select:none"
	body.append(canvas)
}
