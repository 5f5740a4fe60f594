import type { Builtin, Drawn } from "./builtin"
import { fieldOf } from "./form"

/** A native control inside, so that keyboard and screen reader work by themselves. */
export const toggle: Builtin = {
	tag: "switch",
	slot: false,
	speaks: ["change", "input"],
	properties: { checked: false, disabled: false, color: "", type: "switch", name: "" },
	setup(self) {
		const control = document.createElement("input")
		control.type = "checkbox"
		self.node.append(control)
		const field = fieldOf(self, "checked")
		;(self.node as Drawn).field = field
		const draw = () => {
			const box = self.get<string>("type") === "checkbox"
			self.node.toggleAttribute("box", box)
			if (box) control.removeAttribute("role")
			else control.setAttribute("role", "switch")
			control.checked = self.get<boolean>("checked")
			control.disabled = self.get<boolean>("disabled")
			if (self.get<string>("color"))
				control.style.setProperty("--accent", self.get<string>("color"))
		}
		control.addEventListener("input", (event) => event.stopPropagation())
		control.addEventListener("change", (event) => {
			event.stopPropagation()
			self.set("checked", control.checked)
			self.emit("change", { value: control.checked })
		})
		return {
			attached() {
				draw()
				field.keep()
			},
			changed(name, value) {
				draw()
				if (name === "ariaLabel") control.setAttribute("aria-label", String(value ?? ""))
			},
		}
	},
}
