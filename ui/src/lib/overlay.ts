/** Back closes the topmost sheet before it leaves the page: each open one owns a history entry. */

interface Overlay {
	id: number
	close: () => void
}

/** Milliseconds after which a step back that was asked for is no longer waited for. */
const PATIENCE = 500

const open: Overlay[] = []
let next = 0
/** Our own step back, away from a closed sheet's entry, that the browser has not taken yet. */
let leaving: ReturnType<typeof setTimeout> | undefined
/** Sheets that opened meanwhile: an entry made now would be the one that is left. */
const waiting = new Set<number>()

function popped(): void {
	if (leaving !== undefined) {
		left()
		return
	}
	const top = open.at(-1)
	if (top === undefined || history.state?.overlay === top.id) return
	open.pop()
	top.close()
}

function left(): void {
	clearTimeout(leaving)
	leaving = undefined
	for (const id of waiting) enter(id)
	waiting.clear()
}

function enter(id: number): void {
	history.pushState({ ...history.state, overlay: id }, "")
}

/** Registers an open sheet. Call what it answers when the sheet closes by any other way than Back. */
export function pushOverlay(close: () => void): () => void {
	if (next === 0) addEventListener("popstate", popped)
	const id = ++next
	open.push({ id, close })
	if (leaving === undefined) enter(id)
	else waiting.add(id)
	return () => {
		const index = open.findIndex((overlay) => overlay.id === id)
		if (index < 0) return
		open.splice(index, 1)
		if (waiting.delete(id)) return
		// A navigation in the same turn replaces the entry; going back then would undo it.
		setTimeout(() => {
			if (history.state?.overlay !== id) return
			clearTimeout(leaving)
			leaving = setTimeout(left, PATIENCE)
			history.back()
		})
	}
}
