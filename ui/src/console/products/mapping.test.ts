import { expect, it } from "vitest"
import { readCSV } from "../../lib/table/csv"
import { guess, guessUnits, missing, remap } from "./mapping"

it("knows its own headings", () => {
	const header = [
		"gtin",
		"name",
		"brand",
		"quantity",
		"category",
		"price_cents_synthetic",
		"vat_bp",
		"min_age",
		"source",
	]
	expect(guess(header)).toEqual({
		gtin: 0,
		name: 1,
		brand: 2,
		quantity: 3,
		category: 4,
		price: 5,
		vat_bp: 6,
		min_age: 7,
	})
})

it("understands a French and a Chinese spreadsheet", () => {
	expect(guess(["Code-barres", "Désignation", "Prix TTC", "TVA", "Rayon"])).toEqual({
		gtin: 0,
		name: 1,
		price: 2,
		vat_bp: 3,
		category: 4,
	})
	expect(guess(["条码", "名称", "售价"])).toEqual({ gtin: 0, name: 1, price: 2 })
})

it("names what is missing", () => {
	expect(missing(guess(["name", "colour"]))).toEqual(["gtin", "price"])
	expect(missing(guess(["ean", "name", "price"]))).toEqual([])
})

it("sees cents and percentages", () => {
	const french = readCSV("EAN;Nom;Prix;TVA\n4006381333931;Stylo;1,50;5,5")
	expect(guessUnits(french, guess(french.header))).toEqual({ price: "major", vat: "percent" })
	const own = readCSV("gtin,name,price,vat_bp\n4006381333931,Pen,150,550")
	expect(guessUnits(own, guess(own.header))).toEqual({ price: "minor", vat: "bp" })
})

it("writes what the server reads", () => {
	const csv = readCSV("EAN;Nom;Prix;TVA\n4006 381333931;Stylo;1 234,50 €;5,5 %")
	const mapping = guess(csv.header)
	expect(remap(csv, mapping, guessUnits(csv, mapping), "EUR")).toEqual({
		header: ["gtin", "name", "price", "currency", "vat_bp"],
		rows: [["4006381333931", "Stylo", "123450", "EUR", "550"]],
	})
})

it("leaves what is no number for the server to name", () => {
	const csv = readCSV("ean,name,price,vat\n4006381333931,Pen,free,reduced\n96385074,Ink,12.345,")
	const units = { price: "major", vat: "percent" } as const
	expect(remap(csv, guess(csv.header), units, "JPY").rows).toEqual([
		["4006381333931", "Pen", "free", "JPY", "reduced"],
		["96385074", "Ink", "12345", "JPY", ""],
	])
})
