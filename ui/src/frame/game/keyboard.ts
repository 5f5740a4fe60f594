// `wx.showKeyboard`: a field at the foot of the screen, since a canvas has none.

import { say } from "../components/words"
import { make } from "../own"
import type { Implementation } from "../wx/api"
import type { Heard } from "./touch"

const LOOK =
	"position:fixed;inset:auto 0 0;z-index:20;display:flex;gap:8px;padding:8px;background:#f7f7f7;color-scheme:light"
const FIELD =
	"flex:1;min-width:0;font:16px system-ui;padding:10px;border:1px solid #ccc;border-radius:8px"
const DONE =
	"font:600 16px system-ui;padding:0 16px;border:0;border-radius:8px;background:#1e7a4c;color:#fff"
/** Characters that a game's text may have. */
const LONGEST = 140

/** The asynchronous names; what is typed is told by `heard`. */
export function keyboardApi(body: HTMLElement, heard: Heard): Record<string, Implementation> {
	let bar: HTMLElement | undefined
	let field: HTMLInputElement | HTMLTextAreaElement | undefined
	const close = () => {
		if (!bar || !field) return
		const { value } = field
		bar.remove()
		bar = field = undefined
		heard.tell("KeyboardComplete", { value })
		heard.tell("KeyboardHeightChange", { height: 0 })
	}
	return {
		showKeyboard: ({ defaultValue, maxLength, multiple, confirmHold, confirmType }) => {
			close()
			bar = make("plaza-keyboard" as "div")
			bar.style.cssText = LOOK
			const input = make(multiple ? "textarea" : "input")
			input.style.cssText = FIELD
			input.value = String(defaultValue ?? "")
			input.maxLength = Number(maxLength) || LONGEST
			input.setAttribute("aria-label", say("keyboard"))
			input.enterKeyHint = String(confirmType ?? "done")
			const confirm = () => {
				heard.tell("KeyboardConfirm", { value: input.value })
				if (!confirmHold) close()
			}
			input.addEventListener("input", () => heard.tell("KeyboardInput", { value: input.value }))
			input.addEventListener("keydown", (event) => {
				const { key } = event as KeyboardEvent
				if (key === "Enter" && !multiple) confirm()
				if (key === "Escape") close()
				event.stopPropagation()
			})
			const done = make("button")
			done.type = "button"
			done.style.cssText = DONE
			done.textContent = say("done")
			done.addEventListener("click", confirm)
			bar.append(input, done)
			body.append(bar)
			field = input
			input.focus()
			heard.tell("KeyboardHeightChange", { height: bar.clientHeight })
		},
		hideKeyboard: close,
		updateKeyboard: ({ value }) => {
			if (!field) throw new Error("keyboard is not shown")
			field.value = String(value ?? "")
		},
	}
}
