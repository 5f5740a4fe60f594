/** Short words at the edge of the screen, with Undo for what can be undone. */

export interface Toast {
	id: number
	text: string
	tone: "plain" | "good" | "bad"
	undo?: () => void
}

class Toasts {
	shown: Toast[] = $state([])
	#next = 0

	/** Shows a toast: 8 s with Undo, 4 s without. */
	show(text: string, options: { tone?: Toast["tone"]; undo?: () => void } = {}): void {
		const id = ++this.#next
		const { tone = "plain", undo } = options
		this.shown = [...this.shown.slice(-2), { id, text, tone, ...(undo ? { undo } : {}) }]
		setTimeout(() => this.dismiss(id), undo ? 8000 : 4000)
	}

	dismiss(id: number): void {
		this.shown = this.shown.filter((toast) => toast.id !== id)
	}
}

export const toasts = new Toasts()
