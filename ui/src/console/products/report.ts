// What an import did or would do, cut into batches and summed up again. Pure.
import { type CSV, writeCSV } from "../../lib/table/csv"

export interface RowError {
	row: number
	field: string
	code: string
	message: string
}

export interface Report {
	rows: number
	created: number
	updated: number
	unchanged: number
	failed: number
	errors: RowError[]
}

export const batchRows = 500

export const nothing: Report = {
	rows: 0,
	created: 0,
	updated: 0,
	unchanged: 0,
	failed: 0,
	errors: [],
}

/** Cuts a file into batches; each knows how many rows stand before it. */
export function batches(csv: CSV, size = batchRows): { csv: CSV; before: number }[] {
	const out: { csv: CSV; before: number }[] = []
	for (let before = 0; before < csv.rows.length; before += size)
		out.push({ csv: { header: csv.header, rows: csv.rows.slice(before, before + size) }, before })
	return out
}

/** The sum of two reports; the rows of the second are numbered as in the whole file. */
export function added(all: Report, part: Report, before: number): Report {
	return {
		rows: all.rows + part.rows,
		created: all.created + part.created,
		updated: all.updated + part.updated,
		unchanged: all.unchanged + part.unchanged,
		failed: all.failed + (part.failed ?? 0),
		errors: [...all.errors, ...part.errors.map((error) => ({ ...error, row: error.row + before }))],
	}
}

/** The rows that did not go in, as they came, with what is wrong with each. */
export function errorFile(original: CSV, errors: RowError[]): string {
	const byRow = new Map<number, string[]>()
	for (const { row, field, message } of errors)
		byRow.set(row, [...(byRow.get(row) ?? []), `${field}: ${message}`])
	const rows = [...byRow].sort(([a], [b]) => a - b)
	return writeCSV(
		["row", ...original.header, "error"],
		// The header is row 1, as a spreadsheet counts.
		rows.map(([row, texts]) => [row, ...(original.rows[row - 2] ?? []), texts.join("; ")]),
	)
}
