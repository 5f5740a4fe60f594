/** The rows by one of their members, "name" or "-name"; as they came without one. */
export function ordered<Row extends object>(rows: Row[], sort: string): Row[] {
	const down = sort.startsWith("-")
	const key = (down ? sort.slice(1) : sort) as keyof Row
	if (!key) return rows
	return rows.toSorted((one, other) => {
		const [a, b] = down ? [other[key], one[key]] : [one[key], other[key]]
		return typeof a === "number" && typeof b === "number"
			? a - b
			: String(a).localeCompare(String(b))
	})
}
