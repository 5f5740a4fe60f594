// Tables as spreadsheets write and read them (RFC 4180, and the semicolons of French ones).

/** Longest text that is read at once. */
const LONGEST = 220_000

/** The rows of a text, each with the number of its first line. An open quotation is told by its line. */
function parse(text) {
	const source = text.replace(/^\uFEFF/, "")
	const head = source.slice(0, source.search(/[\r\n]|$/))
	const comma = (head.match(/;/g) ?? []).length > (head.match(/,/g) ?? []).length ? ";" : ","
	const rows = []
	let [line, at] = [1, 0]
	while (at < source.length) {
		const row = { line, cells: [] }
		for (;;) {
			let cell = ""
			if (source[at] === '"') {
				const began = line
				for (at++; ; at++) {
					if (at >= source.length) return { rows, open: began }
					if (source[at] === "\n") line++
					if (source[at] !== '"') cell += source[at]
					else if (source[at + 1] === '"') cell += source[at++]
					else break
				}
				at++
			}
			while (
				at < source.length &&
				source[at] !== comma &&
				source[at] !== "\n" &&
				source[at] !== "\r"
			)
				cell += source[at++]
			row.cells.push(cell.trim())
			if (source[at] !== comma) break
			at++
		}
		if (source[at] === "\r") at++
		if (source[at] === "\n") at++
		line++
		if (row.cells.some((cell) => cell !== "")) rows.push(row)
	}
	return { rows, open: 0 }
}

/** A cell that no spreadsheet takes for a formula. */
function cell(value) {
	const text = value === null || value === undefined ? "" : String(value)
	const tame = typeof value !== "number" && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
	return /[",;\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}

const write = (rows) => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")

module.exports = { LONGEST, parse, write }
