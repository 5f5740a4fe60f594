// What makes a submission worth a closer look, in words.
import { hostWords, scopeWords } from "../../../lib/host/words"
import { language } from "../../../lib/i18n/locale.svelte"
import type { Queued, Risk } from "../verbs"
import { o, roomWords } from "../words"

export type Level = "high" | "medium" | "low"

/** The classes by which the server orders the queue. */
export const levelOf = (risk: number): Level =>
	risk >= 60 ? "high" : risk >= 30 ? "medium" : "low"

export const levelTones = { high: "danger", medium: "warn", low: "neutral" } as const

/** "Asks for something new: See and fill your baskets". */
export function riskWords({ code, detail = [] }: Risk): string {
	const what = roomWords.maybe(`risk.${code}`) ?? code
	if (detail.length === 0) return what
	const scopes = code === "new_scopes" || code === "new_money_scopes"
	const named = detail.map((one) => (scopes ? spokenScope(one) : one))
	return o("risk.named", { what, names: new Intl.ListFormat(language.tag).format(named) })
}

// Until the host's words are there, a scope is named as it is.
const spokenScope = (scope: string) =>
	hostWords.maybe(`scope.${scope}`) === null ? scope : scopeWords(scope).title

export const stateTones = {
	waiting: "neutral",
	claimed: "info",
	approved: "brand",
	rejected: "danger",
	withdrawn: "neutral",
} as const

/** Whose turn it is, as far as the queue tells. */
export const isOpen = ({ review }: Queued) =>
	review.state === "waiting" || review.state === "claimed"
