/** What a scanned text is. The screen that scans decides what to do with it. */
import { readCode } from "../gtin"

export type Scanned =
	| { kind: "product"; gtin14: string; code: string }
	| { kind: "page"; path: string }
	| { kind: "link"; url: string; host: string }
	| { kind: "text"; text: string }

/** Tells product codes, pages of this Plaza, foreign links and plain text apart. */
export function readScan(text: string, origin: string): Scanned {
	const trimmed = text.trim()
	const code = readCode(trimmed)
	if (code.state === "valid") return { kind: "product", gtin14: code.gtin14, code: trimmed }
	const url = link(trimmed)
	if (url === null) return { kind: "text", text: trimmed }
	// A receipt proves itself by its signature, whatever address its code names.
	if (url.pathname === "/verify" && /^#[\w-]+\.[\w-]+\.[\w-]+$/.test(url.hash))
		return { kind: "page", path: url.pathname + url.hash }
	if (url.origin === origin) return { kind: "page", path: url.pathname + url.search }
	const gtin = digitalLink(url)
	if (gtin !== null) return { kind: "product", gtin14: gtin, code: gtin }
	return { kind: "link", url: url.href, host: url.host }
}

function link(text: string): URL | null {
	if (!/^https?:\/\//i.test(text)) return null
	try {
		return new URL(text)
	} catch {
		return null
	}
}

// GS1 Digital Link: https://any.host/…/01/09506000134352
function digitalLink(url: URL): string | null {
	const found = /\/01\/(\d{8,14})(\/|$)/.exec(url.pathname)?.[1]
	const code = found === undefined ? null : readCode(found)
	return code?.state === "valid" ? code.gtin14 : null
}
