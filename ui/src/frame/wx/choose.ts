// Pictures, films and files that the person chooses on the device. The browser's own chooser is the consent: a
// program sees what was chosen, and nothing else.

import type { Implementation } from "./api"
import type { Files } from "./files"

/** What one chosen file is called by the APIs. */
interface Chosen {
	path: string
	size: number
	name: string
	type: string
	at: number
}

interface Wanted {
	accept: string
	most: number
	camera: boolean
	/** With any, no other file is taken: a chooser lets people pass over `accept`. */
	endings?: string[]
}

/** Opens the browser's chooser; nothing chosen is a "cancel". */
function choose(files: Files, { accept, most, camera, endings = [] }: Wanted): Promise<Chosen[]> {
	return new Promise((resolve, reject) => {
		const input = document.createElement("input")
		input.type = "file"
		input.accept = accept
		input.multiple = most > 1
		if (camera) input.setAttribute("capture", "environment")
		input.addEventListener("cancel", () => reject(new Error("cancel")))
		input.addEventListener("change", () => {
			const list = [...(input.files ?? [])].slice(0, most)
			if (list.length === 0) return reject(new Error("cancel"))
			const fits = (name: string) => endings.some((each) => name.toLowerCase().endsWith(each))
			if (endings.length > 0 && !list.every(({ name }) => fits(name)))
				return reject(new Error(`the file must be one of ${endings.join(", ")}`))
			Promise.all(list.map((file) => kept(files, file))).then(resolve, reject)
		})
		input.click()
	})
}

/** Bytes of one file that is taken in: all files of a program lie in memory. */
const LARGEST = 20_000_000

async function kept(files: Files, file: File): Promise<Chosen> {
	if (file.size > LARGEST) throw new Error("the file is too large")
	const path = await files.keepWhole(file, file.name)
	return { path, size: file.size, name: file.name, type: file.type, at: file.lastModified }
}

const list = (value: unknown, otherwise: string[]): string[] =>
	Array.isArray(value) ? value.map(String) : otherwise

/** How many may be chosen: the number asked for, between 1 and the API's most. */
function count(value: unknown, most: number): number {
	const wanted = Number(value ?? most)
	return Number.isInteger(wanted) && wanted >= 1 ? Math.min(wanted, 100) : most
}

/** Only the camera was asked for. */
const fromCamera = (value: unknown) =>
	list(value, ["album", "camera"]).every((source) => source === "camera")

/** Width, height and seconds of a film. */
export function measureVideo(
	link: string,
): Promise<{ width: number; height: number; duration: number }> {
	return new Promise((resolve, reject) => {
		const video = document.createElement("video")
		video.preload = "metadata"
		video.addEventListener("loadedmetadata", () =>
			resolve({ width: video.videoWidth, height: video.videoHeight, duration: video.duration }),
		)
		video.addEventListener("error", () => reject(new Error("the video cannot be read")))
		video.src = link
	})
}

async function medium(
	files: Files,
	{ path, size, type }: Chosen,
): Promise<Record<string, unknown>> {
	const video = type.startsWith("video/")
	const film = video ? await measureVideo(files.link(path)).catch(() => null) : null
	return {
		tempFilePath: path,
		size,
		fileType: video ? "video" : "image",
		...(video
			? {
					duration: film?.duration ?? 0,
					width: film?.width ?? 0,
					height: film?.height ?? 0,
					thumbTempFilePath: "",
				}
			: {}),
	}
}

const KINDS: Record<string, string> = {
	image: "image/*",
	video: "video/*",
	all: "",
	file: "",
}

/** The asynchronous ones. */
export function chooseApi(files: Files): Record<string, Implementation> {
	return {
		chooseImage: async ({ count: wanted, sourceType }) => {
			const chosen = await choose(files, {
				accept: "image/*",
				most: count(wanted, 9),
				camera: fromCamera(sourceType),
			})
			return {
				tempFilePaths: chosen.map(({ path }) => path),
				tempFiles: chosen.map(({ path, size }) => ({ path, size })),
			}
		},
		chooseMedia: async ({ count: wanted, mediaType, sourceType }) => {
			const kinds = list(mediaType, ["image", "video"])
			const both = kinds.includes("mix") || (kinds.includes("image") && kinds.includes("video"))
			const chosen = await choose(files, {
				accept: both ? "image/*,video/*" : kinds.includes("video") ? "video/*" : "image/*",
				most: count(wanted, 9),
				camera: fromCamera(sourceType),
			})
			const tempFiles = await Promise.all(chosen.map((each) => medium(files, each)))
			const types = new Set(tempFiles.map(({ fileType }) => fileType))
			return { type: types.size > 1 ? "mix" : [...types][0], tempFiles }
		},
		chooseVideo: async ({ sourceType }) => {
			const [film] = await choose(files, {
				accept: "video/*",
				most: 1,
				camera: fromCamera(sourceType),
			})
			if (!film) throw new Error("cancel")
			const { width, height, duration } = await measureVideo(files.link(film.path))
			return { tempFilePath: film.path, size: film.size, width, height, duration }
		},
		chooseMessageFile: async ({ count: wanted, type, extension }) => {
			const endings = list(extension, []).map((each) => `.${each.replace(/^\./, "").toLowerCase()}`)
			const chosen = await choose(files, {
				accept: endings.length > 0 ? endings.join(",") : (KINDS[String(type)] ?? ""),
				most: count(wanted, 100),
				camera: false,
				endings,
			})
			return {
				tempFiles: chosen.map(({ path, size, name, type: mime, at }) => ({
					path,
					size,
					name,
					type: mime.startsWith("image/") ? "image" : mime.startsWith("video/") ? "video" : "file",
					time: Math.floor(at / 1000),
				})),
			}
		},
		getVideoInfo: async ({ src }) => {
			const path = String(src ?? "")
			const { width, height, duration } = await measureVideo(files.link(path))
			const size = files.has(path) ? files.stat(path).size / 1024 : 0
			return { width, height, duration, size, type: "", orientation: "up", fps: 0, bitrate: 0 }
		},
		compressImage: ({ src, quality, compressedWidth, compressedHeight }) =>
			compress(files, String(src ?? ""), {
				quality: Number(quality ?? 80),
				width: Number(compressedWidth ?? 0),
				height: Number(compressedHeight ?? 0),
			}),
	}
}

/** Draws a picture again: smaller, or with fewer details. */
async function compress(
	files: Files,
	path: string,
	wanted: { quality: number; width: number; height: number },
): Promise<{ tempFilePath: string }> {
	const image = new Image()
	image.src = files.link(path)
	await image.decode().catch(() => {
		throw new Error("image not found")
	})
	const ratio = image.naturalWidth / image.naturalHeight
	const width = wanted.width || (wanted.height ? wanted.height * ratio : image.naturalWidth)
	const height = wanted.height || width / ratio
	const canvas = document.createElement("canvas")
	canvas.width = Math.round(width)
	canvas.height = Math.round(height)
	canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height)
	const blob = await new Promise<Blob | null>((done) =>
		canvas.toBlob(done, "image/jpeg", Math.min(100, Math.max(1, wanted.quality)) / 100),
	)
	if (!blob) throw new Error("the image is too large")
	return { tempFilePath: await files.keepWhole(blob) }
}
