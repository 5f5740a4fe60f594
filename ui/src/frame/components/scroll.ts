import { pixels } from "../units"
import type { Builtin, Drawn, Self } from "./builtin"
import { Pull } from "./pull"

const DEFAULT_THRESHOLD = 45
const STILL = 150
const EDGE = 50

/** A scrolling box; `scroll-y` or `scroll-x` switch it on. */
class ScrollView {
	readonly #self: Self
	readonly #pull: Pull
	#last = { top: 0, left: 0 }
	#edge: "upper" | "lower" | "" = "upper"
	#enabled = true
	#still: ReturnType<typeof setTimeout> | undefined

	constructor(self: Self) {
		this.#self = self
		const { node, get, emit } = self
		node.addEventListener("scroll", () => this.#scrolled(), { passive: true })
		this.#pull = new Pull(node, {
			may: () => get<boolean>("refresherEnabled") && node.scrollTop <= 0,
			threshold: () => get<number>("refresherThreshold") || DEFAULT_THRESHOLD,
			pulling: (dy) => emit("refresherpulling", { dy }),
			refresh: () => {
				self.set("refresherTriggered", true)
				emit("refresherrefresh", { dy: get<number>("refresherThreshold") })
			},
			abort: () => emit("refresherabort", { dy: 0 }),
			restored: () => emit("refresherrestore", { dy: 0 }),
		})
		node.prepend(this.#pull.sign)
		;(node as Drawn).answers = this.#context()
	}

	attached(): void {
		this.#allow()
		const top = this.#self.get("scrollTop")
		const left = this.#self.get("scrollLeft")
		requestAnimationFrame(() => {
			if (top !== null) this.#move({ top: pixels(top) })
			if (left !== null) this.#move({ left: pixels(left) })
			const id = this.#self.get<string>("scrollIntoView")
			if (id) this.#reveal(id)
			if (this.#self.get<boolean>("refresherTriggered")) this.#pull.start()
		})
	}

	changed(name: string, value: unknown): void {
		if (name === "scrollTop") this.#move({ top: pixels(value) })
		else if (name === "scrollLeft") this.#move({ left: pixels(value) })
		else if (name === "scrollIntoView") requestAnimationFrame(() => this.#reveal(String(value)))
		else if (name === "refresherTriggered") {
			if (value) this.#pull.start()
			else this.#pull.stop()
		} else this.#allow()
	}

	#allow(): void {
		const { node, get } = this.#self
		const [x, y] = [get<boolean>("scrollX"), get<boolean>("scrollY")]
		node.toggleAttribute("scroll-x", x && this.#enabled)
		node.toggleAttribute("scroll-y", y && this.#enabled)
		node.toggleAttribute("bare", !get<boolean>("showScrollbar"))
		node.toggleAttribute("flex", get<boolean>("enableFlex"))
		node.toggleAttribute("paging", get<boolean>("pagingEnabled"))
		this.#pull.sign.style.background = get<string>("refresherBackground")
		this.#pull.sign.dataset.style = get<string>("refresherDefaultStyle")
		if (x || y) node.tabIndex = 0
		else node.removeAttribute("tabindex")
	}

	#move(to: ScrollToOptions): void {
		const smooth = this.#self.get<boolean>("scrollWithAnimation")
		this.#self.node.scrollTo({ behavior: smooth ? "smooth" : "instant", ...to })
	}

	#reveal(id: string): void {
		const { node, get } = this.#self
		const target = [...node.querySelectorAll<Drawn>("*")].find(
			(child) => child.__wxElement?.id === id,
		)
		if (!target) return
		const [box, at] = [node.getBoundingClientRect(), target.getBoundingClientRect()]
		const offset = get<number>("scrollIntoViewOffset") || 0
		this.#move(
			get<boolean>("scrollX")
				? { left: node.scrollLeft + at.left - box.left + offset }
				: { top: node.scrollTop + at.top - box.top + offset },
		)
	}

	#scrolled(): void {
		const { node, get, emit } = this.#self
		const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = node
		const deltaX = this.#last.left - scrollLeft
		const deltaY = this.#last.top - scrollTop
		const told = { scrollTop, scrollLeft, scrollHeight, scrollWidth, deltaX, deltaY }
		emit("scroll", told)
		if (get<boolean>("enhanced")) {
			clearTimeout(this.#still)
			this.#still = setTimeout(() => emit("scrollend", told), STILL)
		}
		const moved = { top: scrollTop, left: scrollLeft }
		const sideways = get<boolean>("scrollX") && moved.left !== this.#last.left
		this.#last = moved
		if (sideways) this.#edges(scrollLeft, clientWidth, scrollWidth, ["left", "right"])
		else this.#edges(scrollTop, clientHeight, scrollHeight, ["top", "bottom"])
	}

	#edges(from: number, size: number, all: number, [start, end]: [string, string]): void {
		const { get, emit } = this.#self
		const upper = from <= pixels(get("upperThreshold") ?? EDGE)
		const lower = all - from - size <= pixels(get("lowerThreshold") ?? EDGE)
		const now = upper ? "upper" : lower ? "lower" : ""
		if (now && now !== this.#edge)
			emit(now === "upper" ? "scrolltoupper" : "scrolltolower", {
				direction: now === "upper" ? start : end,
			})
		this.#edge = now
	}

	/** What `NodesRef.node()` answers: WeChat's ScrollViewContext. */
	#context(): object {
		const view = this
		return {
			scrollTo: ({ top, left, animated }: { top?: number; left?: number; animated?: boolean }) =>
				view.#move({
					...(top === undefined ? {} : { top }),
					...(left === undefined ? {} : { left }),
					behavior: animated ? "smooth" : "instant",
				}),
			scrollIntoView: (selector: string) => view.#reveal(String(selector).replace(/^#/, "")),
			triggerRefresh: () => view.#pull.start(),
			closeRefresh: () => view.#pull.stop(),
			get scrollEnabled() {
				return view.#enabled
			},
			set scrollEnabled(enabled: boolean) {
				view.#enabled = enabled
				view.#allow()
			},
		}
	}
}

export const scrollView: Builtin = {
	tag: "scroll-view",
	speaks: ["scroll", "scrollend"],
	properties: {
		scrollX: false,
		scrollY: false,
		scrollTop: null,
		scrollLeft: null,
		scrollIntoView: "",
		scrollIntoViewOffset: 0,
		scrollWithAnimation: false,
		upperThreshold: null,
		lowerThreshold: null,
		enhanced: false,
		showScrollbar: true,
		pagingEnabled: false,
		bounces: true,
		fastDeceleration: false,
		enableBackToTop: false,
		enablePassive: false,
		scrollAnchoring: false,
		enableFlex: false,
		type: "list",
		refresherEnabled: false,
		refresherThreshold: 45,
		refresherDefaultStyle: "black",
		refresherBackground: "",
		refresherTriggered: false,
	},
	setup: (self) => new ScrollView(self),
}
