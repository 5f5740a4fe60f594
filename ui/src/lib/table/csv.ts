// CSV in and out. Reading is lenient about the delimiter and strict about quotes; writing guards
// against a spreadsheet taking a cell for a formula.

export type CSV = { header: string[]; rows: string[][] }
export type Cell = string | number | boolean | null | undefined

const bom = "\uFEFF"

/** Reads a CSV with the delimiter its first line uses most: comma, semicolon or tab. */
export function readCSV(text: string): CSV {
	const source = text.startsWith(bom) ? text.slice(1) : text
	const lines = split(source, delimiterOf(source)).filter((row) => row.some((cell) => cell !== ""))
	return { header: (lines[0] ?? []).map((cell) => cell.trim()), rows: lines.slice(1) }
}

function delimiterOf(text: string): string {
	const first = text.slice(0, text.search(/[\r\n]|$/))
	const count = (mark: string) => first.split(mark).length
	return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
}

function split(text: string, delimiter: string): string[][] {
	const rows: string[][] = []
	let row: string[] = []
	let cell = ""
	let quoted = false
	for (let i = 0; i < text.length; i++) {
		const c = text[i]
		if (quoted) {
			if (c !== '"') cell += c
			else if (text[i + 1] === '"') {
				cell += '"'
				i++
			} else quoted = false
		} else if (c === '"' && cell === "") quoted = true
		else if (c === delimiter) {
			row.push(cell)
			cell = ""
		} else if (c === "\n" || c === "\r") {
			if (c === "\r" && text[i + 1] === "\n") i++
			rows.push([...row, cell])
			row = []
			cell = ""
		} else cell += c
	}
	if (cell !== "" || row.length > 0) rows.push([...row, cell])
	return rows
}

/** Writes a CSV with a byte order mark, so that spreadsheets read it as UTF-8. */
export function writeCSV(header: string[], rows: Cell[][]): string {
	return `${bom + [header, ...rows].map((row) => row.map(cellText).join(",")).join("\r\n")}\r\n`
}

function cellText(cell: Cell): string {
	if (cell === null || cell === undefined) return ""
	if (typeof cell !== "string") return String(cell)
	const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
	return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Hands the text to the browser as a file. */
export function download(name: string, text: string, type = "text/csv;charset=utf-8") {
	const url = URL.createObjectURL(new Blob([text], { type }))
	const link = document.createElement("a")
	link.href = url
	link.download = name
	link.click()
	setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
