/** One reader of codes: the browser's own if it reads retail codes, else zxing-wasm in a worker. */

export interface DecodeRequest {
	id: number
	picture: ImageBitmap
	/** Slower and better. */
	thorough: boolean
	/** Turns the picture first. */
	degrees: number
}

export interface DecodeAnswer {
	id: number
	text: string | null
	failure?: string
}

export interface Decoder {
	/** The text of a code in the picture, or null. Closes the picture. */
	read(picture: ImageBitmap, thorough: boolean, degrees: number): Promise<string | null>
	close(): void
}

interface NativeDetector {
	detect(source: ImageBitmap): Promise<{ rawValue: string }[]>
}

interface NativeDetectorClass {
	new (options: { formats: string[] }): NativeDetector
	getSupportedFormats(): Promise<string[]>
}

const wanted = ["ean_13", "ean_8", "upc_a", "upc_e", "itf", "code_128", "qr_code", "data_matrix"]

/** The decoder that fits this browser. */
export async function openDecoder(): Promise<Decoder> {
	const native = (globalThis as { BarcodeDetector?: NativeDetectorClass }).BarcodeDetector
	const known = (await native?.getSupportedFormats().catch(() => [])) ?? []
	if (native && known.includes("ean_13") && known.includes("qr_code"))
		return nativeDecoder(new native({ formats: wanted.filter((name) => known.includes(name)) }))
	return workerDecoder()
}

function nativeDecoder(detector: NativeDetector): Decoder {
	return {
		async read(picture) {
			try {
				return (await detector.detect(picture))[0]?.rawValue ?? null
			} finally {
				picture.close()
			}
		},
		close() {},
	}
}

function workerDecoder(): Decoder {
	const worker = new Worker(new URL("./decode.worker.ts", import.meta.url), { type: "module" })
	const waiting = new Map<
		number,
		{ resolve: (text: string | null) => void; reject: (e: Error) => void }
	>()
	let next = 0
	worker.addEventListener("message", ({ data }: MessageEvent<DecodeAnswer>) => {
		const waiter = waiting.get(data.id)
		waiting.delete(data.id)
		if (data.failure === undefined) waiter?.resolve(data.text)
		else waiter?.reject(new Error(data.failure))
	})
	worker.addEventListener("error", (event) => {
		for (const { reject } of waiting.values()) reject(new Error(event.message))
		waiting.clear()
	})
	return {
		read(picture, thorough, degrees) {
			const id = ++next
			return new Promise((resolve, reject) => {
				waiting.set(id, { resolve, reject })
				const request: DecodeRequest = { id, picture, thorough, degrees }
				worker.postMessage(request, [picture])
			})
		},
		close() {
			worker.terminate()
			for (const { resolve } of waiting.values()) resolve(null)
			waiting.clear()
		},
	}
}

/** The angles that every fourth frame tries in turn. */
export const angles = [0, 20, -20, 40, -40, 65, -65] as const

const longestSide = 1600

/** Reads a photo: whole, then its middle, then turned; the first code found. */
export async function readPhoto(decoder: Decoder, file: Blob): Promise<string | null> {
	for (const degrees of angles) {
		for (const share of degrees === 0 ? [1, 0.5] : [0.7]) {
			const text = await decoder.read(await cut(file, share), true, degrees)
			if (text !== null) return text
		}
	}
	return null
}

async function cut(file: Blob, share: number): Promise<ImageBitmap> {
	const whole = await createImageBitmap(file, { imageOrientation: "from-image" })
	const [width, height] = [whole.width * share, whole.height * share]
	const scale = Math.min(1, longestSide / Math.max(width, height))
	try {
		return await createImageBitmap(
			whole,
			(whole.width - width) / 2,
			(whole.height - height) / 2,
			width,
			height,
			{ resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) },
		)
	} finally {
		whole.close()
	}
}
