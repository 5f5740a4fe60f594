import { length } from "../units"
import type { Builtin } from "./builtin"

/** A scrolling box; `scroll-y` or `scroll-x` switch it on. Pull-to-refresh is not drawn. */
export const scrollView: Builtin = {
	tag: "scroll-view",
	speaks: ["scroll"],
	properties: {
		scrollX: false,
		scrollY: false,
		scrollTop: null,
		scrollLeft: null,
		scrollIntoView: "",
		scrollWithAnimation: false,
		upperThreshold: 50,
		lowerThreshold: 50,
		enhanced: false,
		showScrollbar: true,
		enableFlex: false,
		type: "list",
		refresherEnabled: false,
	},
	setup(self) {
		const { node, get, emit } = self
		let last = { top: 0, left: 0 }
		let edge: "upper" | "lower" | "" = "upper"
		const allow = () => {
			node.toggleAttribute("scroll-x", get<boolean>("scrollX"))
			node.toggleAttribute("scroll-y", get<boolean>("scrollY"))
			node.toggleAttribute("bare", get<boolean>("enhanced") && !get<boolean>("showScrollbar"))
			node.toggleAttribute("flex", get<boolean>("enableFlex"))
			if (get<boolean>("scrollX") || get<boolean>("scrollY")) node.tabIndex = 0
		}
		const move = (to: ScrollToOptions) =>
			node.scrollTo({ ...to, behavior: get<boolean>("scrollWithAnimation") ? "smooth" : "instant" })
		const reveal = (id: string) => {
			const target = [
				...node.querySelectorAll<HTMLElement & { __wxElement?: { id: string } }>("*"),
			].find((child) => child.__wxElement?.id === id)
			target?.scrollIntoView({
				block: "start",
				inline: "start",
				behavior: get<boolean>("scrollWithAnimation") ? "smooth" : "instant",
			})
		}
		node.addEventListener(
			"scroll",
			() => {
				const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = node
				emit("scroll", {
					scrollTop,
					scrollLeft,
					scrollHeight,
					scrollWidth,
					deltaX: last.left - scrollLeft,
					deltaY: last.top - scrollTop,
				})
				last = { top: scrollTop, left: scrollLeft }
				const [from, size, all] = get<boolean>("scrollX")
					? [scrollLeft, clientWidth, scrollWidth]
					: [scrollTop, clientHeight, scrollHeight]
				const now =
					from <= get<number>("upperThreshold")
						? "upper"
						: all - from - size <= get<number>("lowerThreshold")
							? "lower"
							: ""
				if (now && now !== edge)
					emit(now === "upper" ? "scrolltoupper" : "scrolltolower", {
						direction: get<boolean>("scrollX")
							? now === "upper"
								? "left"
								: "right"
							: now === "upper"
								? "top"
								: "bottom",
					})
				edge = now
			},
			{ passive: true },
		)
		return {
			attached() {
				allow()
				if (get("scrollTop") !== null) move({ top: Number.parseFloat(length(get("scrollTop"))) })
			},
			changed(name, value) {
				if (name === "scrollTop") move({ top: Number.parseFloat(length(value)) || 0 })
				else if (name === "scrollLeft") move({ left: Number.parseFloat(length(value)) || 0 })
				else if (name === "scrollIntoView") requestAnimationFrame(() => reveal(String(value)))
				else allow()
			},
		}
	},
}
