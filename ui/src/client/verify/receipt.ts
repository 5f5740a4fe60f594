// Verifies receipts as internal/receipts signs them: a compact JWS with Ed25519, checked on this device alone. The
// browser's own cryptography is not asked: it is missing where the page is not served securely, and knows Ed25519
// only of late.

import { hashes, verify } from "@noble/ed25519"
import { sha512 } from "@noble/hashes/sha2.js"

hashes.sha512 = sha512

/** A public key, as the server's key set has it. */
export interface Key {
	kid: string
	x: string
}

/** What a receipt says, once its signature has been found good. */
export interface Said {
	issuer: string
	number: string
	program: string
	org: string
	certified: boolean
	reference: string
	title: string
	lines: [label: string, value: string][]
	/** Minor units; 0 when it names none. */
	amount: number
	currency: string
	/** Milliseconds; null when no bill of the house stands behind it. */
	paid: number | null
	issued: number
	zone: string
	language: string
	demo: boolean
}

export type Verdict =
	| { kind: "valid"; said: Said }
	/** It was changed, or nobody here signed it. */
	| { kind: "altered" }
	/** Signed with a key that is not among these. */
	| { kind: "unknown" }
	/** Not a receipt at all. */
	| { kind: "none" }

/** Longer than any code holds. */
const LONGEST = 3_000

/** What the token is, by these keys. */
export function judge(token: string, keys: readonly Key[]): Verdict {
	const parts = token.length > LONGEST ? [] : token.split(".")
	const [head, body, signature] = parts.map(bytesOf)
	if (parts.length !== 3 || !head || !body || !signature) return { kind: "none" }
	const header = objectOf(head)
	if (header?.alg !== "EdDSA" || typeof header.kid !== "string") return { kind: "none" }
	const key = keys.find(({ kid }) => kid === header.kid)
	const x = key && bytesOf(key.x)
	if (!x) return { kind: "unknown" }
	const text = new TextEncoder().encode(`${parts[0]}.${parts[1]}`)
	const said = signed(signature, text, x) ? saidBy(objectOf(body)) : null
	return said ? { kind: "valid", said } : { kind: "altered" }
}

/** Whether it can be a receipt's token, before anything is known of keys. */
export const looksLikeToken = (text: string) => /^[\w-]+\.[\w-]+\.[\w-]{86}$/.test(text)

function signed(signature: Uint8Array, text: Uint8Array, key: Uint8Array): boolean {
	try {
		return verify(signature, text, key, { zip215: false }) // as strict as the server
	} catch {
		return false
	}
}

/** Base64 for addresses, without padding, spelt the one right way; null otherwise. */
function bytesOf(text: string): Uint8Array | null {
	if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null
	const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) =>
		char.charCodeAt(0),
	)
	const again = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
	return again.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") === text ? bytes : null
}

function objectOf(bytes: Uint8Array): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null
	} catch {
		return null
	}
}

function saidBy(claims: Record<string, unknown> | null): Said | null {
	if (!claims) return null
	const word = (name: string) => (typeof claims[name] === "string" ? claims[name] : "")
	const number = (name: string) => (Number.isSafeInteger(claims[name]) ? Number(claims[name]) : 0)
	const lines = Array.isArray(claims.lin) ? claims.lin : []
	return {
		issuer: word("iss"),
		number: word("num"),
		program: word("prg"),
		org: word("org"),
		certified: claims.crt === true,
		reference: word("ref"),
		title: word("ttl"),
		lines: lines
			.filter(Array.isArray)
			.map(([label, value]) => [String(label ?? ""), String(value ?? "")]),
		amount: number("amt"),
		currency: word("cur"),
		paid: number("paid") > 0 ? number("paid") * 1000 : null,
		issued: number("iat") * 1000,
		zone: word("tz"),
		language: word("lng"),
		demo: claims.demo === true,
	}
}
