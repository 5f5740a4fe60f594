// What stands over the page and is left by going back: a page-container.

import { rpx } from "../units"
import type { Builtin } from "./builtin"
import { hearDrags } from "./drag"

const open: (() => void)[] = []
/** Pixels that a finger pulls a container down to close it. */
const PULLED = 80

/** Closes what was opened last; answers whether there was anything. */
export function closeLayer(): boolean {
	const close = open.pop()
	close?.()
	return close !== undefined
}

/** A half screen that people leave by going back, without leaving the page. */
export const pageContainer: Builtin = {
	tag: "page-container",
	properties: {
		show: false,
		duration: 300,
		zIndex: 100,
		overlay: true,
		position: "bottom",
		round: false,
		closeOnSlideDown: false,
		overlayStyle: "",
		customStyle: "",
	},
	setup({ node, get, set, emit, dress }) {
		const veil = document.createElement("plaza-veil")
		let shown = false
		let timer: ReturnType<typeof setTimeout> | undefined
		const leave = () => set("show", false)
		veil.addEventListener("click", () => {
			emit("clickoverlay", {})
			leave()
		})
		hearDrags(node, {
			may: () => shown && get<boolean>("closeOnSlideDown"),
			move: () => false,
			end: ({ dx, dy }) => {
				if (dy > PULLED && dy > Math.abs(dx)) leave()
			},
		})
		const look = () => {
			node.setAttribute("position", get<string>("position"))
			node.toggleAttribute("round", get<boolean>("round"))
			const time = `${get<number>("duration")}ms`
			dress(`--time:${time};z-index:${get<number>("zIndex")};${rpx(get<string>("customStyle"))}`)
			veil.style.cssText = rpx(get<string>("overlayStyle"))
			veil.style.zIndex = String(get<number>("zIndex"))
			veil.style.transitionDuration = time
		}
		const show = () => {
			const wanted = get<boolean>("show")
			if (wanted === shown || !node.isConnected) return
			shown = wanted
			clearTimeout(timer)
			const [before, during, after] = wanted
				? ["beforeenter", "enter", "afterenter"]
				: ["beforeleave", "leave", "afterleave"]
			emit(before as string, {})
			if (wanted) {
				look()
				open.push(leave)
				if (get<boolean>("overlay")) node.before(veil)
				node.setAttribute("open", "")
				node.getBoundingClientRect() // the browser has to have seen where it comes from
			} else if (open.includes(leave)) open.splice(open.indexOf(leave), 1)
			node.toggleAttribute("in", wanted)
			veil.toggleAttribute("in", wanted)
			emit(during as string, {})
			timer = setTimeout(() => {
				if (!wanted) {
					node.removeAttribute("open")
					veil.remove()
				}
				emit(after as string, {})
			}, get<number>("duration"))
		}
		return {
			attached: () => queueMicrotask(show),
			changed: (name) => (name === "show" ? show() : look()),
			detached() {
				clearTimeout(timer)
				veil.remove()
				if (open.includes(leave)) open.splice(open.indexOf(leave), 1)
			},
		}
	},
}
