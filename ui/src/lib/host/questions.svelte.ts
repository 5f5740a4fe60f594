// What a program asks the person through the host's own sheets: one at a time, the others wait in line.

import type { ActionSheet, Modal } from "./checks"
import type { Decision } from "./consents"

export interface ModalAnswer {
	confirm: boolean
	content?: string
}

export type Question =
	| { kind: "modal"; modal: Modal; answer: (answer: ModalAnswer) => void }
	| { kind: "sheet"; sheet: ActionSheet; answer: (index: number) => void }
	| {
			kind: "consent"
			scope: string
			/** What the program says that it wants it for, in its own words. */
			reason: string
			/** Null is "not now". */
			answer: (decision: Decision | null) => void
	  }

export class Questions {
	waiting = $state.raw<Question[]>([])

	/** Puts a question at the end of the line; answers what the person says. */
	ask<T>(make: (answer: (value: T) => void) => Question): Promise<T> {
		return new Promise((resolve) => {
			this.waiting = [...this.waiting, make(resolve)]
		})
	}

	/** The first question is answered. */
	settle(answer: () => void): void {
		this.waiting = this.waiting.slice(1)
		answer()
	}

	/** Nobody will answer any more: each is told what closing its sheet would have told it. */
	dismiss(): void {
		const left = this.waiting
		this.waiting = []
		for (const question of left) {
			if (question.kind === "modal") question.answer({ confirm: false })
			else if (question.kind === "sheet") question.answer(-1)
			else question.answer(null)
		}
	}
}
