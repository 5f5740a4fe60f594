// How the console shows programs and versions.
import { language } from "../../lib/i18n/locale.svelte"
import type { Program } from "../../lib/records"
import type { State } from "./program"

export const nameOf = (program: Pick<Program, "name" | "names">) =>
	program.names?.[language.current] || program.name

/** A text that is kept in several languages, in the reader's or else in English. */
export const spoken = (texts: Record<string, string> | undefined, otherwise = "") =>
	texts?.[language.current] || texts?.en || Object.values(texts ?? {})[0] || otherwise

type Tone = "neutral" | "brand" | "warn" | "danger" | "info"

export const statusTones: Record<Program["status"], Tone> = {
	live: "brand",
	draft: "neutral",
	taken_down: "danger",
	deleted: "neutral",
}

export const stateTones: Record<State, Tone> = {
	checked: "neutral",
	in_review: "info",
	approved: "brand",
	rejected: "danger",
	rolling_out: "warn",
	released: "brand",
	superseded: "neutral",
	rolled_back: "neutral",
	taken_down: "danger",
}
