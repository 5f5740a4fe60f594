/** What went wrong, in a shape that a screen can act on: a stable code, words, and the details. */
import { words } from "./i18n/words"

export type RefusalData = Record<string, unknown> & { code?: string }

/** The server said no, or could not be reached (`code` "offline"). */
export class Refusal extends Error {
	constructor(
		readonly code: string,
		readonly status: number,
		readonly data: RefusalData,
		message: string,
	) {
		super(message)
		this.name = "Refusal"
	}
}

interface Answer {
	status?: number
	isAbort?: boolean
	message?: string
	response?: { message?: string; data?: RefusalData }
}

/** Any thrown value as a Refusal; PocketBase's ClientResponseError is read, not imported. */
export function refusalFrom(error: unknown): Refusal {
	if (error instanceof Refusal) return error
	const answer = (typeof error === "object" && error !== null ? error : {}) as Answer
	const status = answer.status ?? -1
	const data = answer.response?.data ?? {}
	if (status === 0) return new Refusal(answer.isAbort ? "aborted" : "offline", 0, data, "Offline")
	const message = answer.response?.message || answer.message || String(error)
	return new Refusal(data.code ?? codeOf(status), status, data, message)
}

function codeOf(status: number): string {
	if (status === 401) return "sign_in_required"
	if (status === 403) return "forbidden"
	if (status === 404) return "not_found"
	if (status === 429) return "too_many_requests"
	return status >= 500 ? "internal_error" : "unknown"
}

/** One sentence for a person, in the language on screen; the server's own when no translation is known. */
export function inWords(error: unknown): string {
	const refusal = refusalFrom(error)
	const values = Object.fromEntries(
		Object.entries(refusal.data).filter(
			([, value]) => typeof value === "string" || typeof value === "number",
		),
	) as Record<string, string | number>
	const words_ = sentence(`refusal.${refusal.code}`, values)
	return (
		words_ ??
		(refusal.status > 0 ? refusal.message : (sentence("refusal.unknown", {}) ?? refusal.message))
	)
}

// A detail that this answer lacks must not turn an explanation into a crash.
function sentence(key: string, values: Record<string, string | number>): string | null {
	try {
		return words.maybe(key, values)
	} catch {
		return null
	}
}

/** PocketBase's answer to a bad form: field → sentence. */
export function fieldErrors(error: unknown): Record<string, string> {
	const out: Record<string, string> = {}
	for (const [field, detail] of Object.entries(refusalFrom(error).data)) {
		if (typeof detail !== "object" || detail === null || !("message" in detail)) continue
		const { code, message } = detail as { code?: string; message: string }
		out[field] = (code && sentence(`field.${code}`, {})) || message
	}
	return out
}
