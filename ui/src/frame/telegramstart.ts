// What a program learns of Telegram's launch parameters, and what versions and colours are.

import { PALETTES, VERSION } from "../lib/host/telegram"

export interface Start {
	initData: string
	initDataUnsafe: Record<string, unknown>
	version: string
	platform: string
	theme: Record<string, string>
	/** All of them, as Telegram's own script shows them. */
	params: Record<string, string>
}

/** Reads the fragment of the address. */
export function startOf(fragment: string): Start {
	const params = Object.fromEntries(new URLSearchParams(fragment.replace(/^#/, "")))
	const initData = params.tgWebAppData ?? ""
	return {
		initData,
		initDataUnsafe: unsafeOf(initData),
		version: params.tgWebAppVersion ?? VERSION,
		platform: params.tgWebAppPlatform ?? "web",
		theme: themeOf(params.tgWebAppThemeParams),
		params,
	}
}

/** initData as an object, which nobody has verified. */
export function unsafeOf(initData: string): Record<string, unknown> {
	const told: Record<string, unknown> = {}
	for (const [name, value] of new URLSearchParams(initData)) {
		told[name] = name === "auth_date" ? Number(value) : value
		if (/^[{[]/.test(value))
			try {
				told[name] = JSON.parse(value)
			} catch {
				// It is text then.
			}
	}
	return told
}

function themeOf(told: string | undefined): Record<string, string> {
	try {
		const theme = JSON.parse(told ?? "") as Record<string, string>
		if (theme.bg_color) return theme
	} catch {
		// Opened without parameters.
	}
	return PALETTES.light
}

/** Whether `version` is at least `wanted`, part by part. */
export function isAtLeast(version: string, wanted: string): boolean {
	const [a, b] = [version, String(wanted)].map((text) => text.trim().split(".").map(Number))
	for (let at = 0; at < Math.max(a?.length ?? 0, b?.length ?? 0); at++) {
		const [mine = 0, theirs = 0] = [a?.[at] || 0, b?.[at] || 0]
		if (mine !== theirs) return mine > theirs
	}
	return true
}

/** A colour as #rrggbb; null when it is none. */
export function hexOf(given: unknown): string | null {
	const text = String(given).trim().toLowerCase()
	if (/^#[\da-f]{6}$/.test(text)) return text
	if (/^#[\da-f]{3}$/.test(text)) return text.replace(/[\da-f]/g, "$&$&")
	const parts = /^rgba?\((\d+),\s*(\d+),\s*(\d+)(?:,\s*[\d.]+)?\)$/.exec(text)
	if (!parts) return null
	return `#${parts
		.slice(1, 4)
		.map((part) => Math.min(255, Number(part)).toString(16).padStart(2, "0"))
		.join("")}`
}

/** Whether a colour is dark, as Telegram weighs it. */
export function isDark(hex: string): boolean {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
	return Math.sqrt(0.299 * r * r + 0.587 * g * g + 0.114 * b * b) < 120
}

/** What `openInvoice` is for: a bill's package, as it is or in an address; null when there is none. */
export function invoiceOf(address: unknown): string | null {
	const found = /(?:^|[/$=?&])((?:prepay_id|order)=[\w-]{1,64})$/.exec(
		decodeURIComponent(String(address)),
	)
	return found?.[1] ?? null
}
