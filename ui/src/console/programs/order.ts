// Order of rows that came whole: by a field, "-" first for the largest first.

export function ordered<T extends object>(rows: T[], sort: string): T[] {
	const field = sort.replace(/^-/, "") as keyof T
	const way = sort.startsWith("-") ? -1 : 1
	return [...rows].sort((a, b) => {
		const [x, y] = [a[field], b[field]]
		if (typeof x === "number" && typeof y === "number") return way * (x - y)
		return way * String(x ?? "").localeCompare(String(y ?? ""))
	})
}
