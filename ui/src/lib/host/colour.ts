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

/** Relative luminance, as WCAG defines it. */
export function luminance(hex: string): number {
	const digits =
		hex.length === 4
			? [...hex.slice(1)].map((digit) => digit + digit)
			: (hex.slice(1).match(/../g) ?? [])
	const [red = 0, green = 0, blue = 0] = digits.map((pair) => {
		const part = Number.parseInt(pair, 16) / 255
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
	})
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
