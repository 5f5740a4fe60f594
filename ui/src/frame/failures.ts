// What goes wrong in a frame, as the host is told.

import type { Report } from "./program"

/** Reports what nobody caught. */
export function watchErrors(report: Report): void {
	window.addEventListener("error", (event) => {
		if (event.error || event.message)
			report(event.error ?? event.message, `${event.filename}:${event.lineno}`)
	})
	window.addEventListener("unhandledrejection", (event) =>
		report(event.reason, "unhandled rejection"),
	)
}

/** An error in words; whatever can be thrown has some. */
export function wordsOf(error: unknown): { message: string; stack: string } {
	if (error instanceof Error)
		return {
			message: (error as { errMsg?: string }).errMsg ?? error.message,
			stack: error.stack ?? "",
		}
	const told = (error as { errMsg?: unknown } | null)?.errMsg ?? error
	return {
		message: typeof told === "string" ? told : (JSON.stringify(told) ?? String(told)),
		stack: "",
	}
}
