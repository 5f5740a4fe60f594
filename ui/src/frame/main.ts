// The frame's first and only script: it seals the realm, waits for the host's one message, loads the program and
// opens its first page.

import type { Init, Theme } from "../lib/host/protocol"
import { type Compiled, jsonModule, load } from "./compiled"
import { closeLayer } from "./components/layers"
import { pressByKeyboard, showPresses } from "./components/press"
import { closeSheet } from "./components/sheet"
import css from "./elements.css?inline"
import { watchErrors, wordsOf } from "./failures"
import { inspect } from "./inspect"
import { packaged } from "./packaged"
import { Pages } from "./pages"
import { followPictures } from "./pictures"
import { connect, type HostPort } from "./port"
import { Program, type Report } from "./program"
import { followPlaying } from "./quiet"
import { fetchBelow } from "./remote"
import { afterRender } from "./render"
import { routesOf } from "./routes"
import { seal } from "./seal"
import { sharedBy } from "./share"
import { triggerBackendEvent } from "./shim"
import { createWx } from "./wx"
import { Listeners } from "./wx/listeners"
import { exposeWasm } from "./wx/wasm"

seal(window)

type Hook = (this: App, ...args: unknown[]) => void
type App = Record<string, unknown> & {
	onLaunch?: Hook
	onShow?: Hook
	onHide?: Hook
	onError?: Hook
	onUnhandledRejection?: Hook
	onThemeChange?: Hook
	onPageNotFound?: Hook
}

document.currentScript?.remove()

/** What went wrong before the host's message. */
const early: [error: unknown, where: string][] = []
let report: Report = (error, where) => void early.push([error, where])
watchErrors((error, where) => report(error, where))

window.addEventListener("message", function accept(event: MessageEvent<Init>) {
	const [port] = event.ports
	if (event.source !== window.parent || event.data?.t !== "init" || !port) return
	window.removeEventListener("message", accept)
	start(event.data, connect(port))
})

function start(init: Init, port: HostPort): void {
	let drawn = false
	fetchBelow(init.remote ?? "")
	/** What the program itself hears of its errors. */
	let heard: ((error: unknown, message: string, where: string) => void) | undefined
	const ready = () => {
		drawn = true
		port.cast("ready")
	}
	report = (error, where) => {
		const { message, stack } = wordsOf(error)
		// An app goes on after an error, as in WeChat, unless its first page cannot be made at all.
		const fatal = !drawn && where === "start"
		port.cast("error", { message, stack, where, fatal })
		heard?.(error, message, where)
	}
	for (const [error, where] of early.splice(0)) report(error, where)
	// Without `darkmode` in app.json an app is always shown light, as in WeChat.
	const dark = init.config.app.darkmode
	const themeOf = (theme: Theme): Theme => (dark ? theme : "light")
	const now = { theme: themeOf(init.theme), locale: init.locale }
	port.on("hide", followPlaying())
	const look = init.inspect ? inspect(port) : undefined
	dress(now.theme, init.locale)
	if (init.config.app.style === "v2") document.documentElement.dataset.look = "v2"
	const listeners = new Listeners(init, now, port)
	const around = { init, now, port, report, listeners: listeners.api }

	load(
		init.code?.script ?? "",
		(compiled) => {
			try {
				open(compiled)
			} catch (error) {
				report(error, "start")
			}
		},
		() =>
			port.cast("error", {
				message: "app.js did not load",
				stack: "",
				where: "start",
				fatal: true,
			}),
	)

	function open(compiled: Compiled): void {
		let app: App | undefined
		let pages: Pages
		const wx = createWx({ ...around, pages: () => pages })
		const routes = routesOf(wx, port, () => pages)
		const names = (): unknown[] => [
			wx,
			(definition: App) => {
				app = definition
			},
			program.Page,
			program.Component,
			program.Behavior,
			() => app,
			() => pages.callers(),
			globalThis,
			globalThis,
			globalThis,
			globalThis,
			notSupported("requirePlugin"),
			notSupported("requireMiniProgram"),
		]
		const program = new Program(init.config, compiled.bundle, now.theme, names, routes, report)
		for (const [path, { factory, found }] of compiled.modules)
			program.modules.define(path, factory, found)
		for (const [path, value] of compiled.json) program.modules.define(path, jsonModule(value))
		pages = new Pages(program, report, {
			nav: (nav) => port.cast("nav", nav),
			tabs: (bar) => port.cast("tabs", bar),
			stack: (open) => port.cast("stack", open),
			exitState: (state) => port.cast("exitState", state),
			happened: (name, detail) => listeners.tell(name, detail),
		})

		const files = packaged(init.config, port)
		followPictures(port, files)
		try {
			look?.({ app: () => app, pages: () => pages, wx, config: init.config })
			exposeWasm(globalThis, files)
			program.runApp()
		} catch (error) {
			report(error, "app.js")
		}
		const options = {
			path: init.page,
			query: init.query,
			scene: init.scene,
			referrerInfo: {},
			shareTicket: undefined,
		}
		let telling = false
		heard = (error, message, where) => {
			if (telling) return // an error of the handler is not told to it
			telling = true
			if (where === "unhandled rejection") {
				hook("onUnhandledRejection", { reason: error, promise: undefined })
				listeners.tell("UnhandledRejection", { reason: error, promise: undefined })
			} else {
				hook("onError", message)
				listeners.tell("Error", { message, stack: (error as Error | undefined)?.stack ?? "" })
			}
			telling = false
		}
		const hook = (name: keyof App, ...args: unknown[]) => runHook(app, name, args, report)
		hook("onLaunch", options)
		hook("onShow", options)
		listen(port, pages, hook, (theme) => {
			now.theme = themeOf(theme)
			dress(now.theme, now.locale)
			program.styles.setTheme(now.theme)
			hook("onThemeChange", { theme: now.theme })
		})
		pages.exitState = init.exitState
		if (init.stack && pages.knows(init.stack)) pages.restore(init.stack)
		else pages.reLaunch(firstUrl(init, hook, program))
		afterRender(ready)
	}
}

/** The page that was asked for, or the entry page when there is none of that name. */
function firstUrl(
	init: Init,
	hook: (name: "onPageNotFound", ...args: unknown[]) => void,
	program: Program,
): string {
	const path = init.page.replace(/^\//, "")
	if (path && !program.hasPage(path))
		hook("onPageNotFound", { path, query: init.query, isEntryPage: true })
	return urlOf(program.hasPage(path) ? path : init.config.entry, init.query)
}

/** A page's url, as a program would write it. */
function urlOf(path: string, query: Record<string, string>): string {
	const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`)
	return `/${path.replace(/^\//, "")}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`
}

/** Host events, in the order that a program sees them in WeChat. */
function listen(
	port: HostPort,
	pages: Pages,
	hook: (name: "onShow" | "onHide", ...args: unknown[]) => void,
	themed: (theme: Theme) => void,
): void {
	port.on("back", () => {
		if (closeSheet() || closeLayer()) return
		const { top } = pages
		if (top?.alert === undefined) pages.navigateBack(1)
		else
			void port.call("modal", { content: top.alert, showCancel: true }).then((answer) => {
				const { confirm } = answer as { confirm: boolean }
				if (confirm && pages.top === top) pages.navigateBack(1)
			})
	})
	port.on("tab", (event) => event.ev === "tab" && pages.tapTab(event.index))
	port.on("hide", () => {
		pages.setVisible(false)
		hook("onHide")
	})
	port.on("show", (event) => {
		const entrance = event.ev === "show" ? event.entrance : undefined
		hook("onShow", entrance ? { ...entrance, referrerInfo: {}, shareTicket: undefined } : {})
		pages.comeBack(entrance && urlOf(entrance.path, entrance.query))
	})
	port.on("theme", (event) => event.ev === "theme" && themed(event.theme))
	port.on("share", () => {
		const { top } = pages
		if (top) port.cast("share", sharedBy(top.caller, top.query))
	})
}

function runHook(
	app: App | undefined,
	name: keyof App,
	args: unknown[],
	report: (error: unknown, where: string) => void,
): void {
	const run = app?.[name]
	if (!app || typeof run !== "function") return
	try {
		const answer: unknown = run.apply(app, args)
		if (answer instanceof Promise)
			answer.catch((error: unknown) => report(error, `App ${String(name)}`))
	} catch (error) {
		report(error, `App ${String(name)}`)
	}
}

/** The frame's own look: base sheet, theme, language, pressing. */
function dress(theme: Theme, locale: string): void {
	document.documentElement.dataset.theme = theme
	document.documentElement.lang = locale
	if (document.querySelector('style[data-path="base"]')) return
	const style = document.createElement("style")
	style.dataset.path = "base"
	style.textContent = css
	document.head.prepend(style)
	pressByKeyboard(document.body, (element, detail) =>
		triggerBackendEvent(element, "tap", detail, {
			bubbles: true,
			composed: true,
			capturePhase: true,
		}),
	)
	showPresses(document.body)
}

function notSupported(name: string) {
	return (of?: unknown) => {
		throw new Error(`${name}:fail not supported${of ? `: ${String(of)}` : ""}`)
	}
}
