import type { Builtin, Self } from "./builtin"

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
		showConfirmBar: true,
	},
	setup(self) {
		const control = document.createElement("textarea")
		const behaviour = writing(self, control)
		const grow = () => {
			self.node.toggleAttribute("auto-height", self.get<boolean>("autoHeight"))
			if (!self.get<boolean>("autoHeight")) return
			control.style.height = "auto"
			control.style.height = `${control.scrollHeight}px`
		}
		control.addEventListener("input", grow)
		return {
			attached() {
				behaviour.attached()
				grow()
			},
			changed(name, value) {
				behaviour.changed(name, value)
				grow()
			},
		}
	},
}

/** What both share: the value in and out, placeholder, length, focus. */
function writing(self: Self, control: Control) {
	const { node, get, emit } = self
	node.append(control)
	const show = () => {
		control.placeholder = get<string>("placeholder")
		control.disabled = get<boolean>("disabled")
		const most = get<number>("maxlength")
		if (most >= 0) control.maxLength = most
		else control.removeAttribute("maxlength")
		control.enterKeyHint = get<string>("confirmType") ?? ""
		control.name = get<string>("name")
	}
	control.addEventListener("input", (event) => {
		event.stopPropagation()
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
	/** A handler may answer another value, which takes the typed one's place. */
	function replace(answer: unknown): void {
		const value =
			typeof answer === "string" ? answer : (answer as { value?: unknown } | undefined)?.value
		if (typeof value === "string" && value !== control.value) {
			control.value = value
			self.set("value", value)
		}
	}
	return {
		attached() {
			show()
			control.value = String(get("value") ?? "")
			if (get<boolean>("focus") || get<boolean>("autoFocus"))
				requestAnimationFrame(() => control.focus())
		},
		changed(name: string, value: unknown) {
			if (name === "value" && String(value ?? "") !== control.value)
				control.value = String(value ?? "")
			else if (name === "focus") value ? control.focus() : control.blur()
			else if (name === "ariaLabel") control.setAttribute("aria-label", String(value ?? ""))
			else show()
		},
	}
}
