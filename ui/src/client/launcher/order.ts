/** Moves one entry of a list to another place; a place outside of the list is its nearest end. */
export function moveTo<T>(list: readonly T[], from: number, to: number): T[] {
	const rest = list.filter((_, index) => index !== from)
	const moved = list[from]
	if (moved === undefined) return [...list]
	const place = Math.max(0, Math.min(to, rest.length))
	return [...rest.slice(0, place), moved, ...rest.slice(place)]
}
