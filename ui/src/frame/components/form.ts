// Forms: what the controls inside hold, gathered when a button of the form is pressed.

import type { Builtin, Drawn, Field, Self } from "./builtin"

/** Every control of a form, those inside custom components too. */
function fieldsOf(form: HTMLElement): Field[] {
	return [...form.querySelectorAll<Drawn>("*")].flatMap(({ field }) => field ?? [])
}

/** Values by name; what has no name is not sent, as in WeChat. */
export function gather(fields: Field[]): Record<string, unknown> {
	return Object.fromEntries(
		fields.filter((field) => field.name() !== "").map((field) => [field.name(), field.value()]),
	)
}

/** `submit` carries the values by name; `reset` puts back what was there at first. */
export const form: Builtin = {
	tag: "form",
	speaks: ["submit", "reset"],
	properties: { reportSubmit: false, reportSubmitTimeout: 0 },
	setup({ node, emit }) {
		;(node as Drawn).form = {
			submit: () => emit("submit", { value: gather(fieldsOf(node)), formId: "" }),
			reset() {
				for (const field of fieldsOf(node)) field.reset()
				emit("reset", {})
			},
		}
		return {}
	},
}

/** A field that knows what it held at first. */
export type Kept = Field & {
	/** Called when it is attached: what it holds then is what a reset brings back. */
	keep(): void
}

/** A property of a built-in as a field of the form around it. */
export function fieldOf(
	{ get, set }: Pick<Self, "get" | "set">,
	property = "value",
	value: () => unknown = () => get(property),
): Kept {
	let first: unknown
	return {
		name: () => String(get("name") ?? ""),
		value,
		reset: () => set(property, first),
		keep() {
			first = get(property)
		},
	}
}

const CONTROL = "wx-input, wx-textarea, wx-button, wx-checkbox, wx-radio, wx-switch"

/** A tap on a label is a tap on its control: the one named by `for`, else the first inside. */
export const label: Builtin = {
	tag: "label",
	properties: { for: "" },
	setup({ node, get }) {
		node.addEventListener("click", (event) => {
			if (event.target instanceof Element && event.target.closest(CONTROL)) return
			const id = get<string>("for")
			const control = id ? named(node, id) : node.querySelector<HTMLElement>(CONTROL)
			const inner = control?.querySelector<HTMLInputElement>("input, textarea")
			if (inner && !/checkbox|radio/.test(inner.type)) inner.focus()
			else if (inner) inner.click()
			else control?.click()
		})
		return {}
	},
}

function named(near: HTMLElement, id: string): HTMLElement | undefined {
	const page = near.closest("wx-page") ?? document.body
	return [...page.querySelectorAll<Drawn>(CONTROL)].find((node) => node.__wxElement?.id === id)
}
