/** The camera as a scanner: at most ten frames a second, and off whenever nobody looks at the page. */
import { angles, type Decoder, openDecoder } from "./decoder"

export type CameraState = "off" | "starting" | "on" | "denied" | "missing" | "insecure" | "failed"

const frameMs = 100

/** The part of the picture that the viewfinder shows. */
export const viewfinder = { width: 0.8, height: 0.5 }

export class Camera {
	state: CameraState = $state("off")
	/** Null where the camera has no lamp. */
	torch: boolean | null = $state(null)

	#found: (text: string) => void
	#video: HTMLVideoElement | null = null
	#stream: MediaStream | null = null
	#decoder: Decoder | null = null
	#timer: ReturnType<typeof setTimeout> | undefined
	#round = 0

	constructor(found: (text: string) => void) {
		this.#found = found
	}

	/** Whether the person has allowed it before, so that no prompt would come. */
	static async allowed(): Promise<boolean> {
		try {
			const status = await navigator.permissions.query({ name: "camera" as PermissionName })
			return status.state === "granted"
		} catch {
			return false
		}
	}

	async start(video: HTMLVideoElement): Promise<void> {
		if (!isSecureContext || !navigator.mediaDevices) {
			this.state = "insecure"
			return
		}
		const round = ++this.#round
		this.state = "starting"
		this.#video = video
		try {
			const stream = await navigator.mediaDevices.getUserMedia({
				audio: false,
				video: {
					facingMode: { ideal: "environment" },
					width: { ideal: 1280 },
					height: { ideal: 720 },
				},
			})
			if (round !== this.#round) return end(stream)
			this.#stream = stream
			video.srcObject = stream
			await video.play()
			this.#decoder ??= await openDecoder()
			if (round !== this.#round) return
			const lamp = stream.getVideoTracks()[0]?.getCapabilities?.() as
				| { torch?: boolean }
				| undefined
			this.torch = lamp?.torch ? false : null
			this.state = "on"
			this.#loop(round, 0)
		} catch (error) {
			if (round === this.#round) this.#fail(error)
		}
	}

	/** Turns the camera off; `start` turns it on again. */
	stop(): void {
		this.#round++
		clearTimeout(this.#timer)
		end(this.#stream)
		this.#stream = null
		if (this.#video) this.#video.srcObject = null
		this.torch = null
		if (this.state === "on" || this.state === "starting") this.state = "off"
	}

	/** Stops for good. */
	close(): void {
		this.stop()
		this.#decoder?.close()
		this.#decoder = null
	}

	async setTorch(on: boolean): Promise<void> {
		const track = this.#stream?.getVideoTracks()[0]
		try {
			await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
			this.torch = on
		} catch {
			this.torch = null
		}
	}

	#fail(error: unknown): void {
		this.stop()
		const name = error instanceof Error ? error.name : ""
		if (name === "NotAllowedError" || name === "SecurityError") this.state = "denied"
		else if (name === "NotFoundError" || name === "OverconstrainedError") this.state = "missing"
		else this.state = "failed"
	}

	// The box with fast options; every fourth frame all of it, thoroughly, at the next angle.
	async #loop(round: number, frame: number): Promise<void> {
		const started = performance.now()
		const thorough = frame % 4 === 3
		const degrees = thorough ? (angles[Math.floor(frame / 4) % angles.length] ?? 0) : 0
		const picture = await this.#grab(thorough).catch(() => null)
		const text = picture
			? await this.#decoder?.read(picture, thorough, degrees).catch(() => null)
			: null
		if (round !== this.#round) return
		if (text) this.#found(text)
		if (round !== this.#round) return
		const rest = Math.max(0, frameMs - (performance.now() - started))
		this.#timer = setTimeout(() => void this.#loop(round, frame + 1), rest)
	}

	async #grab(whole: boolean): Promise<ImageBitmap | null> {
		const video = this.#video
		if (video === null || video.videoWidth === 0) return null
		if (whole) return createImageBitmap(video)
		const width = Math.round(video.videoWidth * viewfinder.width)
		const height = Math.round(video.videoHeight * viewfinder.height)
		return createImageBitmap(
			video,
			Math.round((video.videoWidth - width) / 2),
			Math.round((video.videoHeight - height) / 2),
			width,
			height,
		)
	}
}

function end(stream: MediaStream | null): void {
	for (const track of stream?.getTracks() ?? []) track.stop()
}
