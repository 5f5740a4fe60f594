/** Whether all words of the search occur in any of the texts; accents and case never keep a person from finding. */
export function matches(words: string, ...texts: (string | undefined)[]): boolean {
	const hay = fold(texts.filter(Boolean).join(" "))
	return fold(words)
		.split(/\s+/)
		.every((word) => hay.includes(word))
}

function fold(text: string): string {
	return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim()
}
