/** Back closes the topmost sheet before it leaves the page: each open one owns a history entry. */

interface Overlay {
	id: number
	close: () => void
}

const open: Overlay[] = []
let next = 0

function popped(): void {
	const top = open.at(-1)
	if (top === undefined || history.state?.overlay === top.id) return
	open.pop()
	top.close()
}

/** Registers an open sheet. Call what it answers when the sheet closes by any other way than Back. */
export function pushOverlay(close: () => void): () => void {
	if (next === 0) addEventListener("popstate", popped)
	const id = ++next
	open.push({ id, close })
	history.pushState({ ...history.state, overlay: id }, "")
	return () => {
		const index = open.findIndex((overlay) => overlay.id === id)
		if (index < 0) return
		open.splice(index, 1)
		// A navigation in the same turn replaces the entry; going back then would undo it.
		setTimeout(() => {
			if (history.state?.overlay === id) history.back()
		})
	}
}
