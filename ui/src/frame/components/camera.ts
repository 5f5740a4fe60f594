// The camera of a page. The host has it and sends what it sees; here it is drawn, and given to the program.

import { make } from "../own"
import type { HostPort } from "../port"
import type { Builtin } from "./builtin"
import type { Routes } from "./page"

type FrameHeard = (frame: { width: number; height: number; data: ArrayBuffer }) => void

/** What the pages' cameras and `wx.createCameraContext` share: there is one camera in a program. */
class Camera {
	port: HostPort | undefined
	/** Draws what is seen. */
	draw: ((picture: ImageBitmap) => void) | undefined
	readonly frames = new Set<FrameHeard>()
	#reading: CanvasRenderingContext2D | null = null
	scanned: ((detail: unknown) => void) | undefined
	stopped: (() => void) | undefined

	/** Hears the host. */
	listen(port: HostPort): void {
		this.port = port
		port.on("camera", (event) => {
			if (event.ev !== "camera") return
			const { picture } = event
			if (this.frames.size > 0) this.#read(picture)
			if (this.draw) this.draw(picture)
			else picture.close()
			requestAnimationFrame(() => port.cast("cameraSeen"))
		})
		port.on("event", (event) => {
			if (event.ev !== "event") return
			if (event.name === "CameraCode") this.scanned?.(event.detail)
			if (event.name === "CameraStop") this.stopped?.()
		})
	}

	/** The colours of a picture, for a program that wants to see for itself. */
	#read(picture: ImageBitmap): void {
		const { width, height } = picture
		this.#reading ??= make("canvas").getContext("2d", { willReadFrequently: true })
		if (!this.#reading) return
		this.#reading.canvas.width = width
		this.#reading.canvas.height = height
		this.#reading.drawImage(picture, 0, 0)
		const { data } = this.#reading.getImageData(0, 0, width, height)
		for (const heard of this.frames) heard({ width, height, data: data.buffer.slice(0) })
	}
}

/** The one camera. */
export const theCamera = new Camera()

/** `<camera>`. */
export const camera = ({ ask: _ask }: Routes): Builtin => ({
	tag: "camera",
	speaks: ["error", "initdone", "scancode", "stop"],
	properties: {
		mode: "normal",
		resolution: "medium",
		devicePosition: "back",
		flash: "auto",
		frameSize: "medium",
	},
	setup({ node, get, emit }) {
		const canvas = make("canvas")
		canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;object-fit:cover"
		node.prepend(canvas)
		const shown = canvas.getContext("bitmaprenderer")
		let there = false
		const begin = () => {
			const { port } = theCamera
			if (!port) return
			theCamera.draw = (picture) => {
				if (canvas.width !== picture.width || canvas.height !== picture.height) {
					canvas.width = picture.width
					canvas.height = picture.height
				}
				shown?.transferFromImageBitmap(picture)
			}
			theCamera.scanned = (detail) => emit("scancode", detail)
			theCamera.stopped = () => emit("stop", {})
			port
				.call("cameraStart", {
					device: get<string>("devicePosition"),
					resolution: get<string>("resolution"),
					scan: get<string>("mode") === "scanCode",
				})
				.then(
					() => there && emit("initdone", { maxZoom: 1 }),
					(error: Error) => {
						if (there) emit("error", { errMsg: `insertCamera:fail ${error.message}` })
					},
				)
		}
		return {
			attached() {
				there = true
				begin()
				// It was off while the program was away.
				theCamera.port?.on("show", () => there && begin())
			},
			changed(name) {
				if (there && (name === "devicePosition" || name === "mode")) begin()
			},
			detached() {
				there = false
				theCamera.draw = theCamera.scanned = theCamera.stopped = undefined
				theCamera.port?.cast("cameraStop")
			},
		}
	},
})
