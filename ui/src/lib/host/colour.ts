// A program colours its bar; the host keeps the words on it readable.

const READABLE = 3

/** Black or white text for a background, the program's wish first if it can be read. */
export function frontOf(background: string, wish: "black" | "white" | ""): "black" | "white" | "" {
	if (!background) return ""
	const light = luminance(background)
	const contrast = { black: (light + 0.05) / 0.05, white: 1.05 / (light + 0.05) }
	if (wish && contrast[wish] >= READABLE) return wish
	return contrast.white >= contrast.black ? "white" : "black"
}

/** The contrast that small words need. */
const SMALL = 4.5

/** A program's colour, darkened as far as white words on it need; what is no hex colour stays as it is. */
export function underWhite(hex: string): string {
	if (!/^#(?:[\da-f]{3}|[\da-f]{6})$/i.test(hex)) return hex
	let share = 100
	while (share > 0 && 1.05 / (luminance(mixed(hex, share)) + 0.05) < SMALL) share -= 5
	return mixed(hex, share)
}

/** So many percent of the colour, the rest black. */
function mixed(hex: string, share: number): string {
	const channels = channelsOf(hex).map((channel) => Math.round((channel * share) / 100))
	return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`
}

function channelsOf(hex: string): number[] {
	const digits =
		hex.length === 4
			? [...hex.slice(1)].map((digit) => digit + digit)
			: (hex.slice(1).match(/../g) ?? [])
	return digits.map((pair) => Number.parseInt(pair, 16))
}

/** Relative luminance, as WCAG defines it. */
export function luminance(hex: string): number {
	const [red = 0, green = 0, blue = 0] = channelsOf(hex).map((channel) => {
		const part = channel / 255
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
	})
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
