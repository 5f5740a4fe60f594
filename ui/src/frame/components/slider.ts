import type { Builtin, Drawn } from "./builtin"
import { fieldOf, type Kept } from "./form"

/** A native range inside: fingers, keyboard and screen reader work by themselves. */
export const slider: Builtin = {
	tag: "slider",
	slot: false,
	speaks: ["change", "changing", "input"],
	properties: {
		min: 0,
		max: 100,
		step: 1,
		value: 0,
		disabled: false,
		color: "",
		selectedColor: "",
		activeColor: "",
		backgroundColor: "",
		blockSize: 28,
		blockColor: "",
		showValue: false,
		name: "",
	},
	setup(self) {
		const { node, get, emit } = self
		const range = document.createElement("input")
		range.type = "range"
		const told = document.createElement("span")
		node.append(range, told)
		const field: Kept = fieldOf(self)
		;(node as Drawn).field = field
		const fill = () => {
			const [min, max] = [Number(range.min), Number(range.max)]
			const part = max > min ? ((Number(range.value) - min) / (max - min)) * 100 : 0
			range.style.setProperty("--part", `${part}%`)
			told.textContent = get<boolean>("showValue") ? range.value : ""
		}
		const draw = () => {
			range.min = String(get("min"))
			range.max = String(get("max"))
			range.step = String(get<number>("step") || 1)
			range.value = String(get("value"))
			range.disabled = get<boolean>("disabled")
			const style = {
				"--fill": get<string>("activeColor") || get<string>("selectedColor"),
				"--track": get<string>("backgroundColor") || get<string>("color"),
				"--block": get<string>("blockColor"),
				"--size": `${Math.min(28, Math.max(12, get<number>("blockSize")))}px`,
			}
			for (const [name, value] of Object.entries(style))
				if (value) range.style.setProperty(name, value)
			fill()
		}
		range.addEventListener("input", (event) => {
			event.stopPropagation()
			fill()
			emit("changing", { value: Number(range.value) })
		})
		range.addEventListener("change", (event) => {
			event.stopPropagation()
			self.set("value", Number(range.value))
			emit("change", { value: Number(range.value) })
		})
		return {
			attached() {
				draw()
				field.keep()
			},
			changed(name, value) {
				draw()
				if (name === "ariaLabel") range.setAttribute("aria-label", String(value ?? ""))
			},
		}
	},
}
