// The buttons that Telegram draws below a program. The frame is the program's own, so these are drawn in it: at its
// bottom, in a shadow tree that the page's sheets do not reach.

import { hexOf } from "./telegramstart"

type Run = () => void

/** A page's own choice of a button's looks. */
export interface Looks {
	text?: string
	color?: string | false
	text_color?: string | false
	has_shine_effect?: boolean
	position?: string
	is_active?: boolean
	is_visible?: boolean
}

interface State {
	text: string
	color: string | null
	textColor: string | null
	isVisible: boolean
	isActive: boolean
	isProgressVisible: boolean
	hasShineEffect: boolean
	position: string
}

const POSITIONS = ["left", "right", "top", "bottom"]
const TEXT = 64

const SHEET = `
:host { all: initial }
.bar { position: fixed; inset: auto 0 0 0; z-index: 2147483647; display: flex; gap: 8px; padding: 8px 12px;
	padding-bottom: max(8px, env(safe-area-inset-bottom)) }
.bar[hidden], button[hidden] { display: none }
button { position: relative; flex: 1; min-height: 48px; border: 0; border-radius: 10px; padding: 0 12px; overflow: hidden;
	font: 600 16px/1.25 system-ui, sans-serif; cursor: pointer }
button:disabled { opacity: .5; cursor: default }
button:focus-visible { outline: 3px solid currentColor; outline-offset: -5px }
i { display: inline-block; width: 18px; height: 18px; border: 2.5px solid currentColor; border-inline-end-color: transparent;
	border-radius: 50%; animation: turn .8s linear infinite; vertical-align: middle }
button.shine::after { content: ""; position: absolute; inset: 0; background: linear-gradient(100deg, transparent 40%, #fff6 50%, transparent 60%);
	animation: shine 3s infinite }
@keyframes turn { to { rotate: 1turn } }
@keyframes shine { from { translate: -100% } 60%, to { translate: 100% } }
@media (prefers-reduced-motion: reduce) { button.shine::after { display: none } i { animation-duration: 3s } }
`

/** The bar; `colours` are those of the theme, and `resized` hears how much of the frame it takes. */
export class Bar {
	readonly #root: ShadowRoot
	readonly #bar = document.createElement("div")
	readonly #resized: (height: number) => void
	readonly buttons: { main: BottomButton; secondary: BottomButton }
	#height = 0

	constructor(theme: () => Record<string, string>, resized: (height: number) => void) {
		this.#resized = resized
		const host = document.createElement("div")
		this.#root = host.attachShadow({ mode: "closed" })
		const sheet = document.createElement("style")
		sheet.textContent = SHEET
		this.#bar.className = "bar"
		this.#bar.hidden = true
		this.#root.append(sheet, this.#bar)
		const draw = () => this.draw()
		this.buttons = {
			secondary: new BottomButton("secondary", "Cancel", draw, () => ({
				color: theme().bottom_bar_bg_color ?? "#ffffff",
				text: theme().button_color ?? "#0b7a55",
			})),
			main: new BottomButton("main", "Continue", draw, () => ({
				color: theme().button_color ?? "#0b7a55",
				text: theme().button_text_color ?? "#ffffff",
			})),
		}
		this.#bar.append(this.buttons.secondary.element, this.buttons.main.element)
		document.documentElement.append(host)
		new ResizeObserver(() => this.#measure()).observe(this.#bar)
	}

	set background(colour: string) {
		this.#bar.style.background = colour
	}

	draw(): void {
		const { main, secondary } = this.buttons
		main.draw()
		secondary.draw()
		this.#bar.hidden = !main.isVisible && !secondary.isVisible
		const { position } = secondary
		const across = position === "top" || position === "bottom"
		const first = position === "left" || position === "top"
		this.#bar.style.flexDirection = across
			? first
				? "column"
				: "column-reverse"
			: first
				? "row"
				: "row-reverse"
		this.#measure()
	}

	#measure(): void {
		const height = this.#bar.hidden ? 0 : Math.round(this.#bar.getBoundingClientRect().height)
		if (height === this.#height) return
		this.#height = height
		this.#resized(height)
	}
}

/** MainButton or SecondaryButton. */
export class BottomButton {
	readonly type: string
	readonly element = document.createElement("button")
	readonly #state: State
	readonly #draw: Run
	readonly #own: () => { color: string; text: string }
	/** Hears of a press. */
	pressed: Run = () => {}
	/** Adds and removes who hears of a press. */
	listen: (add: boolean, run: Run) => void = () => {}

	constructor(type: string, text: string, draw: Run, own: () => { color: string; text: string }) {
		this.type = type
		this.#draw = draw
		this.#own = own
		this.#state = {
			text,
			color: null,
			textColor: null,
			isVisible: false,
			isActive: true,
			isProgressVisible: false,
			hasShineEffect: false,
			position: "left",
		}
		this.element.type = "button"
		this.element.hidden = true
		this.element.onclick = (event) => event.isTrusted && this.isActive && this.pressed()
	}

	get text() {
		return this.#state.text
	}
	set text(text: string) {
		this.setParams({ text })
	}
	get color() {
		return this.#state.color ?? this.#own().color
	}
	set color(color: string) {
		this.setParams({ color })
	}
	get textColor() {
		return this.#state.textColor ?? this.#own().text
	}
	set textColor(text_color: string) {
		this.setParams({ text_color })
	}
	get isVisible() {
		return this.#state.isVisible
	}
	set isVisible(is_visible: boolean) {
		this.setParams({ is_visible })
	}
	get isActive() {
		return this.#state.isActive
	}
	set isActive(is_active: boolean) {
		this.setParams({ is_active })
	}
	get hasShineEffect() {
		return this.#state.hasShineEffect
	}
	set hasShineEffect(has_shine_effect: boolean) {
		this.setParams({ has_shine_effect })
	}
	get position() {
		return this.#state.position
	}
	set position(position: string) {
		this.setParams({ position })
	}
	get isProgressVisible() {
		return this.#state.isProgressVisible
	}

	setParams(given: Looks): this {
		const state = this.#state
		if (given.text !== undefined) {
			const text = String(given.text).trim()
			if (text === "" || text.length > TEXT) throw new Error("WebAppBottomButtonParamInvalid")
			state.text = text
		}
		for (const [name, member] of [
			["color", "color"],
			["text_color", "textColor"],
		] as const) {
			const colour = given[name]
			if (colour === undefined) continue
			const hex = colour === false || colour === null ? null : hexOf(colour)
			if (hex === null && colour) throw new Error("WebAppBottomButtonParamInvalid")
			state[member] = hex
		}
		if (given.position !== undefined) {
			if (this.type === "main" || !POSITIONS.includes(given.position))
				throw new Error("WebAppBottomButtonParamInvalid")
			state.position = given.position
		}
		if (given.is_active !== undefined) state.isActive = Boolean(given.is_active)
		if (given.is_visible !== undefined) state.isVisible = Boolean(given.is_visible)
		if (given.has_shine_effect !== undefined) state.hasShineEffect = Boolean(given.has_shine_effect)
		this.#draw()
		return this
	}

	setText(text: string): this {
		return this.setParams({ text })
	}
	onClick(run: Run): this {
		this.listen(true, run)
		return this
	}
	offClick(run: Run): this {
		this.listen(false, run)
		return this
	}
	show(): this {
		return this.setParams({ is_visible: true })
	}
	hide(): this {
		return this.setParams({ is_visible: false })
	}
	enable(): this {
		return this.setParams({ is_active: true })
	}
	disable(): this {
		return this.setParams({ is_active: false })
	}
	showProgress(leaveActive = false): this {
		this.#state.isProgressVisible = true
		return this.setParams({ is_active: leaveActive })
	}
	hideProgress(): this {
		this.#state.isProgressVisible = false
		return this.setParams({ is_active: true })
	}

	draw(): void {
		const { element } = this
		element.hidden = !this.isVisible
		element.disabled = !this.isActive
		element.className = this.hasShineEffect && this.isActive ? "shine" : ""
		element.style.background = this.color
		element.style.color = this.textColor
		element.ariaBusy = String(this.isProgressVisible)
		if (this.isProgressVisible) {
			element.ariaLabel = this.text
			element.replaceChildren(document.createElement("i"))
		} else {
			element.ariaLabel = null
			element.replaceChildren(this.text)
		}
	}
}
