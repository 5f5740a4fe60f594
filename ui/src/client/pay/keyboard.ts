/**
 * Keeps the keyboard in the host's dialogs. A program's frame is inert under a dialog, so nobody can press anything in
 * it; but a frame may still call `focus()` and so have the keys for itself. Then they are taken back at once.
 */

/** Holds the keyboard until the returned function is called. */
export function holdKeyboard(): () => void {
	let last: HTMLElement | null = inDialog(document.activeElement)
	let ended = false

	function inside({ target }: FocusEvent): void {
		last = inDialog(target) ?? last
	}

	// Within this window: the next element has the focus only when this event is over.
	const left = () => setTimeout(() => inDialog(document.activeElement) ?? back())
	// The frame's window has it, and this document cannot tell: it counts what is in a frame as its own.
	const lost = () => setTimeout(back)

	function back(): void {
		if (ended || document.hidden) return
		focus()
		const goal = last?.isConnected ? last : document.querySelector<HTMLElement>("dialog[open] h2")
		goal?.focus({ preventScroll: true })
	}

	document.addEventListener("focusin", inside)
	document.addEventListener("focusout", left)
	addEventListener("blur", lost)
	return () => {
		ended = true
		document.removeEventListener("focusin", inside)
		document.removeEventListener("focusout", left)
		removeEventListener("blur", lost)
	}
}

function inDialog(target: EventTarget | null): HTMLElement | null {
	return target instanceof HTMLElement && target.closest("dialog[open]") ? target : null
}
