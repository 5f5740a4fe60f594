// The bridge of a program that is plain HTML: `window.plaza`, there before the page's first script and good
// after `await plaza.ready()`. It speaks to the host over the same port, and may ask for no more, than any program.

import type { HostEvent, Init, Nav, Theme } from "../lib/host/protocol"
import { followConsole } from "./console"
import { watchErrors, wordsOf } from "./failures"
import { connect, type HostPort } from "./port"
import { followPlaying } from "./quiet"
import { seal } from "./seal"
import { exchange, fetchOver, type Sending } from "./webnetwork"
import { keepable, LOCAL, storageOf } from "./webstorage"

/** What a page learns when it starts. */
interface Opening {
	appid: string
	version: string
	locale: string
	theme: Theme
	scene: number
	path: string
	query: Record<string, string>
}
type Listener = (event: HostEvent) => void
type Listed = { fileList: unknown }

/** What a page may hear of the host. */
const HEARD = ["show", "hide", "theme", "locale", "back"] as const
type Heard = (typeof HEARD)[number]

/** Milliseconds after the person went back until the bar may lead back again: nobody is kept in. */
const AFTER_BACK = 1_100

/** The host's side, once it is there. */
export interface Connected {
	init: Init
	port: HostPort
}

/** What the other scripts of the house find in a web program's frame: the database's, Telegram's. */
export interface Inside {
	connected: Promise<Connected>
	/** Gives `plaza.database`. */
	database(make: (options?: object) => unknown): void
	/** Changes the host's bar. */
	bar(change: Partial<Nav>): void
	/** Whether the bar leads back, for as long as anybody wants it to. */
	back(who: unknown, wanted: boolean): void
	on(name: Heard, listener: Listener): () => void
}
export const INSIDE = Symbol.for("plaza.web")

/** Puts the bridge on `scope`; `start` connects it. */
export function exposeWeb(scope: Window & typeof globalThis): {
	start(connected: Connected): void
} {
	let arrived: (connected: Connected) => void
	const connected = new Promise<Connected>((resolve) => {
		arrived = resolve
	})
	const port = connected.then((there) => there.port)
	const call = async (method: string, args?: unknown) => (await port).call(method, args)
	const cast = async (method: string, args?: unknown) => (await port).cast(method, args)
	const kept = connected.then(({ init }) => new Map(Object.entries(init.storage)))
	const listeners = new Map<Heard, Set<Listener>>()
	const backs = new Set<unknown>()
	let nav: Nav | undefined
	let uploads = 0
	let database = (_options?: object): unknown => {
		throw new Error("plaza.database: no document or script of this package names it")
	}

	const tell = () => nav && cast("nav", nav)
	const bar = (change: Partial<Nav>) => {
		void connected.then(({ init }) => {
			nav = { ...(nav ?? barOf(init)), title: document.title, ...change }
			tell()
		})
	}
	const back = (who: unknown, wanted: boolean) => {
		if (wanted) backs.add(who)
		else backs.delete(who)
		const depth = backs.size > 0 ? 2 : 1
		if (depth !== (nav?.depth ?? 1)) bar({ depth })
	}
	const on = (name: Heard, listener: Listener) => {
		if (!HEARD.includes(name)) throw new TypeError(`plaza.on: there is no event "${name}"`)
		const heard = listeners.get(name) ?? new Set()
		listeners.set(name, heard.add(listener))
		return () => void heard.delete(listener)
	}

	const plaza = {
		/** Resolves once the host is there, with the language, the theme and what the program was opened with. */
		ready: async (): Promise<Opening> => {
			const { init } = await connected
			const { appid, version, locale, theme, scene, page: path, query } = init
			return { appid, version, locale, theme, scene, path, query }
		},
		/** Calls a method of Plaza's table; a refusal rejects with its `code` and `data`. */
		call: (method: string, args: unknown = {}) => call("bridge", { method, args }),
		/** Calls one of the program's own cloud functions and answers its result. */
		callFunction: (name: string, data: unknown = {}) => call("callFunction", { name, data }),
		/** Asks a host that the program declares; takes what `fetch` takes, and answers what it answers. */
		request: async (url: string, options?: Sending) => exchange(await port, url, options),
		/** A code that the program's own server trades for the person's openid. */
		login: async () => ((await call("login")) as { code: string }).code,
		/** Where the person is, if they allow it. */
		location: (options: { fuzzy?: boolean } = {}) => call("getLocation", options),
		/** Asks the person for messages by these templates; answers what they said of each. */
		messages: (templates: string[]) => call("askMessages", { templates }),
		/** Asks the host for its scanner; answers the code's text. */
		scan: async () => ((await call("scanCode")) as { code: string }).code,
		/** Asks the host for its payment sheet, for an order's id or a bill's package: a program never pays, a person does. */
		pay: async (what: string): Promise<void> => {
			await call("requestPayment", { package: what.includes("=") ? what : `order=${what}` })
		},
		/** The program's cloud database, as `wx.cloud.database()`. */
		database: (options?: object) => database(options),
		/** The program's cloud files, by their fileID. */
		files: {
			upload: async (path: string, content: Blob): Promise<string> => {
				const args = { path: String(path), type: content.type, task: ++uploads }
				const bytes = await content.arrayBuffer()
				const { result } = await (await port).carry("cloudUpload", args, bytes)
				return (result as { fileID: string }).fileID
			},
			urls: async (files: string[]): Promise<unknown> =>
				((await call("bridge", { method: "files.urls", args: { files } })) as Listed).fileList,
			remove: async (files: string[]): Promise<unknown> =>
				((await call("bridge", { method: "files.delete", args: { files } })) as Listed).fileList,
		},
		copy: (text: string) => call("setClipboardData", { data: String(text) }),
		toast: (title: string) =>
			cast("toast", { title: String(title), icon: "none", duration: 1500, mask: false }),
		/** Shows the host's dialog; answers whether it was confirmed. */
		confirm: async (content: string, title = "") =>
			((await call("modal", { title, content, showCancel: true })) as { confirm: boolean }).confirm,
		/** Names the page in the host's bar. */
		title: (title: string) => {
			document.title = String(title)
			bar({})
		},
		/** Offers a page of the program to others, on the host's sheet. */
		share: (what: { title?: string; path?: string; imageUrl?: string } = {}) =>
			call("sharePage", { title: document.title, path: "", imageUrl: "", ...what }),
		/** Leaves the program, as the host's own button does. */
		close: () => call("leave"),
		/** Opens another program, if the person wants to. */
		open: (appid: string, path = "") => call("leave", { appid, path }),
		/** What the program keeps on this device, for this person. Values are plain data. */
		storage: {
			get: async (key: string): Promise<unknown> => read((await kept).get(String(key))),
			set: async (key: string, data: unknown): Promise<void> => {
				const value = JSON.stringify({ d: data }) ?? "{}"
				;(await kept).set(String(key), value)
				await cast("setStorage", { key: String(key), value })
			},
			remove: async (key: string): Promise<void> => {
				;(await kept).delete(String(key))
				await cast("setStorage", { key: String(key), value: null })
			},
			keys: async (): Promise<string[]> =>
				[...(await kept).keys()].filter((key) => !key.startsWith(LOCAL)),
		},
		/**
		 * Hears the host: `show`, `hide`, `theme` and `locale` with the new one, and `back`, which is in the program's
		 * hands as long as somebody listens. Answers what stops it.
		 */
		on: (name: Heard, listener: Listener) => {
			const off = on(name, listener)
			if (name === "back") back(listener, true)
			return () => {
				off()
				back(listener, false)
			}
		},
	}
	// Configurable, or a script that begins with `const { plaza } = window` would not even be parsed.
	const expose = (name: PropertyKey, value: unknown, enumerable = true) =>
		Object.defineProperty(scope, name, { value, enumerable, configurable: true, writable: true })
	const useDatabase: Inside["database"] = (make) => {
		database = make
	}
	const inside: Inside = { connected, database: useDatabase, bar, back, on }
	const local = storageOf((key, value) => {
		if (keepable(key, value ?? "")) {
			const told = value === null ? null : JSON.stringify({ d: value })
			void cast("setStorage", { key: LOCAL + key, value: told })
		}
	})
	expose("plaza", Object.freeze(plaza))
	expose(INSIDE, inside, false)
	expose("localStorage", local.storage)
	expose("sessionStorage", storageOf(() => {}).storage)
	expose("fetch", fetchOver(scope, port))
	scope.document.addEventListener("click", stay, { capture: true })

	return {
		start(there) {
			const { init, port } = there
			dress(init.theme, init.locale)
			port.on("theme", (event) => event.ev === "theme" && dress(event.theme))
			port.on("locale", (event) => event.ev === "locale" && dress(undefined, event.locale))
			port.on("share", () => port.cast("share", { title: document.title, path: "", imageUrl: "" }))
			port.on("back", () => void setTimeout(tell, AFTER_BACK))
			for (const name of HEARD)
				port.on(name, (event) => {
					for (const listener of listeners.get(name) ?? []) listener(event)
				})
			local.fill(
				Object.entries(init.storage)
					.filter(([key]) => key.startsWith(LOCAL))
					.map(([key, value]) => [key.slice(LOCAL.length), String(read(value))]),
			)
			arrived(there)
			bar({})
		},
	}
}

function barOf(init: Init): Nav {
	const plain = { background: "", front: "", custom: false, loading: false } as const
	return { path: init.config.entry, depth: 1, title: document.title, ...plain }
}

/** A web program is one document: the host stops a frame that moved. A link that would move it does nothing. */
function stay(event: MouseEvent): void {
	for (const element of event.composedPath()) {
		const link = element instanceof Element && element.closest("a[href], area[href]")
		if (!link) continue
		const target = link.getAttribute("href") ?? ""
		if (!leaves(target, document.baseURI)) return
		event.preventDefault()
		console.error(`A web program is one document: the link to ${target} was not followed.`)
		return
	}
}

/** Whether an address is another document than the one that is open, and not just a place in it. */
export function leaves(target: string, here: string): boolean {
	if (!URL.canParse(target, here)) return true
	const bare = (address: string) => new URL(address, here).href.split("#", 1)[0]
	return bare(target) !== bare(here) || !new URL(target, here).href.includes("#")
}

function read(stored: string | undefined): unknown {
	return stored === undefined ? undefined : (JSON.parse(stored) as { d?: unknown }).d
}

/** The document says which theme is on; its own sheets do the rest. */
function dress(theme?: Theme, locale?: string): void {
	if (theme) document.documentElement.dataset.theme = theme
	if (locale && !document.documentElement.lang) document.documentElement.lang = locale
}

/** Seals the realm and waits for the host's one message. */
export function run(): void {
	document.currentScript?.remove()
	seal(window)
	const web = exposeWeb(window)
	/** What went wrong before the host was there: the page's scripts run before it is. */
	const early: [error: unknown, where: string][] = []
	let report = (error: unknown, where: string): void => void early.push([error, where])
	watchErrors((error, where) => report(error, where))

	window.addEventListener("message", function accept(event: MessageEvent<Init>) {
		const [channel] = event.ports
		if (event.source !== window.parent || event.data?.t !== "init" || !channel) return
		window.removeEventListener("message", accept)
		event.stopImmediatePropagation()
		const port = connect(channel)
		let drawn = false
		report = (error, where) => port.cast("error", { ...wordsOf(error), where, fatal: !drawn })
		for (const [error, where] of early) report(error, where)
		port.on("hide", followPlaying())
		if (event.data.inspect)
			followConsole((lines, missed) => port.cast("inspect", { lines, missed }))
		web.start({ init: event.data, port })
		whenParsed(() =>
			requestAnimationFrame(() => {
				drawn = true
				port.cast("ready")
			}),
		)
	})
}

function whenParsed(run: () => void): void {
	if (document.readyState === "loading")
		document.addEventListener("DOMContentLoaded", run, { once: true })
	else run()
}
