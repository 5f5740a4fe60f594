// The house's public keys, kept on the device so that receipts can be verified without a network.

import type { Key } from "./receipt"

const PLACE = "plaza.receipts.keys"

export interface Kept {
	keys: Key[]
	/** When the server told them. */
	at: string
}

/** The keys that were kept, or none. */
export function kept(): Kept | null {
	try {
		const { keys, at } = JSON.parse(localStorage.getItem(PLACE) ?? "") as Kept
		return Array.isArray(keys) && typeof at === "string" ? { keys: keys.filter(isKey), at } : null
	} catch {
		return null
	}
}

/** The keys as the server tells them now, kept from then on; null when it cannot be asked. */
export async function fetched(): Promise<Kept | null> {
	const answer = await asked<{ keys: Key[] }>("/api/receipts/keys")
	if (!answer.body || !Array.isArray(answer.body.keys)) return null
	const told = { keys: answer.body.keys.filter(isKey), at: new Date().toISOString() }
	try {
		localStorage.setItem(PLACE, JSON.stringify(told))
	} catch {
		// Without storage there is no verifying offline.
	}
	return told
}

/** What became of the money: a word of the server's, "lost" when it has no such receipt, null when it cannot be asked. */
export async function standing(
	number: string,
): Promise<"valid" | "partly_refunded" | "refunded" | "lost" | null> {
	const { status, body } = await asked<{ status: "valid" | "partly_refunded" | "refunded" }>(
		`/api/receipts/${encodeURIComponent(number)}`,
	)
	return status === 404 ? "lost" : (body?.status ?? null)
}

/** Plain requests: whoever verifies needs no account, and the SDK is not fetched for them. */
async function asked<T>(path: string): Promise<{ status: number; body: T | null }> {
	try {
		const answer = await fetch(path, { credentials: "omit", cache: "no-store" })
		return { status: answer.status, body: answer.ok ? ((await answer.json()) as T) : null }
	} catch {
		return { status: 0, body: null }
	}
}

function isKey(value: unknown): value is Key {
	const key = value as Key
	return typeof key?.kid === "string" && typeof key.x === "string"
}
