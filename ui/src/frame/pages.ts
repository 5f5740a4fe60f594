// The page stack: what is open, what is on top, and the life of each page.

import type { Root } from "glass-easel-miniprogram-adapter"
import type { ExitState, Nav, StackPage, TabBar, WindowConfig } from "../lib/host/protocol"
import { Pull } from "./components/pull"
import { closeSheet } from "./components/sheet"
import { join } from "./modules"
import type { Caller, Program, Report } from "./program"
import { patchQueries } from "./queries"
import { afterRender } from "./render"
import { patchCallers } from "./shim"
import { tabBarOf } from "./tabs"

/** WeChat's limit of open pages. */
const DEPTH = 10
const REACH_BOTTOM = 50
/** Milliseconds after which scrolling has come to rest. */
const REST = 500
/** Milliseconds that the state of a page is kept which does not say so itself. */
const EXIT_LASTS = 24 * 60 * 60_000
/** Pixels that a page is pulled down to refresh. */
const PULL = 50

/** One open page. */
export interface OpenPage {
	path: string
	query: Record<string, string>
	caller: Caller
	root: Root
	node: HTMLElement
	scrollTop: number
	nav: { title: string; background: string; front: Nav["front"]; custom: boolean; loading: boolean }
	opener: EventChannel
	/** What the person is asked before they go back from it. */
	alert?: string
	/** The program's own tab bar under this page. */
	bar?: { root: Root; node: HTMLElement }
}

/** What the host hears of the pages. */
export interface Told {
	nav(nav: Nav): void
	tabs(bar: TabBar): void
	stack(pages: StackPage[]): void
	exitState(state: ExitState & { until: number }): void
	/** What a program may listen to: routes and the lives of pages. */
	happened(name: PageEvent, detail: object): void
}

/** Names of those events, as in WeChat. */
export type PageEvent =
	| "BeforeAppRoute"
	| "AppRoute"
	| "AppRouteDone"
	| "BeforePageLoad"
	| "AfterPageLoad"
	| "BeforePageUnload"
	| "AfterPageUnload"

type Handler = (...args: unknown[]) => void

/** The channel between a page and the one that opened it. */
export class EventChannel {
	readonly #handlers = new Map<string, { run: Handler; once: boolean }[]>()
	#add(name: string, run: Handler, once: boolean): this {
		this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), { run, once }])
		return this
	}
	on(name: string, run: Handler): this {
		return this.#add(name, run, false)
	}
	once(name: string, run: Handler): this {
		return this.#add(name, run, true)
	}
	off(name: string, run?: Handler): this {
		this.#handlers.set(
			name,
			run ? (this.#handlers.get(name) ?? []).filter((each) => each.run !== run) : [],
		)
		return this
	}
	emit(name: string, ...args: unknown[]): this {
		const heard = this.#handlers.get(name) ?? []
		this.#handlers.set(
			name,
			heard.filter((each) => !each.once),
		)
		for (const { run } of heard) run(...args)
		return this
	}
}

/** Splits a program's url. Values stay as they are written: WeChat does not decode them. */
export function parseUrl(
	url: string,
	from: string,
): { path: string; query: Record<string, string> } {
	const [before = "", rest = ""] = url.split("#")[0]?.split(/\?(.*)/s) ?? []
	const query: Record<string, string> = {}
	for (const pair of rest.split("&").filter(Boolean)) {
		const [name = "", value = ""] = pair.split(/=(.*)/s)
		query[name] = value
	}
	return { path: join(from, before.replace(/\.html$/, "")), query }
}

/** Refusals of navigation, in WeChat's words. */
export class RouteError extends Error {}

/** The stack of one program. */
export class Pages {
	readonly #program: Program
	readonly #report: Report
	readonly #tell: Told
	/** Pages of the tab bar stay when another one is chosen. */
	readonly #kept = new Map<string, OpenPage>()
	readonly tabs: TabBar | undefined
	#pull: Pull | undefined
	#stack: OpenPage[] = []
	#opening: OpenPage | undefined
	#visible = true
	#how = "appLaunch"
	#rest: ReturnType<typeof setTimeout> | undefined

	constructor(program: Program, report: Report, tell: Told) {
		this.#program = program
		this.#report = report
		this.#tell = tell
		this.tabs = tabBarOf(program.config.tabBar)
		window.addEventListener("scroll", () => this.#scrolled(), { passive: true })
		window.addEventListener("resize", () => this.#resized())
	}

	/** The page that was closed last. */
	closed: Caller | undefined

	/** The page on top; while a page loads, that one. */
	get top(): OpenPage | undefined {
		return this.#opening ?? this.#stack.at(-1)
	}

	/** The components of the open pages, the one on top last. */
	get opened(): unknown[] {
		return this.#stack.map(({ root }) => root.getComponent())
	}

	/** Every open page as the program sees it, the one on top last. */
	callers(): Caller[] {
		const open = this.#opening ? [...this.#stack, this.#opening] : this.#stack
		return open.map(({ caller }) => caller)
	}

	/** Opens a page over the others. */
	navigateTo(url: string, events: Record<string, Handler> = {}): OpenPage {
		if (this.#stack.length >= DEPTH) throw new RouteError(`webview count limit exceed`)
		const target = this.#begin("navigateTo", this.#target(url, false))
		const opener = new EventChannel()
		for (const [name, run] of Object.entries(events)) opener.on(name, run)
		const below = this.top
		const page = this.#open(target, opener)
		if (below) this.#hide(below)
		this.#push(page)
		return page
	}

	/** Replaces the page on top. */
	redirectTo(url: string): void {
		const target = this.#begin("redirectTo", this.#target(url, false))
		const page = this.#open(target, new EventChannel())
		const old = this.#stack.pop()
		if (old) this.#close(old)
		this.#push(page)
	}

	/** Closes everything and opens one page. */
	reLaunch(url: string): void {
		const target = this.#begin("reLaunch", this.#target(url, true))
		const page = this.#open(target, new EventChannel())
		const old = new Set([...this.#stack.splice(0).reverse(), ...this.#kept.values()])
		for (const each of old) this.#close(each)
		this.#push(page)
	}

	/** Goes to a page of the tab bar; those of the tab bar stay, the others close. */
	switchTab(url: string): void {
		const { path } = parseUrl(url, this.top?.path ?? "")
		if (!this.#isTab(path)) throw new RouteError("can not switch to no-tabBar page")
		const top = this.#stack.at(-1)
		if (top?.path === path && this.#stack.length === 1) return
		const kept = this.#kept.get(path)
		const target = this.#begin("switchTab", { path, query: {} })
		const page = kept ?? this.#open(target, new EventChannel())
		for (const old of this.#stack.splice(0).reverse()) {
			if (this.#kept.get(old.path) !== old) this.#close(old)
			else if (old === top) this.#hide(old)
		}
		if (kept) {
			this.#stack.push(page)
			this.#show(page)
		} else this.#push(page)
	}

	/** A route begins: whoever listens hears of it, and of its end when the page shows. */
	#begin<T extends { path: string; query: Record<string, string> }>(how: string, target: T): T {
		this.#how = how
		this.#tell.happened("BeforeAppRoute", this.#told(target))
		return target
	}

	#told({ path, query }: { path: string; query: Record<string, string> }): object {
		return { path, query, openType: this.#how, notFound: false, timeStamp: Date.now() }
	}

	/** An entry of the tab bar was pressed. */
	tapTab(index: number): void {
		const tab = this.#program.config.tabBar?.list[index]
		if (!tab) return
		const { pagePath, text = "" } = tab
		try {
			this.switchTab(`/${pagePath}`)
		} catch (error) {
			this.#report(error, "tab bar")
		}
		const top = this.top
		if (top) this.#call(top, "onTabItemTap", { index, pagePath, text })
	}

	/** Whether the page on top is one of the tab bar's. */
	get onTab(): boolean {
		return this.#isTab(this.top?.path ?? "")
	}

	/** Shows that the page refreshes, as if it had been pulled down. */
	startRefresh(): void {
		this.#pulls().start()
	}

	stopRefresh(): void {
		this.#pull?.stop()
	}

	/** Closes pages from the top; the first one stays. Answers whether anything closed. */
	navigateBack(delta = 1): boolean {
		const count = Math.min(Math.max(1, Math.trunc(delta) || 1), this.#stack.length - 1)
		if (count < 1) return false
		const below = this.#stack.at(-count - 1)
		if (below) this.#begin("navigateBack", below)
		for (const old of this.#stack.splice(-count).reverse()) this.#close(old)
		const top = this.top
		if (top) this.#show(top)
		return true
	}

	/** The program came to the front, or left it. */
	setVisible(visible: boolean): void {
		if (visible === this.#visible) return
		this.#visible = visible
		if (!visible) this.#keepExit()
		const top = this.top
		if (top) this.#call(top, visible ? "onShow" : "onHide")
		top?.root.getComponent().triggerPageLifetime(visible ? "show" : "hide", [])
	}

	/** The program came to the front again, at the page that it is wanted at or as it was left. */
	comeBack(url?: string): void {
		if (url === undefined) {
			this.setVisible(true)
			return
		}
		this.#visible = true
		const { path } = parseUrl(url, "")
		const known = this.#program.hasPage(path)
		this.reLaunch(known ? url : url.replace(/^[^?]*/, `/${this.#program.config.entry}`))
	}

	/** Opens the pages that were open before the tab was loaded anew. */
	restore(stack: StackPage[]): void {
		for (const [depth, { path, query }] of stack.entries()) {
			const url = `/${path}?${Object.entries(query)
				.map((pair) => pair.join("="))
				.join("&")}`
			if (depth === 0) this.reLaunch(url)
			else this.navigateTo(url)
		}
		for (const [depth, page] of this.#stack.entries()) page.scrollTop = stack[depth]?.scroll ?? 0
		const top = this.#stack.at(-1)
		if (top) afterRender(() => this.top === top && window.scrollTo(0, top.scrollTop))
	}

	/** Whether all of these pages can be opened again. */
	knows(stack: StackPage[]): boolean {
		return stack.every(
			({ path }, depth) => this.#program.hasPage(path) && (depth === 0 || !this.#isTab(path)),
		)
	}

	/** What a page finds of itself when it is opened first. */
	exitState: ExitState | undefined

	/** Asks the page on top what it would find again if the program were ended now. */
	#keepExit(): void {
		const { top } = this
		const ask = top?.caller.onSaveExitState
		if (!top || typeof ask !== "function") return
		try {
			const told = ask.call(top.caller) as { data?: unknown; expireTimeStamp?: unknown } | undefined
			if (!told || told.data === undefined) return
			const until = Number(told.expireTimeStamp ?? Date.now() + EXIT_LASTS)
			this.#tell.exitState({ path: top.path, data: told.data, until })
		} catch (error) {
			this.#report(error, `${top.path} onSaveExitState`)
		}
	}

	/** Tells the host which pages are open. */
	#announceStack(): void {
		this.#tell.stack(
			this.#stack.map((page) => ({
				path: page.path,
				query: page.query,
				scroll: page === this.#stack.at(-1) ? window.scrollY : page.scrollTop,
			})),
		)
	}

	/** Changes the navigation bar of the page on top. */
	dress(values: Partial<OpenPage["nav"]>): void {
		const { top } = this
		if (!top) return
		Object.assign(top.nav, values)
		this.announce()
	}

	/** Tells the host what the navigation bar shows. */
	announce(): void {
		const top = this.#stack.at(-1)
		const depth = this.#stack.length
		if (top) this.#tell.nav({ path: top.path, query: top.query, depth, ...top.nav })
	}

	/** Tells the host what the tab bar shows. */
	announceTabs(): void {
		const { tabs } = this
		const top = this.#stack.at(-1)
		const list = this.#program.config.tabBar?.list ?? []
		const selected = list.findIndex(({ pagePath }) => pagePath === top?.path)
		if (tabs) this.#tell.tabs({ ...tabs, selected, hidden: tabs.hidden || selected < 0 })
	}

	#target(url: string, tabs: boolean) {
		const target = parseUrl(String(url ?? ""), this.top?.path ?? "")
		if (!this.#program.hasPage(target.path))
			throw new RouteError(`page "${target.path}" is not found`)
		if (!tabs && this.#isTab(target.path)) throw new RouteError("can not navigateTo a tabbar page")
		return target
	}

	#isTab(path: string): boolean {
		return this.#program.config.tabBar?.list.some(({ pagePath }) => pagePath === path) ?? false
	}

	#open(
		{ path, query }: { path: string; query: Record<string, string> },
		opener: EventChannel,
	): OpenPage {
		const config = this.#windowOf(path)
		const key = {}
		const search = Object.entries(query)
			.map((pair) => pair.map(escapeStray).join("="))
			.join("&")
		const root = this.#program.createRoot(path, search, key)
		const caller = root.get() as unknown as Caller
		patchQueries(caller)
		patchCallers(caller)
		const page: OpenPage = Object.assign(key, {
			path,
			query,
			caller,
			root,
			opener,
			scrollTop: 0,
			node: (root.getComponent() as unknown as { $$: HTMLElement }).$$,
			nav: {
				title: config.navigationBarTitleText ?? "",
				background: config.navigationBarBackgroundColor ?? "",
				front: config.navigationBarTextStyle ?? ("" as const),
				custom: config.navigationStyle === "custom",
				loading: false,
			},
		})
		Object.assign(caller, {
			route: path,
			__route__: path,
			options: query,
			getOpenerEventChannel: () => opener,
		})
		if (this.exitState?.path === path) {
			caller.exitState = this.exitState.data
			this.exitState = undefined
		}
		page.node.tabIndex = -1
		page.node.hidden = true
		this.#opening = page
		if (this.#program.config.tabBar?.custom && this.#isTab(path)) this.#addBar(page)
		const place = document.createElement("i")
		document.body.append(place)
		// Components are attached before their page loads, as in WeChat: frameworks make a page's state there.
		root.attach(document.body as never, place as never)
		this.#tell.happened("BeforePageLoad", this.#told(page))
		this.#call(page, "onLoad", query)
		this.#tell.happened("AfterPageLoad", this.#told(page))
		this.#opening = undefined
		return page
	}

	/** The program's own tab bar: one for each of its tab pages, as in WeChat. */
	#addBar(page: OpenPage): void {
		const path = "custom-tab-bar/index"
		if (!this.#program.config.components[path]) return
		const root = this.#program.createRoot(path, "", page, "wx-tab-bar")
		const node = (root.getComponent() as unknown as { $$: HTMLElement }).$$
		const place = document.createElement("i")
		document.body.append(place)
		page.bar = { root, node }
		page.caller.getTabBar = () => root.get()
		root.attach(document.body as never, place as never)
		node.hidden = true
	}

	/** Pulling down is heard from the first page on that refreshes by it. */
	#pulls(): Pull {
		if (this.#pull) return this.#pull
		const inside = "wx-scroll-view[scroll-y], wx-movable-view, wx-picker-view, plaza-sheet"
		this.#pull = new Pull(document.body, {
			may: (event) => {
				const { top } = this
				const target = event?.target
				if (target instanceof Element && target.closest(inside)) return false
				return Boolean(top && this.#windowOf(top.path).enablePullDownRefresh && scrollY <= 0)
			},
			threshold: () => PULL,
			pulling() {},
			refresh: () => this.top && this.#call(this.top, "onPullDownRefresh"),
			abort() {},
			restored() {},
		})
		document.body.prepend(this.#pull.sign)
		return this.#pull
	}

	#windowOf(path: string): WindowConfig {
		return { ...this.#program.config.window, ...this.#program.config.components[path]?.json }
	}

	#push(page: OpenPage): void {
		this.#stack.push(page)
		if (this.#isTab(page.path)) this.#kept.set(page.path, page)
		this.#show(page)
		afterRender(() => this.#call(page, "onReady"))
	}

	#show(page: OpenPage): void {
		closeSheet()
		this.#pull?.stop()
		page.node.hidden = false
		if (page.bar) page.bar.node.hidden = false
		const config = this.#windowOf(page.path)
		if (config.enablePullDownRefresh) this.#pulls()
		document.documentElement.dataset.pull = config.backgroundTextStyle ?? "dark"
		this.#program.styles.show(page)
		document.documentElement.style.background = config.backgroundColor ?? ""
		window.scrollTo(0, page.scrollTop)
		if (this.#stack.length > 1 || document.activeElement !== document.body)
			page.node.focus({ preventScroll: true })
		this.announce()
		this.announceTabs()
		this.#announceStack()
		this.#call(page, "onShow")
		page.root.getComponent().triggerPageLifetime("show", [])
		this.#tell.happened("AppRoute", this.#told(page))
		afterRender(() => this.#tell.happened("AppRouteDone", this.#told(page)))
	}

	#hide(page: OpenPage): void {
		page.scrollTop = window.scrollY
		page.node.hidden = true
		if (page.bar) page.bar.node.hidden = true
		this.#call(page, "onHide")
		page.root.getComponent().triggerPageLifetime("hide", [])
	}

	#close(page: OpenPage): void {
		this.closed = page.caller
		this.#tell.happened("BeforePageUnload", this.#told(page))
		this.#call(page, "onUnload")
		page.root.release()
		page.node.remove()
		page.bar?.root.release()
		page.bar?.node.remove()
		if (this.#kept.get(page.path) === page) this.#kept.delete(page.path)
		this.#program.styles.release(page)
		this.#tell.happened("AfterPageUnload", this.#told(page))
	}

	#call(page: OpenPage, name: string, ...args: unknown[]): void {
		const method = page.caller[name]
		if (typeof method !== "function") return
		try {
			const answer: unknown = method.apply(page.caller, args)
			if (answer instanceof Promise)
				answer.catch((error: unknown) => this.#report(error, `${page.path} ${name}`))
		} catch (error) {
			this.#report(error, `${page.path} ${name}`)
		}
	}

	#resized(): void {
		const size = { windowWidth: innerWidth, windowHeight: innerHeight }
		if (!this.top) return
		this.#call(this.top, "onResize", { size })
		this.top.root.getComponent().triggerPageLifetime("resize", [{ size }])
	}

	#scrolled(): void {
		const top = this.top
		if (!top) return
		clearTimeout(this.#rest)
		this.#rest = setTimeout(() => this.#announceStack(), REST)
		if (top.caller.onPageScroll) this.#call(top, "onPageScroll", { scrollTop: window.scrollY })
		const left = document.documentElement.scrollHeight - window.scrollY - window.innerHeight
		const within = left <= (this.#windowOf(top.path).onReachBottomDistance ?? REACH_BOTTOM)
		if (within && !top.node.dataset.bottom) this.#call(top, "onReachBottom")
		if (within) top.node.dataset.bottom = "yes"
		else delete top.node.dataset.bottom
	}
}

/** The library decodes what becomes a property; a stray percent sign must not make it throw. */
const escapeStray = (text: string) =>
	text.replace(/%(?![\dA-Fa-f]{2})/g, "%25").replace(/&/g, "%26")
