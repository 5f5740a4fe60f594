/** Why a price is lower, in the language on screen; the server's English when a code is new to this page. */
import { formatMoney } from "../money"
import type { Reason } from "../records"
import { language } from "./locale.svelte"
import { words } from "./words"

export function reasonWords(reason: Reason, currency: string): string {
	const { params } = reason
	const values: Record<string, string | number> = { ...params }
	if (typeof params.percent_bp === "number") values.percent = percent(params.percent_bp)
	for (const name of ["amount", "price"]) {
		const minor = params[name]
		if (typeof minor === "number") values[name] = formatMoney(minor, currency, language.tag)
	}
	const sentence = words.maybe(`reason.${reason.code}`, values)
	if (sentence === null) return reason.text
	return typeof params.name === "string" && params.name !== ""
		? `${params.name}: ${sentence}`
		: sentence
}

/** Basis points as people write them: 1050 is 10.5%. */
export function percent(basisPoints: number): string {
	return new Intl.NumberFormat(language.tag, { style: "percent", maximumFractionDigits: 2 }).format(
		basisPoints / 10_000,
	)
}
