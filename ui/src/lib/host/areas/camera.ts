// The camera of a program's page. The frame may not have one, so the host has it, once the person has agreed, and
// sends what it sees as pictures; the next goes when the last was shown. It is off as soon as the program leaves the
// screen.

import { openDecoder } from "../../scan/decoder"
import { type Fields, type FrameMessage, isFields, words } from "../checks"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"
import { say } from "../words"

/** Milliseconds between two pictures. */
const PACE = 50
/** Milliseconds between two looks for a code. */
const LOOK = 250
/** The longer side of what a page shows, by WeChat's names. */
const SIDES: Record<string, number> = { low: 480, medium: 720, high: 1_080 }
/** Milliseconds of one film (WeChat: 30 s by default, five minutes at most). */
const LONGEST = 30_000

interface Seeing {
	stream: MediaStream
	video: HTMLVideoElement
	side: number
	shown: boolean
	end(): void
	recorder?: MediaRecorder
	parts: Blob[]
}

const cameras = new WeakMap<Reach, Seeing>()

export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	const given = isFields(args) ? args : {}
	if (method === "cameraStart") return start(reach, given)
	const seeing = cameras.get(reach)
	if (method === "cameraStop") {
		seeing?.end()
		return {}
	}
	if (method === "cameraSeen") {
		if (seeing) seeing.shown = true
		return {}
	}
	if (!seeing) throw new Refusal("camera is not ready", "no_camera")
	if (method === "cameraPhoto") return photo(seeing, given)
	if (method === "cameraRecord") return record(seeing, words(given.act))
	throw new Refusal("not supported", "not_supported")
}

async function start(reach: Reach, given: Fields): Promise<object> {
	cameras.get(reach)?.end()
	await reach.permit("camera")
	if (!navigator.mediaDevices) throw new Refusal("not supported", "not_supported")
	const side = SIDES[words(given.resolution)] ?? 720
	const stream = await navigator.mediaDevices
		.getUserMedia({
			video: {
				facingMode: given.device === "front" ? "user" : "environment",
				width: { ideal: side },
			},
		})
		.catch(() => {
			throw new Refusal("system permission denied", "no_camera")
		})
	const video = document.createElement("video")
	video.muted = video.playsInline = true
	video.srcObject = stream
	await video.play()
	const light = lightOf(reach)
	const seeing: Seeing = { stream, video, side, shown: true, parts: [], end: () => {} }
	const timer = setInterval(() => void send(reach, seeing), PACE)
	const scanning = given.scan === true ? lookFor(reach, seeing) : () => {}
	seeing.end = () => {
		if (cameras.get(reach) === seeing) cameras.delete(reach)
		clearInterval(timer)
		scanning()
		light.remove()
		if (seeing.recorder?.state === "recording") seeing.recorder.stop()
		for (const track of stream.getTracks()) track.stop()
		video.srcObject = null
	}
	cameras.set(reach, seeing)
	// A person who has left must not be seen.
	reach.atEnd(() => seeing.end())
	reach.atHide(() => {
		if (cameras.get(reach) !== seeing) return
		seeing.end()
		reach.tell({ ev: "event", name: "CameraStop", detail: {} })
	})
	return { width: video.videoWidth, height: video.videoHeight }
}

/** The host says that the camera is on, where no program can draw. */
function lightOf({ launch, hands }: Reach): HTMLElement {
	const light = document.createElement("p")
	light.role = "status"
	light.textContent = say("host.camera", { name: launch.name })
	light.style.cssText =
		"position:absolute;left:50%;bottom:8px;translate:-50%;margin:0;padding:4px 10px;border-radius:99px;" +
		"background:#b3261e;color:#fff;font-size:12px;white-space:nowrap;max-width:90%;overflow:hidden;text-overflow:ellipsis"
	hands.beside()?.append(light)
	return light
}

async function send(reach: Reach, seeing: Seeing): Promise<void> {
	const { video, side } = seeing
	if (!seeing.shown || video.readyState < 2) return
	seeing.shown = false
	const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight))
	const picture = await createImageBitmap(video, {
		resizeWidth: Math.max(1, Math.round(video.videoWidth * scale)),
		resizeHeight: Math.max(1, Math.round(video.videoHeight * scale)),
	}).catch(() => null)
	if (picture && cameras.get(reach) === seeing) reach.tell({ ev: "camera", picture }, [picture])
	else seeing.shown = true
}

/** Tells the program of codes; what it sees is read here. */
function lookFor(reach: Reach, { video }: Seeing): () => void {
	const decoder = openDecoder()
	let busy = false
	const timer = setInterval(async () => {
		if (busy || video.readyState < 2) return
		busy = true
		try {
			const text = await (await decoder).read(await createImageBitmap(video), false, 0)
			if (text !== null)
				reach.tell({ ev: "event", name: "CameraCode", detail: { type: "qrcode", result: text } })
		} catch {
			// The next picture may be readable.
		} finally {
			busy = false
		}
	}, LOOK)
	return () => {
		clearInterval(timer)
		decoder.then(
			(one) => one.close(),
			() => {},
		)
	}
}

async function photo({ video }: Seeing, { quality }: Fields): Promise<WithBytes> {
	const canvas = document.createElement("canvas")
	canvas.width = video.videoWidth
	canvas.height = video.videoHeight
	canvas.getContext("2d")?.drawImage(video, 0, 0)
	const fine = { low: 0.5, normal: 0.8, high: 0.92, original: 1 }[words(quality)] ?? 0.8
	const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", fine))
	if (!blob) throw new Refusal("the picture could not be taken", "failed")
	return new WithBytes(
		{ width: canvas.width, height: canvas.height, type: blob.type },
		await blob.arrayBuffer(),
	)
}

async function record(seeing: Seeing, act: string): Promise<unknown> {
	if (act === "start") {
		if (seeing.recorder?.state === "recording") throw new Refusal("is recording", "is_recording")
		const recorder = new MediaRecorder(seeing.stream)
		seeing.parts = []
		recorder.addEventListener("dataavailable", ({ data }) => seeing.parts.push(data))
		setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST)
		recorder.start(1_000)
		seeing.recorder = recorder
		return {}
	}
	const { recorder } = seeing
	if (act !== "stop" || !recorder) throw badArgs
	if (recorder.state !== "inactive") {
		const ended = new Promise((done) => recorder.addEventListener("stop", done))
		recorder.stop()
		await ended
	}
	const film = new Blob(seeing.parts, { type: recorder.mimeType })
	return new WithBytes({ type: film.type }, await film.arrayBuffer())
}
