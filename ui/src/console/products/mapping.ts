// Which column of a file is which field of a product: guessed from its heading, corrected by a person.
import { parseMoney } from "../../lib/money"
import type { CSV } from "../../lib/table/csv"

export const fields = [
	"gtin",
	"name",
	"brand",
	"quantity",
	"category",
	"price",
	"currency",
	"vat_bp",
	"min_age",
] as const
export type Field = (typeof fields)[number]
export const required: readonly Field[] = ["gtin", "name", "price"]

/** Column index of each field; fields without a column are left out. */
export type Mapping = Partial<Record<Field, number>>
/** How a file writes amounts (cents or "1.50") and rates (550, or 5.5 for a percentage). */
export type Units = { price: "minor" | "major"; vat: "bp" | "percent" }

const synonyms: Record<Field, RegExp> = {
	gtin: /^(gtin|ean|upc|barcode|bar code|code[ -]?barres?|code|条码|条形码)/,
	name: /^(name|product|title|nom|d[ée]signation|libell[ée]|品名|名称|商品)/,
	brand: /^(brand|marque|品牌)/,
	quantity: /^(quantity|size|contents?|pack|contenance|conditionnement|quantit[ée]|规格|净含量)/,
	category: /^(category|categories|cat[ée]gorie|rayon|分类|类别)/,
	price: /^(price|prix|tarif|unit price|价格|售价)/,
	currency: /^(currency|devise|monnaie|货币|币种)/,
	vat_bp: /^(vat|tva|tax|taxe|税)/,
	min_age: /^(min[ _]?age|age|[âa]ge|年龄|最低年龄)/,
}

/** The first heading that sounds like each field; a heading serves one field only. */
export function guess(header: string[]): Mapping {
	const taken = new Set<number>()
	const mapping: Mapping = {}
	for (const field of fields) {
		const at = header.findIndex((name, i) => {
			const plain = name.trim().toLowerCase()
			return !taken.has(i) && (plain === field || synonyms[field].test(plain))
		})
		if (at < 0) continue
		taken.add(at)
		mapping[field] = at
	}
	return mapping
}

/** Reads from the headings and a few values whether prices are cents and rates are basis points. */
export function guessUnits(csv: CSV, mapping: Mapping): Units {
	const heading = (field: Field) => csv.header[mapping[field] ?? -1]?.toLowerCase() ?? ""
	const values = (field: Field) =>
		csv.rows.slice(0, 200).map((row) => row[mapping[field] ?? -1] ?? "")
	const minor =
		/cent|minor|_c$/.test(heading("price")) ||
		(heading("price") === "price" && values("price").every((value) => /^\d*$/.test(value.trim())))
	const rates = values("vat_bp").filter((value) => value.trim() !== "")
	const basis = /bp|basis/.test(heading("vat_bp")) || rates.some((value) => number(value) > 100)
	return { price: minor ? "minor" : "major", vat: basis || rates.length === 0 ? "bp" : "percent" }
}

export function missing(mapping: Mapping): Field[] {
	return required.filter((field) => mapping[field] === undefined)
}

/** The file with the server's headings, amounts in minor units and rates in basis points. */
export function remap(csv: CSV, mapping: Mapping, units: Units, currency: string): CSV {
	const used = fields.filter((field) => mapping[field] !== undefined || field === "currency")
	const rows = csv.rows.map((row) => {
		const cell = (field: Field) => (row[mapping[field] ?? -1] ?? "").trim()
		const money = cell("currency").toUpperCase() || currency
		return used.map((field) => {
			if (field === "currency") return money
			if (field === "gtin") return cell("gtin").replace(/[\s-]/g, "")
			if (field === "price" && units.price === "major") return minorUnits(cell("price"), money)
			if (field === "vat_bp" && units.vat === "percent") return basisPoints(cell("vat_bp"))
			return cell(field)
		})
	})
	return { header: [...used], rows }
}

// What is no number goes out as it came, for the server to name the row.
function minorUnits(text: string, currency: string): string {
	if (!/^[A-Z]{3}$/.test(currency)) return text
	return String(parseMoney(text, currency) ?? text)
}

function basisPoints(text: string): string {
	const rate = number(text)
	return text === "" || Number.isNaN(rate) ? text : String(Math.round(rate * 100))
}

function number(text: string): number {
	return Number(text.trim().replace("%", "").replace(",", "."))
}
