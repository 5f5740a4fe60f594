// The bridge of a program that is plain HTML: `window.plaza`, there before the page's first script and good
// after `await plaza.ready()`. It speaks to the host over the same port, and may ask for no more, than any program.

import { createDatabase } from "../../../internal/sandbox/sdk/database.js"
import type { HostEvent, Init, Theme } from "../lib/host/protocol"
import type { HostPort } from "./port"

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
const HEARD = ["show", "hide", "theme", "locale"] as const

/** Puts the bridge on `scope`; `start` connects it. */
export function exposeWeb(scope: Window): {
	start(init: Init, port: HostPort, ready: () => void): void
} {
	let connected: (bridge: { init: Init; port: HostPort }) => void
	const bridge = new Promise<{ init: Init; port: HostPort }>((resolve) => {
		connected = resolve
	})
	const call = async (method: string, args?: unknown) => (await bridge).port.call(method, args)
	const cast = async (method: string, args?: unknown) => (await bridge).port.cast(method, args)
	let uploads = 0
	const kept = bridge.then(({ init }) => new Map(Object.entries(init.storage)))

	const plaza = {
		/** Resolves once the host is there, with the language, the theme and what the program was opened with. */
		ready: async (): Promise<Opening> => {
			const { init } = await bridge
			const { appid, version, locale, theme, scene, page: path, query } = init
			return { appid, version, locale, theme, scene, path, query }
		},
		/** Calls a method of Plaza's table; a refusal rejects with its `code` and `data`. */
		call: (method: string, args: unknown = {}) => call("bridge", { method, args }),
		/** Calls one of the program's own cloud functions and answers its result. */
		callFunction: (name: string, data: unknown = {}) => call("callFunction", { name, data }),
		/** Asks the host for its scanner; answers the code's text. */
		scan: async () => ((await call("scanCode")) as { code: string }).code,
		/** Asks the host for its payment sheet, for an order's id or a bill's package: a program never pays, a person does. */
		pay: async (what: string): Promise<void> => {
			await call("requestPayment", { package: what.includes("=") ? what : `order=${what}` })
		},
		/** The program's cloud database, as `wx.cloud.database()`. */
		database: createDatabase({
			call: (method, args) => call("bridge", { method, args }),
			server: false,
			later: (run, after) => void setTimeout(run, after),
		}),
		/** The program's cloud files, by their fileID. */
		files: {
			upload: async (path: string, content: Blob): Promise<string> => {
				const args = { path: String(path), type: content.type, task: ++uploads }
				const { port } = await bridge
				const { result } = await port.carry("cloudUpload", args, await content.arrayBuffer())
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
			keys: async (): Promise<string[]> => [...(await kept).keys()],
		},
		/** Hears the host: `show`, `hide`, `theme` with the new one, `locale` with the new one. */
		on: (name: (typeof HEARD)[number], listener: Listener) => {
			if (!HEARD.includes(name)) throw new TypeError(`plaza.on: there is no event "${name}"`)
			void bridge.then(({ port }) => port.on(name, listener))
		},
	}
	// Configurable, or a script that begins with `const { plaza } = window` would not even be parsed.
	Object.defineProperty(scope, "plaza", {
		value: Object.freeze(plaza),
		enumerable: true,
		configurable: true,
	})
	scope.document.addEventListener("click", stay, { capture: true })

	return {
		start(init, port, ready) {
			dress(init.theme, init.locale)
			port.on("theme", (event) => event.ev === "theme" && dress(event.theme))
			port.on("locale", (event) => event.ev === "locale" && dress(undefined, event.locale))
			port.on("share", () => port.cast("share", { title: document.title, path: "", imageUrl: "" }))
			connected({ init, port })
			whenParsed(() => {
				port.cast("nav", {
					path: init.config.entry,
					depth: 1,
					title: document.title,
					background: "",
					front: "",
					custom: false,
					loading: false,
				})
				requestAnimationFrame(ready)
			})
		},
	}
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

function whenParsed(run: () => void): void {
	if (document.readyState === "loading")
		document.addEventListener("DOMContentLoaded", run, { once: true })
	else run()
}
