// What the columns of a picker show, and what a place in each of them means.

/** One column: its rows and the row it stands at. */
export interface Column {
	rows: string[]
	at: number
}

/** What a picker is told by its attributes. */
export interface Asked {
	mode: string
	range: unknown
	rangeKey: string
	value: unknown
	start: string
	end: string
	fields: string
	level?: string
	/** A row before those of each column. */
	customItem?: string
	/** What there is of regions, once it is known. */
	regions?: Region[]
}

/** A region: its code, its name, what is in it. */
export type Region = [code: string, name: string, inside: Region[]]

const LEVELS: Record<string, number> = { province: 1, city: 2 }

/** The lists of the columns, each of what is in the row that is chosen before it. */
function regionLists(
	asked: Asked,
	at: (list: Region[], column: number) => number,
): [Region[], number][] {
	const lists: [Region[], number][] = []
	let list = asked.regions ?? []
	const custom: Region[] = asked.customItem ? [["", asked.customItem, []]] : []
	for (let column = 0; column < (LEVELS[asked.level ?? ""] ?? 3); column++) {
		const all = [...custom, ...list]
		const place = clamp(at(all, column), all.length)
		lists.push([all, Math.max(0, place)])
		list = all[place]?.[2] ?? []
	}
	return lists
}

const regionColumns = (lists: [Region[], number][]): Column[] =>
	lists.map(([list, at]) => ({ rows: list.map(([, name]) => name), at }))

/** What a `change` event says of a region. */
export function chosenRegion(
	asked: Asked,
	columns: Column[],
): { value: string[]; code: string[]; postcode: string } {
	const rows = regionLists(asked, (_list, column) => columns[column]?.at ?? 0).flatMap(
		([list, at]) => {
			const row = list[at]
			return row ? [row] : []
		},
	)
	return {
		value: rows.map(([, name]) => name),
		code: rows.map(([code]) => code).filter(Boolean),
		postcode: "",
	}
}

const two = (number: number) => String(number).padStart(2, "0")

const clamp = (at: number, count: number) => Math.max(0, Math.min(at, count - 1))

const column = (rows: string[], at: number): Column => ({ rows, at: clamp(at, rows.length) })

function named(range: unknown, key: string): string[] {
	if (!Array.isArray(range)) return []
	return range.map((row: unknown) =>
		String(key && typeof row === "object" && row !== null ? (row as never)[key] : row),
	)
}

/** The columns to begin with. A region has none until the lists have come. */
export function columnsOf(asked: Asked, now = new Date()): Column[] {
	const { mode, range, rangeKey, value } = asked
	if (mode === "selector") return [column(named(range, rangeKey), Number(value) || 0)]
	if (mode === "multiSelector") {
		const at = Array.isArray(value) ? value : []
		return (Array.isArray(range) ? range : []).map((rows: unknown, index) =>
			column(named(rows, rangeKey), Number(at[index]) || 0),
		)
	}
	if (mode === "time")
		return timeColumns(asked, numbers(value, ":") ?? [now.getHours(), now.getMinutes()])
	if (mode === "date")
		return dateColumns(
			asked,
			numbers(value, "-") ?? [now.getFullYear(), now.getMonth() + 1, now.getDate()],
		)
	if (mode === "region" && asked.regions?.length) {
		const names = Array.isArray(value) ? value.map(String) : []
		return regionColumns(
			regionLists(asked, (list, column) => list.findIndex(([, name]) => name === names[column])),
		)
	}
	return []
}

/** The numbers of a date or a time, or none if it is none. */
function numbers(text: unknown, by: string): number[] | undefined {
	const parts = String(text ?? "")
		.split(by)
		.map(Number)
	return String(text ?? "") !== "" && parts.every(Number.isFinite) ? parts : undefined
}

/** The columns again after one of them has turned, since a month has its own days. */
export function turned(asked: Asked, columns: Column[]): Column[] {
	if (asked.mode === "region") {
		let same = true
		return regionColumns(
			regionLists(asked, (list, column) => {
				const before = columns[column]
				// What stands below another row begins at its beginning.
				if (
					!same ||
					!before ||
					before.rows.length !== list.length ||
					before.rows[0] !== list[0]?.[1]
				)
					same = false
				return same ? (before?.at ?? 0) : 0
			}),
		)
	}
	if (asked.mode !== "date" && asked.mode !== "time") return columns
	const chosen = columns.map(({ rows, at }) => Number(rows[at]))
	return asked.mode === "date" ? dateColumns(asked, chosen) : timeColumns(asked, chosen)
}

function between(first: number, last: number, chosen: number): Column {
	const rows = Array.from({ length: Math.max(1, last - first + 1) }, (_, index) =>
		two(first + index),
	)
	return column(rows, chosen - first)
}

function timeColumns({ start, end }: Asked, [hour = 0, minute = 0]: number[]): Column[] {
	const [firstHour = 0, firstMinute = 0] = numbers(start, ":") ?? []
	const [lastHour = 23, lastMinute = 59] = numbers(end, ":") ?? []
	const hours = between(firstHour, lastHour, hour)
	const now = Number(hours.rows[hours.at])
	return [
		hours,
		between(now === firstHour ? firstMinute : 0, now === lastHour ? lastMinute : 59, minute),
	]
}

const FIELDS: Record<string, number> = { year: 1, month: 2, day: 3 }

function dateColumns(asked: Asked, [year = 0, month = 1, day = 1]: number[]): Column[] {
	const first = numbers(asked.start, "-") ?? []
	const last = numbers(asked.end, "-") ?? []
	const [startYear = 1900, startMonth = 1, startDay = 1] = first
	const [endYear = 2100, endMonth = 12, endDay = 31] = last
	const years = between(startYear, endYear, year)
	const y = Number(years.rows[years.at])
	const months = between(y === startYear ? startMonth : 1, y === endYear ? endMonth : 12, month)
	const m = Number(months.rows[months.at])
	const most = new Date(y, m, 0).getDate()
	const days = between(
		y === startYear && m === startMonth ? startDay : 1,
		y === endYear && m === endMonth ? Math.min(endDay, most) : most,
		day,
	)
	return [years, months, days].slice(0, FIELDS[asked.fields] ?? FIELDS.day)
}

/** What a `change` event says. */
export function chosenValue(mode: string, columns: Column[]): unknown {
	if (mode === "selector") return columns[0]?.at ?? 0
	if (mode === "multiSelector") return columns.map(({ at }) => at)
	return columns.map(({ rows, at }) => rows[at]).join(mode === "time" ? ":" : "-")
}
