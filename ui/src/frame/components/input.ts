import { rpx } from "../units"
import type { Builtin, Drawn, Self } from "./builtin"
import { fieldOf } from "./form"

const KEYBOARDS: Record<string, string> = {
	number: "numeric",
	digit: "decimal",
	idcard: "text",
	tel: "tel",
}
const DEFAULT_LENGTH = 140

type Control = HTMLInputElement | HTMLTextAreaElement

/** One line of text; `number`, `digit` and `idcard` choose the keyboard, as in WeChat they do not check. */
export const input: Builtin = {
	tag: "input",
	slot: false,
	speaks: ["input", "focus", "blur", "confirm", "change"],
	properties: {
		value: "",
		type: "text",
		password: false,
		placeholder: "",
		placeholderStyle: "",
		placeholderClass: "",
		disabled: false,
		maxlength: DEFAULT_LENGTH,
		focus: false,
		autoFocus: false,
		confirmType: "done",
		confirmHold: false,
		name: "",
		cursor: -1,
		cursorSpacing: 0,
		selectionStart: -1,
		selectionEnd: -1,
		adjustPosition: true,
		holdKeyboard: false,
		alwaysEmbed: false,
	},
	setup(self) {
		const control = document.createElement("input")
		const behaviour = writing(self, control)
		control.addEventListener("keydown", (event) => {
			if (event.key !== "Enter" || event.isComposing) return
			self.emit("confirm", { value: control.value })
			if (!self.get<boolean>("confirmHold")) control.blur()
		})
		const kind = () => {
			const type = self.get<string>("type")
			control.type = self.get<boolean>("password") || type === "safe-password" ? "password" : "text"
			control.inputMode = KEYBOARDS[type] ?? "text"
		}
		return {
			attached() {
				kind()
				behaviour.attached()
			},
			changed(name, value) {
				kind()
				behaviour.changed(name, value)
			},
		}
	},
}

/** Several lines of text. */
export const textarea: Builtin = {
	tag: "textarea",
	slot: false,
	speaks: ["input", "focus", "blur", "confirm", "change", "linechange"],
	properties: {
		value: "",
		placeholder: "",
		placeholderStyle: "",
		placeholderClass: "",
		disabled: false,
		maxlength: DEFAULT_LENGTH,
		focus: false,
		autoFocus: false,
		autoHeight: false,
		fixed: false,
		name: "",
		cursor: -1,
		cursorSpacing: 0,
		selectionStart: -1,
		selectionEnd: -1,
		adjustPosition: true,
		holdKeyboard: false,
		disableDefaultPadding: false,
		confirmType: "return",
		confirmHold: false,
		showConfirmBar: true,
	},
	setup(self) {
		const control = document.createElement("textarea")
		const behaviour = writing(self, control)
		let lines = 0
		const grow = () => {
			const auto = self.get<boolean>("autoHeight")
			self.node.toggleAttribute("auto-height", auto)
			if (auto) {
				control.style.height = "auto"
				control.style.height = `${control.scrollHeight}px`
			} else control.style.height = ""
			const { lineHeight, fontSize } = getComputedStyle(control)
			const line = Number.parseFloat(lineHeight) || Number.parseFloat(fontSize) * 1.4
			const now = Math.max(1, Math.round(control.scrollHeight / line))
			if (now === lines || !control.scrollHeight) return
			lines = now
			self.emit("linechange", { height: control.scrollHeight, heightRpx: 0, lineCount: now })
		}
		control.addEventListener("input", grow)
		control.addEventListener("keydown", (event) => {
			const sends = /^(?:send|search|next|go|done)$/.test(self.get<string>("confirmType"))
			if (event.key !== "Enter" || event.isComposing || !sends) return
			event.preventDefault()
			self.emit("confirm", { value: control.value })
			if (!self.get<boolean>("confirmHold")) control.blur()
		})
		let wide: ResizeObserver | undefined
		return {
			attached() {
				behaviour.attached()
				wide = new ResizeObserver(() => requestAnimationFrame(grow))
				wide.observe(self.node)
			},
			detached: () => wide?.disconnect(),
			changed(name, value) {
				behaviour.changed(name, value)
				if (self.node.isConnected) grow()
			},
		}
	},
}

/** What both share: the value in and out, placeholder, length, focus. */
function writing(self: Self, control: Control) {
	const { node, get, emit } = self
	const hint = document.createElement("div")
	hint.setAttribute("aria-hidden", "true")
	node.append(hint, control)
	const field = fieldOf(self, "value", () => control.value)
	;(node as Drawn).field = field
	// The placeholder is an element of its own, since programs give it a class and a style; the control's own is
	// there for whoever does not see it.
	const showHint = () => {
		hint.hidden = control.value !== ""
	}
	const show = () => {
		control.placeholder = get<string>("placeholder")
		hint.textContent = get<string>("placeholder")
		hint.className = self.classes(get<string>("placeholderClass"))
		hint.style.cssText = rpx(get<string>("placeholderStyle"))
		showHint()
		control.disabled = get<boolean>("disabled")
		const most = get<number>("maxlength")
		if (most >= 0) control.maxLength = most
		else control.removeAttribute("maxlength")
		control.enterKeyHint = get<string>("confirmType") ?? ""
		control.name = get<string>("name")
	}
	control.addEventListener("input", (event) => {
		event.stopPropagation()
		showHint()
		if ((event as InputEvent).isComposing) return
		self.set("value", control.value)
		emit(
			"input",
			{ value: control.value, cursor: control.selectionStart ?? 0, keyCode: 0 },
			{ handleListenerReturn: replace },
		)
	})
	control.addEventListener("compositionend", () => control.dispatchEvent(new InputEvent("input")))
	control.addEventListener("change", (event) => event.stopPropagation())
	control.addEventListener("focus", () => emit("focus", { value: control.value, height: 0 }))
	control.addEventListener("blur", () =>
		emit("blur", { value: control.value, cursor: control.selectionStart ?? 0 }),
	)
	const select = () => {
		const [at, from, to] = ["cursor", "selectionStart", "selectionEnd"].map((name) =>
			get<number>(name),
		)
		if (document.activeElement !== control) return
		if (from !== undefined && to !== undefined && from >= 0 && to >= 0)
			control.setSelectionRange(from, to)
		else if (at !== undefined && at >= 0) control.setSelectionRange(at, at)
	}
	control.addEventListener("focus", () => requestAnimationFrame(select))
	/** A handler may answer another value, which takes the typed one's place. */
	function replace(answer: unknown): void {
		const value =
			typeof answer === "string" ? answer : (answer as { value?: unknown } | undefined)?.value
		if (typeof value === "string" && value !== control.value) {
			control.value = value
			self.set("value", value)
			showHint()
		}
	}
	return {
		attached() {
			control.value = String(get("value") ?? "")
			show()
			field.keep()
			if (get<boolean>("focus") || get<boolean>("autoFocus"))
				requestAnimationFrame(() => control.focus())
		},
		changed(name: string, value: unknown) {
			if (name === "value") {
				if (String(value ?? "") !== control.value) control.value = String(value ?? "")
				showHint()
			} else if (name === "cursor" || name === "selectionStart" || name === "selectionEnd") select()
			else if (name === "focus") value ? control.focus() : control.blur()
			else if (name === "ariaLabel") control.setAttribute("aria-label", String(value ?? ""))
			else show()
		},
	}
}
