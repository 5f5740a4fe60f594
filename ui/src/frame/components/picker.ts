// The picker: what is inside is pressed, and a sheet with columns comes from below.

import type { Builtin, Drawn, Self } from "./builtin"
import {
	type Asked,
	type Column,
	chosenRegion,
	chosenValue,
	columnsOf,
	type Region,
	turned,
} from "./columns"
import { fieldOf } from "./form"
import type { Routes } from "./page"
import { openSheet, sheetHead } from "./sheet"
import { Wheel } from "./wheel"
import { say } from "./words"

const askedOf = ({ get }: Self): Asked => ({
	mode: get("mode"),
	range: get("range"),
	rangeKey: get("rangeKey"),
	value: get("value"),
	start: get("start"),
	end: get("end"),
	fields: get("fields"),
	level: get("level"),
	customItem: get("customItem"),
	...(regions ? { regions } : {}),
})

/** The lists of regions, once they have come; they are the same for all pickers. */
let regions: Region[] | undefined

/** One column in the sheet. */
class Drum {
	readonly node = document.createElement("div")
	readonly wheel: Wheel
	#rows: string[] = []

	constructor(stop: (at: number) => void, name: string) {
		this.node.tabIndex = 0
		this.node.setAttribute("role", "listbox")
		this.node.setAttribute("aria-label", name)
		this.wheel = new Wheel(this.node, () => [...this.node.children] as HTMLElement[], {
			stop: (at) => {
				this.#mark(at)
				stop(at)
			},
		})
	}

	show({ rows, at }: Column): void {
		if (rows.join("\n") !== this.#rows.join("\n")) {
			this.#rows = rows
			this.node.replaceChildren(
				...rows.map((text) => {
					const row = document.createElement("p")
					row.setAttribute("role", "option")
					row.textContent = text
					return row
				}),
			)
		}
		if (this.wheel.index !== at || this.node.scrollTop === 0) this.wheel.put(at)
		this.#mark(at)
	}

	#mark(at: number): void {
		;[...this.node.children].forEach((row, index) => {
			row.setAttribute("aria-selected", String(index === at))
		})
	}
}

/** The open sheet of a picker. */
class Sheet {
	readonly #self: Self
	#columns: Column[]
	readonly #drums: Drum[]
	readonly #close: () => void

	constructor(self: Self, closed: () => void) {
		this.#self = self
		this.#columns = columnsOf(askedOf(self))
		const title = self.get<string>("headerText") || say("choose")
		this.#drums = this.#columns.map(
			(_, index) => new Drum((at) => this.#turned(index, at), `${title} ${index + 1}`),
		)
		const cancel = () => {
			this.#close()
			closed()
			self.emit("cancel", {})
		}
		const done = () => {
			this.#close()
			closed()
			const mode = self.get<string>("mode")
			const told =
				mode === "region"
					? chosenRegion(askedOf(self), this.#columns)
					: { value: chosenValue(mode, this.#columns) }
			self.set("value", told.value)
			self.emit("change", told)
		}
		const wheels = document.createElement("section")
		wheels.append(...this.#drums.map(({ node }) => node))
		if (this.#drums.length === 0) {
			const none = document.createElement("p")
			none.className = "none"
			none.textContent = say("noRegions")
			wheels.replaceChildren(none)
		}
		const head = sheetHead(title, cancel, this.#drums.length > 0 ? done : undefined)
		this.#close = openSheet(title, [head, wheels], () => {
			closed()
			self.emit("cancel", {})
		})
		this.#draw()
	}

	/** The program has changed the range, or a value, while the sheet is open. */
	refresh(): void {
		const fresh = columnsOf(askedOf(this.#self))
		if (this.#self.get("mode") === "selector") return
		this.#columns = fresh
		this.#draw()
	}

	#draw(): void {
		this.#columns.forEach((column, index) => {
			this.#drums[index]?.show(column)
		})
	}

	#turned(index: number, at: number): void {
		this.#columns = this.#columns.map((column, each) =>
			each === index ? { ...column, at } : column,
		)
		this.#columns = turned(askedOf(this.#self), this.#columns)
		this.#draw()
		if (this.#self.get("mode") === "multiSelector")
			this.#self.emit("columnchange", { column: index, value: at })
	}
}

export const picker = ({ host }: Routes): Builtin => ({
	tag: "picker",
	speaks: ["change", "cancel"],
	properties: {
		mode: "selector",
		range: null,
		rangeKey: "",
		value: null,
		start: "",
		end: "",
		fields: "day",
		headerText: "",
		level: "region",
		customItem: "",
		disabled: false,
		name: "",
	},
	setup(self) {
		const { node, get, on } = self
		let sheet: Sheet | undefined
		const field = fieldOf(self)
		;(node as Drawn).field = field
		node.tabIndex = 0
		node.setAttribute("role", "button")
		node.setAttribute("aria-haspopup", "dialog")
		on("tap", () => {
			if (get<boolean>("disabled") || sheet) return
			const open = () => {
				sheet ??= new Sheet(self, () => {
					sheet = undefined
				})
			}
			if (get<string>("mode") !== "region" || regions) return open()
			host("regions", {})
				.then((answer) => (regions = (answer as { regions: Region[] }).regions))
				.catch(() => {}) // the sheet says that there are none
				.then(open)
		})
		return {
			attached: field.keep,
			changed(name) {
				if (name === "range" || name === "value") sheet?.refresh()
				if (name === "disabled")
					node.setAttribute("aria-disabled", String(get<boolean>("disabled")))
			},
		}
	},
})
