import { pixels } from "../units"
import type { Builtin, Self } from "./builtin"
import { type Drag, glide, hearDrags } from "./drag"

const KEY_STEP = 10
const COAST = 120

const inside = (value: number, low: number, high: number) =>
	Math.max(Math.min(low, high), Math.min(Math.max(low, high), value))

/** What moves in an area, by finger or by arrow keys. */
class Movable {
	readonly #self: Self
	#x = 0
	#y = 0
	#scale = 1
	#from = { x: 0, y: 0 }
	#axis: "" | "x" | "y" = ""
	#pinch = 0
	#stop = () => {}

	constructor(self: Self) {
		this.#self = self
		const { node } = self
		hearDrags(node, {
			may: () => !self.get("disabled") && self.get("direction") !== "none",
			start: () => {
				this.#stop()
				this.#axis = ""
				this.#from = { x: this.#x, y: this.#y }
			},
			move: (drag) => this.#drag(drag),
			end: (drag) => this.#drop(drag),
		})
		node.addEventListener("keydown", (event) => this.#key(event))
		node.addEventListener("touchmove", (event) => this.#spread(event), { passive: false })
		node.addEventListener("touchend", () => {
			this.#pinch = 0
		})
	}

	attached(): void {
		this.#scale = this.#self.get<number>("scaleValue") || 1
		requestAnimationFrame(() =>
			this.#put(pixels(this.#self.get("x")), pixels(this.#self.get("y")), ""),
		)
		if (!this.#self.get("disabled") && this.#self.get("direction") !== "none")
			this.#self.node.tabIndex = 0
	}

	changed(name: string): void {
		const { get } = this.#self
		if (name === "x" || name === "y") this.#glide(pixels(get("x")), pixels(get("y")))
		if (name === "scaleValue") this.#zoom(get<number>("scaleValue"))
		this.#self.node.tabIndex = get("disabled") || get("direction") === "none" ? -1 : 0
	}

	#drag({ dx, dy }: Drag): boolean {
		const direction = this.#self.get<string>("direction")
		if (this.#axis === "" && Math.hypot(dx, dy) > 3) {
			this.#axis = Math.abs(dx) > Math.abs(dy) ? "x" : "y"
			this.#self.emit(this.#axis === "x" ? "htouchmove" : "vtouchmove", {})
		}
		if (direction !== "all" && this.#axis !== (direction === "vertical" ? "y" : "x")) return false
		this.#put(this.#from.x + dx, this.#from.y + dy, "touch")
		return true
	}

	#drop({ vx, vy }: Drag): void {
		if (this.#self.get<boolean>("inertia"))
			this.#glide(this.#x + vx * COAST, this.#y + vy * COAST, "friction")
	}

	#key(event: KeyboardEvent): void {
		const steps: Record<string, [number, number]> = {
			ArrowLeft: [-KEY_STEP, 0],
			ArrowRight: [KEY_STEP, 0],
			ArrowUp: [0, -KEY_STEP],
			ArrowDown: [0, KEY_STEP],
		}
		const step = steps[event.key]
		if (!step || event.target !== this.#self.node || this.#self.get("disabled")) return
		event.preventDefault()
		this.#put(this.#x + step[0], this.#y + step[1], "touch")
	}

	#spread(event: TouchEvent): void {
		const [one, two] = event.touches
		if (!one || !two || !this.#self.get<boolean>("scale")) return
		event.preventDefault()
		const apart = Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY)
		if (this.#pinch > 0) this.#zoom((this.#scale * apart) / this.#pinch)
		this.#pinch = apart
	}

	#zoom(to: number): void {
		const { get, emit } = this.#self
		this.#scale = inside(to || 1, get<number>("scaleMin"), get<number>("scaleMax"))
		this.#put(this.#x, this.#y, "")
		emit("scale", { x: this.#x, y: this.#y, scale: this.#scale })
	}

	#glide(x: number, y: number, source = ""): void {
		this.#stop()
		const [fromX, fromY] = [this.#x, this.#y]
		this.#stop = glide(
			this.#self.get<boolean>("animation") && this.#self.node.isConnected ? 300 : 0,
			(part) => this.#put(fromX + (x - fromX) * part, fromY + (y - fromY) * part, source),
			() => {},
		)
	}

	#put(x: number, y: number, source: string): void {
		const { node, get, emit, dress } = this.#self
		const area = node.closest<HTMLElement>("wx-movable-area")
		const direction = get<string>("direction")
		const [wide, high] = [node.offsetWidth * this.#scale, node.offsetHeight * this.#scale]
		const before = { x: this.#x, y: this.#y }
		const free = source === "" // the program may put it where no finger could
		if (free || direction === "all" || direction === "horizontal")
			this.#x = area ? inside(x, 0, area.clientWidth - wide) : x
		if (free || direction === "all" || direction === "vertical")
			this.#y = area ? inside(y, 0, area.clientHeight - high) : y
		dress(`transform:translate(${this.#x}px,${this.#y}px) scale(${this.#scale})`)
		if (before.x !== this.#x || before.y !== this.#y)
			emit("change", { x: this.#x, y: this.#y, source })
	}
}

const view: Builtin = {
	tag: "movable-view",
	speaks: ["change", "scale"],
	properties: {
		direction: "none",
		inertia: false,
		outOfBounds: false,
		x: null,
		y: null,
		damping: 20,
		friction: 2,
		disabled: false,
		scale: false,
		scaleMin: 0.1,
		scaleMax: 10,
		scaleValue: 1,
		animation: true,
	},
	setup: (self) => new Movable(self),
}

const area: Builtin = { tag: "movable-area", properties: { scaleArea: false } }

export const movables: Builtin[] = [area, view]
