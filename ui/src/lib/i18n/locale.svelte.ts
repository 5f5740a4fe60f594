/** The language on screen and the region that dates and money follow. */

export const locales = ["en", "fr", "zh"] as const
export type Locale = (typeof locales)[number]

/** What each language calls itself. */
export const localeNames: Record<Locale, string> = { en: "English", fr: "Français", zh: "简体中文" }

const storageKey = "plaza.locale"

function isLocale(text: string): text is Locale {
	return (locales as readonly string[]).includes(text)
}

/** The first of the wanted tags that Plaza speaks; English when none is. */
export function pickLocale(wanted: readonly string[]): Locale {
	for (const tag of wanted) {
		const language = tag.toLowerCase().split("-")[0] ?? ""
		if (isLocale(language)) return language
	}
	return "en"
}

/**
 * The full tag for Intl. The person's own tag is kept when it is of that language, because the
 * bare "en" would give a British reader American dates; otherwise their region is borrowed.
 */
export function regionTag(locale: Locale, wanted: readonly string[]): string {
	const own = wanted.find((tag) => tag.toLowerCase().split("-")[0] === locale && tag.includes("-"))
	if (own !== undefined) return own
	const fallback: Record<Locale, string> = { en: "en-GB", fr: "fr-FR", zh: "zh-CN" }
	return fallback[locale]
}

function stored(): Locale | null {
	try {
		const text = localStorage.getItem(storageKey) ?? ""
		return isLocale(text) ? text : null
	} catch {
		return null
	}
}

class Language {
	current: Locale = $state(stored() ?? pickLocale(navigator.languages))
	/** The tag to hand to Intl. */
	tag = $derived(regionTag(this.current, navigator.languages))

	choose(locale: Locale): void {
		this.current = locale
		document.documentElement.lang = locale
		try {
			localStorage.setItem(storageKey, locale)
		} catch {
			// Private windows may refuse storage; the choice then lasts as long as the page.
		}
	}
}

export const language = new Language()
