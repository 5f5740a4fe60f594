import { rpx } from "../units"
import type { Builtin, Drawn } from "./builtin"
import { Wheel } from "./wheel"

type Column = Drawn & { wheel?: Wheel }
type View = Drawn & {
	turned?: (moving: boolean) => void
	immediate?: () => boolean
	placed?: () => void
}

const DEFAULT_ROW = 34

/** Columns inside turn; `value` holds the row of each. */
const view: Builtin = {
	tag: "picker-view",
	speaks: ["change"],
	properties: {
		value: [],
		indicatorStyle: "",
		indicatorClass: "",
		maskStyle: "",
		maskClass: "",
		immediateChange: false,
		name: "",
	},
	setup(self) {
		const node = self.node as View
		const mask = document.createElement("i")
		const indicator = document.createElement("b")
		node.prepend(mask, indicator)
		let moving = 0
		const columns = () => [...node.querySelectorAll<Column>("wx-picker-view-column")]
		const place = () => {
			indicator.style.cssText = rpx(self.get<string>("indicatorStyle"))
			indicator.className = self.classes(self.get<string>("indicatorClass"))
			mask.style.cssText = rpx(self.get<string>("maskStyle"))
			mask.className = self.classes(self.get<string>("maskClass"))
			const height = indicator.offsetHeight || DEFAULT_ROW
			self.dress(`--row:${height}px;--rim:${Math.max(0, (node.clientHeight - height) / 2)}px`)
			const value = self.get<number[]>("value") ?? []
			columns().forEach((column, index) => {
				column.wheel?.put(Number(value[index]) || 0)
			})
		}
		node.placed = place
		node.turned = (starts) => {
			if (starts) {
				if (moving++ === 0) self.emit("pickstart", {})
				return
			}
			moving = Math.max(0, moving - 1)
			const value = columns().map(({ wheel }) => wheel?.index ?? 0)
			self.set("value", value)
			self.emit("change", { value })
			if (moving === 0) self.emit("pickend", {})
		}
		node.field = {
			name: () => self.get<string>("name"),
			value: () => self.get("value"),
			reset: () => self.set("value", []),
		}
		let size: ResizeObserver | undefined
		return {
			attached() {
				size = new ResizeObserver(() => requestAnimationFrame(place))
				size.observe(node)
				place()
			},
			detached: () => size?.disconnect(),
			changed(name) {
				if (name !== "value" || moving === 0) place()
			},
		}
	},
}

const column: Builtin = {
	tag: "picker-view-column",
	setup({ node }) {
		const view = () => node.closest<View>("wx-picker-view")
		const rows = () => [...node.children] as HTMLElement[]
		const wheel = new Wheel(node, rows, {
			start: () => view()?.turned?.(true),
			stop: () => view()?.turned?.(false),
		})
		;(node as Column).wheel = wheel
		node.tabIndex = 0
		let rowsChanged: MutationObserver | undefined
		return {
			attached() {
				rowsChanged = new MutationObserver(() => view()?.placed?.())
				rowsChanged.observe(node, { childList: true })
				view()?.placed?.()
			},
			detached: () => rowsChanged?.disconnect(),
		}
	},
}

export const pickerViews: Builtin[] = [view, column]
