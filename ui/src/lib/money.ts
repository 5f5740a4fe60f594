/** Money is an integer of minor units and travels with its currency; floats appear only at the screen. */

const exponents = new Map<string, number>()

/** How many digits follow the decimal mark: XOF 0, EUR 2, TND 3. */
export function exponent(currency: string): number {
	const known = exponents.get(currency)
	if (known !== undefined) return known
	const digits =
		new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
			.maximumFractionDigits ?? 2
	exponents.set(currency, digits)
	return digits
}

/** The amount as a person of that locale writes it; `sign` puts a plus or minus before it. */
export function formatMoney(
	minor: number,
	currency: string,
	locale: string,
	sign: "auto" | "always" = "auto",
): string {
	return new Intl.NumberFormat(locale, {
		style: "currency",
		currency,
		currencyDisplay: "narrowSymbol",
		signDisplay: sign === "always" ? "exceptZero" : "auto",
	}).format(minor / 10 ** exponent(currency))
}

/**
 * Reads what a person typed ("1 234,50", "1,234.50", "12.4") into minor units.
 * Null when it is no amount, is negative, or has more decimals than the currency.
 */
export function parseMoney(text: string, currency: string): number | null {
	const compact = text.replace(/[\s\u00a0\u202f'’]/g, "").replace(/[^\d.,]/g, "")
	if (/-/.test(text) || !/\d/.test(compact)) return null
	const digits = exponent(currency)
	const mark = decimalMark(compact, digits)
	const [whole = "", fraction = ""] =
		mark === "" ? [compact] : splitOnce(compact, compact.lastIndexOf(mark))
	if (fraction.length > digits || /[.,]/.test(fraction)) return null
	const minor = Number(whole.replace(/[.,]/g, "") + fraction.padEnd(digits, "0"))
	return Number.isSafeInteger(minor) ? minor : null
}

// The last mark is the decimal one, unless it stands alone before exactly three digits of a
// currency that has fewer decimals ("1,234" euros), where it groups thousands.
function decimalMark(compact: string, digits: number): "" | "." | "," {
	const last = Math.max(compact.lastIndexOf("."), compact.lastIndexOf(","))
	if (last < 0) return ""
	const mark = compact[last] as "." | ","
	const after = compact.length - last - 1
	const marksUsed = new Set(compact.replace(/\d/g, "")).size
	const repeated = compact.indexOf(mark) !== last
	if (marksUsed === 1 && after === 3 && digits !== 3) return ""
	if (repeated || digits === 0) return after === 3 ? "" : mark
	return mark
}

function splitOnce(text: string, at: number): [string, string] {
	return [text.slice(0, at), text.slice(at + 1)]
}
