// A rejection while it is written: from what the rule says, in the language of those who will read it.
import type { Finding } from "../../programs/program"
import type { Rule } from "../verbs"

export interface Place {
	file: string
	line: number
	message: string
}

/** What a rule says in a language, or else in English. */
export function ruleIn(rule: Rule, language: string): { title: string; text: string } {
	const of = (texts: Record<string, string>) => texts[language] || texts.en || ""
	return { title: of(rule.titles), text: of(rule.texts) }
}

/**
 * The reason after another rule was picked: what was made of a rule gives way to what is made of the new one; what a
 * person has written stays, and the rule's words go before it.
 */
export function withTemplate(reason: string, before: string, template: string): string {
	const own = reason.trim()
	if (own === "" || own === before.trim()) return template
	if (before && own.startsWith(before.trim()))
		return `${template}${reason.trimStart().slice(before.trim().length)}`
	return `${template}\n${own}`
}

/** A finding of the check as a place to point at. */
export const placeOf = ({ file, line, message }: Finding): Place => ({
	file,
	line: line ?? 0,
	message,
})

export const samePlace = (a: Place, b: Place) =>
	a.file === b.file && a.line === b.line && a.message === b.message

/** Reads "pages/index/index.js:12"; a number that is none is part of the name. */
export function readPlace(text: string): { file: string; line: number } {
	const found = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(text.trim())
	return { file: found?.[1] ?? "", line: Number(found?.[2] ?? 0) }
}

/** Where it is, as a person writes it. */
export const placeText = ({ file, line }: Pick<Place, "file" | "line">) =>
	[file, line || ""].filter(Boolean).join(":")
