// The arithmetic of a chart: round ticks on the value axis, even bands on the other.

/** Round tick values from zero up to at least the largest value. */
export function ticks(largest: number, wanted = 4): number[] {
	if (!(largest > 0)) return [0, 1]
	const raw = largest / wanted
	const power = 10 ** Math.floor(Math.log10(raw))
	const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw) ?? 10)
	const whole = largest >= wanted ? Math.max(1, step) : step
	const values: number[] = []
	for (let i = 0; (i - 1) * whole < largest; i++) values.push(Number((i * whole).toPrecision(12)))
	return values
}

export type Band = { start: number; width: number; centre: number }

/** Divides a length into equal bands with a gap around each column. */
export function bands(count: number, length: number, gap = 0.28): Band[] {
	if (count <= 0) return []
	const step = length / count
	const width = Math.min(step * (1 - gap), 48)
	return Array.from({ length: count }, (_, i) => {
		const centre = step * (i + 0.5)
		return { start: centre - width / 2, width, centre }
	})
}

/** Which labels to draw so that none overlaps: every nth, counted from the last. */
export function shown(count: number, length: number, labelWidth: number): (i: number) => boolean {
	const every = Math.max(1, Math.ceil((count * labelWidth) / Math.max(length, 1)))
	return (i) => (count - 1 - i) % every === 0
}

/** The relative change, or null where there is nothing to compare with. */
export function change(now: number, before: number): number | null {
	return before > 0 ? (now - before) / before : null
}

/** About how wide a label of 11 pixels is: a Chinese character is as wide as it is high. */
export function textWidth(text: string): number {
	return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 11.5 : 6.5), 0)
}

/** The stretches without a gap, as places in the list: a line is drawn through each. */
export function runs(values: (number | null)[]): number[][] {
	const found: number[][] = []
	values.forEach((value, i) => {
		if (value === null) return
		const last = found.at(-1)
		if (last?.at(-1) === i - 1) last.push(i)
		else found.push([i])
	})
	return found
}

/** The parts of a ring, as shares of its whole length. */
export function arcs(values: number[]): { start: number; length: number }[] {
	const sum = values.reduce((all, value) => all + Math.max(0, value), 0)
	let start = 0
	return values.map((value) => {
		const length = sum > 0 ? Math.max(0, value) / sum : 0
		const arc = { start, length }
		start += length
		return arc
	})
}
