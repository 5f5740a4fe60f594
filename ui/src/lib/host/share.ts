/** A page of a program as others get it: a picture of a card, with its link as a code. */
import { encode } from "uqr"

export interface ShareCard {
	name: string
	icon: string
	color: string
	/** What stands under the name: the page's title. */
	title: string
	link: string
	/** The address of a picture of the program's own; "" for none. */
	picture: string
}

/** A code's dark squares as one path of unit squares, and how many there are in a row. */
export function codeOf(link: string): { size: number; path: string } {
	const { data, size } = encode(link, { ecc: "M", border: 2 })
	const path = data
		.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
		.join("")
	return { size, path }
}

const WIDTH = 720
const HEIGHT = 1040

/** Draws the card as a PNG; `icon` is the program's icon as it stands on screen. */
export async function drawCard(card: ShareCard, icon: Element | null): Promise<Blob> {
	const canvas = document.createElement("canvas")
	canvas.width = WIDTH
	canvas.height = HEIGHT
	const pen = canvas.getContext("2d")
	if (pen === null) throw new Error("no canvas")
	const font = getComputedStyle(document.body).fontFamily
	pen.fillStyle = "#ffffff"
	pen.fillRect(0, 0, WIDTH, HEIGHT)
	await drawIcon(pen, card, icon, font)
	pen.textAlign = "center"
	pen.textBaseline = "alphabetic"
	pen.fillStyle = "#14211c"
	pen.font = `700 46px ${font}`
	line(pen, card.name, 290)
	pen.fillStyle = "#55645d"
	pen.font = `400 30px ${font}`
	if (card.title !== card.name) line(pen, card.title, 340)
	drawCode(pen, card.link)
	pen.fillStyle = "#55645d"
	pen.font = `400 22px ${font}`
	line(pen, card.link.replace(/^https?:\/\//, ""), HEIGHT - 46)
	return new Promise((resolve, reject) =>
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
	)
}

/** Centred, and cut with an ellipsis where it would leave the card. */
function line(pen: CanvasRenderingContext2D, text: string, y: number): void {
	const signs = [...text]
	let shown = text
	while (signs.length > 1 && pen.measureText(shown).width > WIDTH - 96) {
		signs.pop()
		shown = `${signs.join("").trimEnd()}…`
	}
	pen.fillText(shown, WIDTH / 2, y)
}

async function drawIcon(
	pen: CanvasRenderingContext2D,
	card: ShareCard,
	shown: Element | null,
	font: string,
): Promise<void> {
	const side = 144
	const [x, y] = [(WIDTH - side) / 2, 72]
	pen.save()
	pen.beginPath()
	pen.roundRect(x, y, side, side, 44)
	pen.clip()
	pen.fillStyle = shown ? getComputedStyle(shown).backgroundColor : card.color || "#3a6152"
	pen.fillRect(x, y, side, side)
	const glyph = shown?.querySelector("svg")
	const picture = shown?.querySelector("img")
	if (picture?.complete && picture.naturalWidth > 0) pen.drawImage(picture, x, y, side, side)
	else if (glyph) await drawGlyph(pen, glyph, x + side / 4, y + side / 4, side / 2)
	else {
		pen.fillStyle = "#ffffff"
		pen.font = `600 72px ${font}`
		pen.textAlign = "center"
		pen.textBaseline = "middle"
		pen.fillText(([...card.name.trim()][0] ?? "?").toLocaleUpperCase(), x + side / 2, y + side / 2)
	}
	pen.restore()
}

async function drawGlyph(
	pen: CanvasRenderingContext2D,
	glyph: Element,
	x: number,
	y: number,
	side: number,
): Promise<void> {
	const copy = glyph.cloneNode(true) as SVGElement
	copy.setAttribute("xmlns", "http://www.w3.org/2000/svg")
	copy.setAttribute("stroke", "#ffffff")
	for (const name of ["width", "height"]) copy.setAttribute(name, String(side))
	const image = new Image()
	image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
	// An icon that cannot be drawn leaves its colour.
	await image.decode().then(
		() => pen.drawImage(image, x, y, side, side),
		() => {},
	)
}

function drawCode(pen: CanvasRenderingContext2D, link: string): void {
	const { size, path } = codeOf(link)
	const side = 560
	pen.save()
	pen.translate((WIDTH - side) / 2, 376)
	pen.scale(side / size, side / size)
	pen.fillStyle = "#000000"
	pen.fill(new Path2D(path))
	pen.restore()
}
