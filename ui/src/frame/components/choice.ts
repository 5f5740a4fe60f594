// Checkboxes and radios with their groups: native controls, so that keyboard and screen reader work by themselves.

import type { Builtin, Drawn, Self } from "./builtin"

interface Kind {
	tag: "checkbox" | "radio"
	/** Whether pressing it again switches it off. */
	toggles: boolean
}

const choice = ({ tag, toggles }: Kind): Builtin => ({
	tag,
	speaks: ["change", "input"],
	properties: {
		value: "",
		checked: false,
		disabled: false,
		color: "",
		name: "",
		backgroundColor: "",
		borderColor: "",
		activeBackgroundColor: "",
		activeBorderColor: "",
		iconColor: "",
	},
	setup(self) {
		const { node, get } = self
		const control = document.createElement("input")
		control.type = tag
		node.prepend(control)
		const draw = () => {
			control.checked = get<boolean>("checked")
			control.disabled = get<boolean>("disabled")
			paint(self)
		}
		control.addEventListener("input", (event) => event.stopPropagation())
		control.addEventListener("change", (event) => {
			event.stopPropagation()
			self.set("checked", control.checked)
			groupOf(node, tag)?.changed(node)
		})
		// The text beside the box is pressed like the box.
		node.addEventListener("click", (event) => {
			if (event.target === control || control.disabled) return
			if (toggles || !control.checked) control.click()
		})
		return {
			attached() {
				draw()
				// Of several that are checked from the first the last one stays, as in WeChat.
				if (tag === "radio" && get<boolean>("checked")) alone(node)
			},
			changed(name, value) {
				draw()
				if (name === "checked" && value && tag === "radio") alone(node)
				if (name === "ariaLabel") control.setAttribute("aria-label", String(value ?? ""))
			},
		}
	},
})

function paint({ get, dress }: Self): void {
	const colours = {
		"--accent": "color",
		"--off": "backgroundColor",
		"--edge": "borderColor",
		"--on": "activeBackgroundColor",
		"--on-edge": "activeBorderColor",
	}
	const said = Object.entries(colours).filter(([, property]) => get<string>(property))
	dress(said.map(([variable, property]) => `${variable}:${get<string>(property)}`).join(";"))
}

const groupOf = (node: HTMLElement, tag: string) => node.closest<Drawn>(`wx-${tag}-group`)?.group

/** What is chosen in a group, in the page's order. */
function chosen(group: HTMLElement, tag: string): Drawn[] {
	return [...group.querySelectorAll<Drawn>(`wx-${tag}`)].filter(
		(node) => node.__wxElement?.data?.checked,
	)
}

/** Of the radios of one group only one is on. */
function alone(node: HTMLElement): void {
	const group = node.closest<HTMLElement>("wx-radio-group")
	if (!group) return
	for (const other of chosen(group, "radio")) {
		if (other !== node)
			(other.__wxElement as unknown as { setData(data: object): void }).setData({ checked: false })
	}
}

const textOf = (node: Drawn) => String(node.__wxElement?.data?.value ?? "")

const group = (tag: "checkbox" | "radio"): Builtin => ({
	tag: `${tag}-group`,
	speaks: ["change", "input"],
	properties: { name: "", value: null },
	setup({ node, get, emit }) {
		const drawn = node as Drawn
		const value = (): unknown => {
			const values = chosen(node, tag).map(textOf)
			return tag === "radio" ? (values[0] ?? "") : values
		}
		if (tag === "radio") node.setAttribute("role", "radiogroup")
		drawn.group = {
			changed(member) {
				if (tag === "radio") alone(member)
				emit("change", { value: value() })
			},
		}
		let first: boolean[] = []
		const members = () => [...node.querySelectorAll<Drawn>(`wx-${tag}`)]
		drawn.field = {
			name: () => get<string>("name"),
			value,
			reset() {
				members().forEach((member, index) => {
					;(member.__wxElement as unknown as { setData(data: object): void }).setData({
						checked: first[index] ?? false,
					})
				})
			},
		}
		return {
			attached() {
				first = members().map((member) => Boolean(member.__wxElement?.data?.checked))
			},
		}
	},
})

export const choices: Builtin[] = [
	choice({ tag: "checkbox", toggles: true }),
	choice({ tag: "radio", toggles: false }),
	group("checkbox"),
	group("radio"),
]
