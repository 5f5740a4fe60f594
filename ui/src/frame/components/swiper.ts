import { length, pixels } from "../units"
import { type Builtin, type Drawn, dress, type Self } from "./builtin"
import { type Drag, glide, hearDrags } from "./drag"

/** Speed, in pixels per millisecond, that turns the page whatever the distance. */
const FLICK = 0.3

/** Where an item stands when the view is at `position`: in items from the left edge; in a circle, the near way round. */
export function place(index: number, position: number, count: number, circular: boolean): number {
	const apart = index - position
	if (!circular || count < 2) return apart
	const turned = (((apart + count / 2) % count) + count) % count
	return turned - count / 2
}

/** The item that `position` is at. */
export function itemAt(position: number, count: number): number {
	return count === 0 ? 0 : ((Math.round(position) % count) + count) % count
}

class Swiper {
	readonly #self: Self
	readonly #dots = document.createElement("i")
	#position = 0
	#current = 0
	#from = 0
	#axis: "" | "x" | "y" = ""
	#stop = () => {}
	#timer: ReturnType<typeof setTimeout> | undefined
	#watch: MutationObserver | undefined

	constructor(self: Self) {
		this.#self = self
		self.node.prepend(this.#dots)
		this.#dots.setAttribute("aria-hidden", "true")
		hearDrags(self.node, {
			may: () => !this.#get("disableTouch") && this.#items().length > 1,
			start: () => this.#grab(),
			move: (drag) => this.#drag(drag),
			end: (drag) => this.#drop(drag),
		})
		self.node.addEventListener("keydown", (event) => {
			if (event.target !== self.node) return
			const [back, on] = this.#vertical ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"]
			if (event.key !== back && event.key !== on) return
			event.preventDefault()
			this.#go(this.#position + (event.key === on ? 1 : -1), "touch")
		})
	}

	attached(): void {
		this.#watch = new MutationObserver(() => this.#draw())
		this.#watch.observe(this.#self.node, { childList: true })
		this.#current = this.#position = Math.max(0, Number(this.#get("current")) || 0)
		this.#draw()
		this.#wait()
		if (this.#items().length > 1) this.#self.node.tabIndex = 0
	}

	detached(): void {
		this.#watch?.disconnect()
		clearTimeout(this.#timer)
		this.#stop()
	}

	changed(name: string, value: unknown): void {
		if (name === "current") {
			const target = Number(value) || 0
			if (target !== this.#current) this.#go(this.#nearest(target), "", this.#self.node.isConnected)
		} else if (name === "currentItemId") {
			const target = this.#items().findIndex((item) => idOf(item) === value)
			if (target >= 0) this.#go(this.#nearest(target), "")
		} else {
			this.#draw()
			this.#wait()
		}
	}

	#get<T>(name: string): T {
		return this.#self.get<T>(name)
	}

	get #vertical(): boolean {
		return this.#get<boolean>("vertical")
	}

	get #shown(): number {
		return Math.max(1, this.#get<number>("displayMultipleItems") || 1)
	}

	get #circular(): boolean {
		return this.#get<boolean>("circular") && this.#items().length > this.#shown
	}

	#items(): Drawn[] {
		return [...this.#self.node.children].filter(
			(child): child is Drawn => child.localName === "wx-swiper-item",
		)
	}

	/** In a circle the near way to an item may lead over the edge. */
	#nearest(index: number): number {
		const count = this.#items().length
		return this.#position + place(index, this.#position, count, this.#circular)
	}

	#clamp(position: number): number {
		if (this.#circular) return position
		return Math.max(0, Math.min(position, Math.max(0, this.#items().length - this.#shown)))
	}

	/** Pixels of one item along the axis. */
	#size(): number {
		const { clientWidth, clientHeight } = this.#self.node
		const whole = this.#vertical ? clientHeight : clientWidth
		const margins = ["previousMargin", "nextMargin"].map((name) => pixels(this.#get(name)))
		return Math.max(1, (whole - (margins[0] ?? 0) - (margins[1] ?? 0)) / this.#shown)
	}

	#draw(): void {
		const items = this.#items()
		const [before, after] = ["previousMargin", "nextMargin"].map((name) => length(this.#get(name)))
		const side = `calc((100% - ${before || "0px"} - ${after || "0px"}) / ${this.#shown})`
		items.forEach((item, index) => {
			const at = place(index, this.#position, items.length, this.#circular)
			const [x, y] = this.#vertical ? [0, at * 100] : [at * 100, 0]
			const [wide, high] = this.#vertical ? ["100%", side] : [side, "100%"]
			const [left, top] = this.#vertical ? ["0", before || "0"] : [before || "0", "0"]
			dress(
				item.__wxElement,
				`width:${wide};height:${high};left:${left};top:${top};transform:translate(${x}%,${y}%)`,
			)
			item.inert = Math.abs(at) > this.#shown && !before && !after
		})
		this.#drawDots(items.length)
	}

	#drawDots(count: number): void {
		const shown = this.#get<boolean>("indicatorDots")
		this.#dots.hidden = !shown
		if (!shown) return
		this.#self.node.toggleAttribute("vertical", this.#vertical)
		while (this.#dots.childElementCount > count) this.#dots.lastChild?.remove()
		while (this.#dots.childElementCount < count) this.#dots.append(document.createElement("b"))
		const on = itemAt(this.#position, count)
		;[...this.#dots.children].forEach((dot, index) => {
			const colour = index === on ? "indicatorActiveColor" : "indicatorColor"
			;(dot as HTMLElement).style.background = this.#get<string>(colour)
		})
	}

	#grab(): void {
		clearTimeout(this.#timer)
		this.#stop()
		this.#from = this.#position
		this.#axis = ""
	}

	#drag({ dx, dy }: Drag): boolean {
		if (this.#axis === "" && Math.hypot(dx, dy) > 5)
			this.#axis = Math.abs(dx) > Math.abs(dy) ? "x" : "y"
		if (this.#axis !== (this.#vertical ? "y" : "x")) return false
		this.#put(this.#clamp(this.#from - (this.#vertical ? dy : dx) / this.#size()))
		return true
	}

	#drop({ vx, vy }: Drag): void {
		if (this.#axis !== (this.#vertical ? "y" : "x")) {
			if (this.#position !== Math.round(this.#position))
				this.#go(Math.round(this.#position), "touch")
			this.#wait()
			return
		}
		const speed = this.#vertical ? vy : vx
		const flick = Math.abs(speed) > FLICK ? -Math.sign(speed) : 0
		const target = flick ? Math.round(this.#from) + flick : Math.round(this.#position)
		this.#go(target, "touch")
	}

	#put(position: number): void {
		this.#position = position
		this.#draw()
		const moved = (position - this.#from) * this.#size()
		this.#self.emit("transition", {
			dx: this.#vertical ? 0 : moved,
			dy: this.#vertical ? moved : 0,
		})
	}

	#go(to: number, source: "" | "touch" | "autoplay", smoothly = true): void {
		const target = this.#clamp(to)
		const count = this.#items().length
		const current = itemAt(target, count)
		this.#stop()
		const start = this.#position
		this.#from = start
		if (current !== this.#current) {
			this.#current = current
			this.#self.set("current", current)
			const currentItemId = idOf(this.#items()[current])
			this.#self.emit("change", { current, currentItemId, source })
		}
		this.#stop = glide(
			smoothly ? this.#get<number>("duration") : 0,
			(part) => this.#put(start + (target - start) * part),
			() => {
				this.#position = current
				this.#draw()
				this.#self.emit("animationfinish", {
					current,
					currentItemId: idOf(this.#items()[current]),
					source,
				})
			},
		)
		this.#wait()
	}

	#wait(): void {
		clearTimeout(this.#timer)
		if (!this.#get<boolean>("autoplay")) return
		this.#timer = setTimeout(
			() => {
				const last = this.#position >= this.#items().length - this.#shown
				if (this.#self.node.offsetParent === null || this.#items().length < 2) this.#wait()
				else this.#go(!this.#circular && last ? 0 : Math.round(this.#position) + 1, "autoplay")
			},
			Math.max(200, this.#get<number>("interval")),
		)
	}
}

const idOf = (item: Drawn | undefined) => String(item?.__wxElement?.data?.itemId ?? "")

const swiper: Builtin = {
	tag: "swiper",
	speaks: ["change"],
	properties: {
		indicatorDots: false,
		indicatorColor: "rgba(0,0,0,.3)",
		indicatorActiveColor: "#000000",
		autoplay: false,
		current: 0,
		currentItemId: "",
		interval: 5000,
		duration: 500,
		circular: false,
		vertical: false,
		previousMargin: "",
		nextMargin: "",
		displayMultipleItems: 1,
		snapToEdge: false,
		easingFunction: "default",
		disableTouch: false,
	},
	setup: (self) => new Swiper(self),
}

const item: Builtin = {
	tag: "swiper-item",
	properties: { itemId: "", skipHiddenItemLayout: false },
}

export const swipers: Builtin[] = [swiper, item]
