/** Product codes: GTIN-8, 12, 13 and 14 with their check digit. The server judges again. */

/** The digit that should end a code, given the ones before it. */
export function checkDigit(body: string): number {
	let sum = 0
	for (let i = 0; i < body.length; i++) {
		const digit = Number(body[body.length - 1 - i])
		sum += i % 2 === 0 ? digit * 3 : digit
	}
	return (10 - (sum % 10)) % 10
}

export type CodeState =
	| { state: "empty" }
	| { state: "incomplete"; digits: number }
	| { state: "not_digits" }
	| { state: "too_long" }
	| { state: "bad_check_digit"; expected: number }
	| { state: "valid"; gtin14: string }

const lengths = [8, 12, 13, 14]

/** What a person has typed so far. Eight and twelve digits may still grow, so a wrong digit there is only incomplete. */
export function readCode(typed: string): CodeState {
	const code = typed.replace(/[\s-]/g, "")
	if (code === "") return { state: "empty" }
	if (!/^\d+$/.test(code)) return { state: "not_digits" }
	if (code.length > 14) return { state: "too_long" }
	if (!lengths.includes(code.length)) return { state: "incomplete", digits: code.length }
	const expected = checkDigit(code.slice(0, -1))
	if (expected === Number(code.at(-1))) return { state: "valid", gtin14: code.padStart(14, "0") }
	if (code.length < 13) return { state: "incomplete", digits: code.length }
	return { state: "bad_check_digit", expected }
}
