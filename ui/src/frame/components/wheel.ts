// A column that turns and stops at one of its rows: native scrolling with snap points. Picker views and the
// sheets of pickers are made of it.

/** Milliseconds without a scroll event after which a column stands. */
const STILL = 120

/** Follows a scrolling column whose rows are `rows()`, all of the same height. */
export class Wheel {
	readonly #box: HTMLElement
	readonly #rows: () => HTMLElement[]
	readonly #hears: { start?(): void; stop(index: number): void }
	#timer: ReturnType<typeof setTimeout> | undefined
	#moving = false
	#index = 0

	constructor(
		box: HTMLElement,
		rows: () => HTMLElement[],
		hears: { start?(): void; stop(index: number): void },
	) {
		this.#box = box
		this.#rows = rows
		this.#hears = hears
		box.addEventListener("scroll", () => this.#scrolled(), { passive: true })
		box.addEventListener("keydown", (event) => this.#key(event))
		box.addEventListener("click", (event) => this.#pressed(event))
	}

	/** The row that it stands at. */
	get index(): number {
		return this.#index
	}

	/** Turns to a row without telling anybody. */
	put(index: number): void {
		this.#index = this.#within(index)
		this.#box.scrollTo({ top: this.#index * this.#height(), behavior: "instant" })
	}

	#within(index: number): number {
		return Math.max(0, Math.min(index, this.#rows().length - 1))
	}

	#height(): number {
		return this.#rows()[0]?.offsetHeight || 1
	}

	#scrolled(): void {
		const at = this.#within(Math.round(this.#box.scrollTop / this.#height()))
		if (at === this.#index && !this.#moving) return
		if (!this.#moving) {
			this.#moving = true
			this.#hears.start?.()
		}
		clearTimeout(this.#timer)
		this.#timer = setTimeout(() => this.#settle(), STILL)
	}

	#settle(): void {
		this.#moving = false
		const at = this.#within(Math.round(this.#box.scrollTop / this.#height()))
		this.#index = at
		this.#hears.stop(at)
	}

	#key(event: KeyboardEvent): void {
		const steps: Record<string, number> = {
			ArrowUp: this.#index - 1,
			ArrowDown: this.#index + 1,
			Home: 0,
			End: this.#rows().length - 1,
			PageUp: this.#index - 5,
			PageDown: this.#index + 5,
		}
		const to = steps[event.key]
		if (to === undefined) return
		event.preventDefault()
		event.stopPropagation()
		const at = this.#within(to)
		if (at === this.#index) return
		this.#hears.start?.()
		this.put(at)
		this.#hears.stop(at)
	}

	#pressed({ clientY }: MouseEvent): void {
		const { top, height } = this.#box.getBoundingClientRect()
		const rows = Math.round((clientY - top - height / 2) / this.#height())
		if (rows !== 0)
			this.#box.scrollTo({
				top: this.#within(this.#index + rows) * this.#height(),
				behavior: "smooth",
			})
	}
}
