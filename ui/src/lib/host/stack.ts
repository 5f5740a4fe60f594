// Which pages of the program on screen are open, kept in the tab: when the tab is loaded anew, or the system has
// ended it meanwhile, the person is where they were.

import { checkStack, isFields } from "./checks"
import type { Launch, StackPage } from "./protocol"

const KEY = "plaza.stack"

/** Keeps the open pages of the program that is shown at this address. */
export function keepStack({ frame, openid }: Launch, stack: StackPage[]): void {
	try {
		sessionStorage.setItem(KEY, JSON.stringify({ address: location.href, frame, openid, stack }))
	} catch {
		// Then it starts at its first page.
	}
}

export function forgetStack(): void {
	try {
		sessionStorage.removeItem(KEY)
	} catch {
		// There was none.
	}
}

/** The pages that were open here before the tab was loaded anew: for the same person, in the same version, once. */
export function stackOf({ frame, openid }: Launch): StackPage[] | null {
	if (!loadedAnew()) return null
	try {
		const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null")
		forgetStack()
		if (!isFields(kept) || kept.address !== location.href) return null
		return kept.frame === frame && kept.openid === openid ? checkStack(kept.stack) : null
	} catch {
		return null
	}
}

/** Whether this document took the place of itself, and not of another page. */
function loadedAnew(): boolean {
	const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[]
	const discarded = (document as { wasDiscarded?: boolean }).wasDiscarded === true
	return discarded || (entry !== undefined && entry.type !== "navigate")
}
