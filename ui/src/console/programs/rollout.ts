// A release by percentage, in numbers that words are made of.

export const presets = [1, 5, 20, 50, 100] as const

/** "now" or "at a time", and to how many of 100 people. */
export interface Plan {
	percent: number
	/** RFC 3339; "" is now. */
	at: string
}

/** A percentage as the slider and the field may give it. */
export function wholePercent(value: string | number): number | null {
	const number = typeof value === "number" ? value : Number(value.trim().replace(/%$/, ""))
	if (value === "" || !Number.isInteger(number) || number < 0 || number > 100) return null
	return number
}

export type Outcome =
	| "everybody" // 100 %: the others keep nothing
	| "testers" // 0 %: only testers have it
	| "some" // some have it, the others keep the version before
	| "some_first" // some have it, the others have nothing yet

/** What will happen to people when a version goes to so many percent. */
export function outcome(percent: number, keeps: number | null): Outcome {
	if (percent >= 100) return "everybody"
	if (percent <= 0) return "testers"
	return keeps === null ? "some_first" : "some"
}

/** How a change of the percentage moves people: forward, back, or not at all. */
export function direction(before: number, after: number): "more" | "fewer" | "same" {
	if (after > before) return "more"
	return after < before ? "fewer" : "same"
}
