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
