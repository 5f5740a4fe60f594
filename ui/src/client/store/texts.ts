/** What a program is called and how it is rated, in the reader's language. */
import type { Locale } from "../../lib/i18n/locale.svelte"

interface Named {
	name: string
	names?: Partial<Record<string, string>> | null
	description?: string
	descriptions?: Partial<Record<string, string>> | null
}

export function nameOf(program: Named, locale: Locale): string {
	return program.names?.[locale] || program.name
}

export function descriptionOf(program: Named, locale: Locale): string {
	return program.descriptions?.[locale] || program.description || ""
}

/** An average times ten as people write it: 47 is "4.7", or "4,7". */
export function average(timesTen: number, tag: string): string {
	return new Intl.NumberFormat(tag, {
		minimumFractionDigits: 1,
		maximumFractionDigits: 1,
	}).format(timesTen / 10)
}

/** Bytes as people read them; a thousand to the kilobyte. */
export function bytes(size: number, tag: string): string {
	const [value, unit] = size < 1_000_000 ? [size / 1000, "kilobyte"] : [size / 1e6, "megabyte"]
	return new Intl.NumberFormat(tag, {
		style: "unit",
		unit,
		maximumFractionDigits: value < 10 ? 1 : 0,
	}).format(value)
}

/** "English, français": languages by their tags, each in the reader's words. */
export function languageNames(tags: readonly string[], tag: string): string {
	const names = new Intl.DisplayNames(tag, { type: "language" })
	return new Intl.ListFormat(tag).format(tags.map((one) => nameOr(names, one)))
}

function nameOr(names: Intl.DisplayNames, tag: string): string {
	try {
		return names.of(tag) ?? tag
	} catch {
		return tag // a manifest may claim any language
	}
}

/** How long each bar of the histogram is, of a hundred, five stars first. */
export function bars(
	histogram: readonly number[],
): { stars: number; count: number; part: number }[] {
	const sum = histogram.reduce((total, count) => total + count, 0)
	return [5, 4, 3, 2, 1].map((stars) => {
		const count = histogram[stars - 1] ?? 0
		return { stars, count, part: sum === 0 ? 0 : Math.round((count / sum) * 100) }
	})
}
