// The sheets of a program. One <style> per path; a sheet is on only while a page that uses it is on top, since
// pages are written as if they were alone.

import * as glassEasel from "glass-easel"
import type { Theme } from "../lib/host/protocol"
import type { Drawn } from "./components/builtin"
import { remoteLinks } from "./remote"

/** Placeholders that the compiler leaves for the class prefix and the host's name, known only at run time. */
const SCOPE = /__S__/g
const HOST = /__H__/g
const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/g

/** Fills a compiled sheet: scoped classes by the prefix, colour scheme by the theme the host shows. */
export function fillSheet(css: string, scope: string, theme: Theme): string {
	return remoteLinks(withSans(css))
		.replace(SCOPE, scope && `${scope}--`)
		.replace(HOST, scope)
		.replace(SCHEME, (_whole, scheme: string) =>
			scheme === theme ? "(min-width:0px)" : "(max-width:0px)",
		)
}

const FONT = /\b(font(?:-family)?)\s*:\s*([^;{}]+?)(\s*!important)?(?=[;}]|$)/g
const KEYWORD =
	/^(?:inherit|initial|unset|revert|caption|icon|menu|message-box|small-caption|status-bar)\b/
const GENERIC = /\b(?:sans-serif|serif|monospace|cursive|fantasy|system-ui)\b["')\s]*$/

/** A device without a program's fonts shows text without serifs, as a telephone does. */
export function withSans(css: string): string {
	return css.replace(FONT, (whole, name: string, value: string, important = "") => {
		const iconic = /^["']?[\w-]*icon/i.test(value)
		if (KEYWORD.test(value) || GENERIC.test(value) || iconic) return whole
		if (name === "font" && !value.includes(",")) return whole
		return `${name}:${value},sans-serif${important}`
	})
}

interface Sheet {
	element: HTMLStyleElement
	css: string
	scope: string
	users: Set<object>
}

/** Every sheet that has been used, and which page uses which. */
export class Styles {
	readonly #sources: Record<string, string>
	readonly #sheets = new Map<string, Sheet>()
	#theme: Theme
	#user: object = this

	/** Of pages, whose sheets stand before those of components, whichever was there first. */
	readonly #pages: ReadonlySet<string>
	#components: HTMLStyleElement | null = null

	constructor(sources: Record<string, string>, theme: Theme, pages: readonly string[]) {
		this.#sources = sources
		this.#pages = new Set(["app", ...pages])
		this.#theme = theme
	}

	/** Sheets asked for during `open` belong to `page`. */
	during<T>(page: object, open: () => T): T {
		this.#user = page
		try {
			return open()
		} finally {
			this.#user = this
		}
	}

	/** Puts a sheet on the page that is being opened. */
	use(path: string, scope: string): void {
		const css = this.#sources[path]
		if (!css) return
		const key = `${path}|${scope}`
		let sheet = this.#sheets.get(key)
		if (!sheet) {
			const element = document.createElement("style")
			element.dataset.path = path
			element.textContent = fillSheet(css, scope, this.#theme)
			const before = this.#pages.has(path)
			document.head.insertBefore(element, before ? this.#components : null)
			if (!before) this.#components ??= element
			sheet = { element, css, scope, users: new Set() }
			this.#sheets.set(key, sheet)
		}
		sheet.users.add(this.#user)
	}

	/** Turns on the sheets of the page on top, and only them. */
	show(page: object): void {
		for (const { element, users } of this.#sheets.values()) element.disabled = !users.has(page)
	}

	/** Forgets a closed page. */
	release(page: object): void {
		for (const { users } of this.#sheets.values()) users.delete(page)
	}

	/** Follows the host's theme. */
	setTheme(theme: Theme): void {
		this.#theme = theme
		for (const { element, css, scope } of this.#sheets.values()) {
			const off = element.disabled
			element.textContent = fillSheet(css, scope, theme)
			element.disabled = off
		}
	}
}

type Seen = glassEasel.backend.IntersectionStatus

/** The library's levels of a listener that stops an event, which it has as types only. */
const NONE = 0
const FINAL = 2

const EDITABLE = "input, textarea, select, [contenteditable]"

/** The DOM backend: sheets go through `Styles`, events through the shim, and native inputs keep their defaults. */
export class FrameBackend extends glassEasel.CurrentWindowBackendContext {
	readonly #styles: Styles
	readonly #scopes: glassEasel.StyleScopeManager

	constructor(styles: Styles, scopes: glassEasel.StyleScopeManager) {
		super()
		this.#styles = styles
		this.#scopes = scopes
	}

	override registerStyleSheetContent(): void {}

	override appendStyleSheetPath(path: string, scope?: number): number {
		this.#styles.use(path, (scope !== undefined && this.#scopes.queryName(scope)) || "")
		return 0
	}

	/**
	 * The document is the root of what has none: the frame's origin is its own, so that the browser would measure
	 * against the host's window and say nothing of it.
	 */
	override createIntersectionObserver(
		target: glassEasel.domlikeBackend.Element,
		relative: glassEasel.domlikeBackend.Element | null,
		rootMargin: string,
		threshold: number[],
		listener: (seen: Seen) => void,
	): glassEasel.backend.Observer {
		const node = target as unknown as Drawn
		const root = (relative as unknown as Element | null) ?? document
		const observer = new IntersectionObserver(
			(entries) => {
				const { id = "", dataset = {} } = node.__wxElement ?? {}
				for (const entry of entries) listener({ ...seenOf(entry), id, dataset } as Seen)
			},
			{ root, rootMargin, threshold },
		)
		observer.observe(node)
		return observer
	}

	/** A built-in that speaks an event itself (`input`, `scroll`) does not let the DOM's own of that name through. */
	override setListenerStats(
		element: glassEasel.domlikeBackend.Element,
		type: string,
		capture: boolean,
		level: number,
	): void {
		const node = element as unknown as HTMLElement & { speaks?: Set<string> }
		if (node.speaks?.has(type)) return
		if (type === "tap") makeTappable(node)
		if (type === "touchmove" && level === FINAL) {
			node.addEventListener("touchmove", holdStill, { passive: false })
		}
		super.setListenerStats(element, type, capture, NONE)
	}
}

const seenOf = (entry: IntersectionObserverEntry) => ({
	intersectionRatio: entry.intersectionRatio,
	boundingClientRect: entry.boundingClientRect,
	intersectionRect: entry.intersectionRect,
	relativeRect: entry.rootBounds ?? new DOMRect(0, 0, innerWidth, innerHeight),
	time: entry.time,
})

function holdStill(event: Event): void {
	if (event.cancelable) event.preventDefault()
}

/** What can be tapped can be reached and pressed by keyboard. */
function makeTappable(node: HTMLElement): void {
	if (node.tabIndex < 0 && !node.hasAttribute("tabindex") && node.localName !== "wx-page")
		node.tabIndex = 0
}

/** Whether the DOM event belongs to something the person types into: its default is never taken away. */
export function isEditing(event: unknown): boolean {
	return (
		event instanceof Event &&
		event.target instanceof Element &&
		event.target.closest(EDITABLE) !== null
	)
}
