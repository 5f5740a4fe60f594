/** One rpx is 1/750 of the width, whatever the device. */
const RPX_WIDTH = 750

/** Turns `rpx` in a style into `vw`; the compiler does it in sheets, this does it in style attributes. */
export function rpx(style: string): string {
	if (!style.includes("rpx")) return style
	return style.replace(
		/(-?\d*\.?\d+)rpx\b/g,
		(_whole, amount: string) => `${Number(((Number(amount) * 100) / RPX_WIDTH).toFixed(5))}vw`,
	)
}

/** Reads a WeChat size attribute: a bare number is px. */
export function length(value: unknown): string {
	const text = String(value ?? "").trim()
	return /^-?\d*\.?\d+$/.test(text) ? `${text}px` : rpx(text)
}

/** A WeChat size in pixels, as far as it is one number. */
export function pixels(value: unknown): number {
	const size = length(value)
	const number = Number.parseFloat(size) || 0
	return size.endsWith("vw") ? (number * innerWidth) / 100 : number
}
