/** Reads codes out of pictures, away from the main thread. The wasm is our own copy, of this very version. */
import { prepareZXingModule, type ReaderOptions, readBarcodes } from "zxing-wasm/reader"
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url"
import type { DecodeAnswer, DecodeRequest } from "./decoder"

prepareZXingModule({ overrides: { locateFile: () => wasmUrl } })

const formats: ReaderOptions["formats"] = [
	"EAN13",
	"EAN8",
	"UPCA",
	"UPCE",
	"ITF14",
	"Code128",
	"DataBar",
	"QRCode",
	"DataMatrix",
]

const canvas = new OffscreenCanvas(1, 1)
const context = canvas.getContext("2d", { willReadFrequently: true })

// A tilted EAN is the weak side of the reader, so the picture is turned for it.
function pixels(picture: ImageBitmap, degrees: number): ImageData | null {
	if (context === null) return null
	const radians = (degrees * Math.PI) / 180
	const [sin, cos] = [Math.abs(Math.sin(radians)), Math.abs(Math.cos(radians))]
	canvas.width = Math.ceil(picture.width * cos + picture.height * sin)
	canvas.height = Math.ceil(picture.width * sin + picture.height * cos)
	context.translate(canvas.width / 2, canvas.height / 2)
	context.rotate(radians)
	context.drawImage(picture, -picture.width / 2, -picture.height / 2)
	return context.getImageData(0, 0, canvas.width, canvas.height)
}

async function read({ picture, thorough, degrees }: DecodeRequest): Promise<string | null> {
	const data = pixels(picture, degrees)
	picture.close()
	if (data === null) return null
	const [found] = await readBarcodes(data, {
		formats,
		maxNumberOfSymbols: 1,
		tryHarder: thorough,
		tryRotate: thorough,
		tryInvert: false,
		tryDownscale: thorough,
	})
	return found?.isValid ? found.text : null
}

addEventListener("message", ({ data }: MessageEvent<DecodeRequest>) => {
	const { id } = data
	read(data).then(
		(text) => postMessage({ id, text } satisfies DecodeAnswer),
		(error) => postMessage({ id, text: null, failure: String(error) } satisfies DecodeAnswer),
	)
})
