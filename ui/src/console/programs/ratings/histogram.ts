// How many people gave one to five stars, in that order.

/** One decimal, as the store shows it; 0 without ratings. */
export function average(histogram: number[]): number {
	const all = histogram.reduce((sum, one) => sum + one, 0)
	if (all === 0) return 0
	const stars = histogram.reduce((sum, number, i) => sum + number * (i + 1), 0)
	return Math.round((stars / all) * 10) / 10
}

/** Five stars first; each with its share of all. */
export function shares(histogram: number[]): { stars: number; number: number; share: number }[] {
	const all = Math.max(
		1,
		histogram.reduce((sum, one) => sum + one, 0),
	)
	return [5, 4, 3, 2, 1].map((stars) => {
		const number = histogram[stars - 1] ?? 0
		return { stars, number, share: number / all }
	})
}
