/** The URL is the state: path, parameters and query, reactive. A screen is a lazy module. */
import type { Component } from "svelte"

// biome-ignore lint/suspicious/noExplicitAny: a screen takes its parameters as props, each its own.
export type Screen = () => Promise<{ default: Component<any> }> | { default: Component<any> }
export type Routes = Record<string, Screen>

interface Match {
	pattern: string
	screen: Screen | null
	params: Record<string, string>
}

/** Finds the pattern ("/orders/:id") that a path answers to; the first one in order wins. */
export function match(routes: Routes, path: string): Match {
	const parts = split(path)
	for (const [pattern, screen] of Object.entries(routes)) {
		const wanted = split(pattern)
		if (wanted.length !== parts.length) continue
		const params: Record<string, string> = {}
		const fits = wanted.every((part, index) => {
			const given = parts[index] ?? ""
			if (!part.startsWith(":")) return part === given
			params[part.slice(1)] = given
			return true
		})
		if (fits) return { pattern, screen, params }
	}
	return { pattern: "", screen: null, params: {} }
}

function split(path: string): string[] {
	return path.split("/").filter(Boolean).map(decoded)
}

function decoded(part: string): string {
	try {
		return decodeURIComponent(part)
	} catch {
		return part
	}
}

type QueryChange = Record<string, string | number | boolean | null | undefined>

/** How long the browser may take for a step back, in milliseconds. */
const STEP = 400

export class Router {
	#routes: Routes
	#base: string
	#url = $state.raw(new URL(location.href))

	/** The path without the base, always starting with a slash. */
	path = $derived.by(() => this.#url.pathname.slice(this.#base.length) || "/")
	match = $derived.by(() => match(this.#routes, this.path))
	query = $derived.by(() => this.#url.searchParams)
	/** When the last move began, on the clock of `performance.now()`; 0 is the visit's first page. */
	movedAt = 0

	constructor(routes: Routes, base = "") {
		this.#routes = routes
		this.#base = base
		addEventListener("popstate", () => {
			this.movedAt = performance.now()
			this.#follow()
		})
		document.addEventListener("click", (event) => this.#click(event))
	}

	get params(): Record<string, string> {
		return this.match.params
	}

	/** The address to put in an href: base included. */
	href(path: string): string {
		return this.#base + path
	}

	go(path: string, options: { replace?: boolean } = {}): void {
		this.#move(new URL(this.href(path), location.href), options.replace ?? false)
		scrollTo(0, 0)
	}

	/** Changes some of the query and keeps the rest; null, undefined, "" and false take a name out. */
	setQuery(change: QueryChange, options: { push?: boolean } = {}): void {
		const url = new URL(this.#url)
		for (const [name, value] of Object.entries(change)) {
			if (value === null || value === undefined || value === "" || value === false)
				url.searchParams.delete(name)
			else url.searchParams.set(name, String(value))
		}
		if (url.href !== this.#url.href) this.#move(url, !options.push)
	}

	/** One step back inside the surface, or to `home` when this page is where the visit began. */
	back(home = "/"): void {
		if (!history.state?.plaza) {
			this.go(home, { replace: true })
			return
		}
		const here = location.href
		const before = this.movedAt
		history.back()
		// A program's frame may have laid entries of its own over this page's: a step back stays here then. Whoever
		// has gone back and come here again meanwhile has moved.
		setTimeout(() => {
			if (location.href === here && this.movedAt === before) this.go(home, { replace: true })
		}, STEP)
	}

	#move(url: URL, replace: boolean): void {
		this.movedAt = performance.now()
		// An open sheet has a history entry of its own: leaving through it takes its place.
		const over = history.state?.overlay !== undefined
		const state = { plaza: replace ? (history.state?.plaza ?? false) : true }
		if (replace || over) history.replaceState(state, "", url)
		else history.pushState(state, "", url)
		this.#follow()
	}

	#follow(): void {
		if (location.href !== this.#url.href) this.#url = new URL(location.href)
	}

	// Plain clicks on links of this surface only: a new tab, a download, another surface or a link
	// that something else has already handled stays the browser's.
	#click(event: MouseEvent): void {
		if (event.defaultPrevented || event.button !== 0) return
		if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
		const link = event.target instanceof Element ? event.target.closest("a") : null
		if (!link?.href || link.target || link.hasAttribute("download")) return
		const url = new URL(link.href)
		if (url.origin !== location.origin || (url.hash && url.pathname === location.pathname)) return
		if (this.#base ? !under(url.pathname, this.#base) : this.#foreign(url.pathname)) return
		event.preventDefault()
		this.#move(url, false)
		scrollTo(0, 0)
	}

	#foreign(path: string): boolean {
		return match(this.#routes, path).screen === null
	}
}

function under(path: string, base: string): boolean {
	return path === base || path.startsWith(`${base}/`)
}
