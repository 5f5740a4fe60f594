import type { ExitResult } from "../../lib/records"

/** A typed or scanned code; a scanner may deliver the whole address that the QR holds. */
export function readExitCode(text: string): string {
	const bare = text.trim()
	try {
		const url = new URL(bare)
		return (url.searchParams.get("exit") ?? url.pathname.split("/").at(-1) ?? "").toUpperCase()
	} catch {
		return bare
			.replace(/^exit:/i, "")
			.replace(/[\s-]/g, "")
			.toUpperCase()
	}
}

/** Green lets out, amber asks to look, red holds back. */
export function toneOf(result: ExitResult): "good" | "look" | "stop" {
	if (result === "ok") return "good"
	return result === "audit" ? "look" : "stop"
}

const soon = 60_000

/**
 * The key of one intention. Asking again because the answer got lost is the same intention, so the server
 * repeats its answer instead of finding the code used; after an answer, or a minute later, it is a new one.
 */
export class Attempts {
	#make: () => string
	#open: { code: string; place: string | undefined; key: string; at: number } | null = null

	constructor(make: () => string) {
		this.#make = make
	}

	key(code: string, place: string | undefined, at: number): string {
		const open = this.#open
		if (open?.code === code && open.place === place && at - open.at < soon) return open.key
		this.#open = { code, place, key: this.#make(), at }
		return this.#open.key
	}

	/** The answer came. */
	settle(): void {
		this.#open = null
	}
}
