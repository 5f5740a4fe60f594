// What built-ins ask of the program around them, made of its `wx`, its pages and the host.

import type { Routes } from "./components/page"
import type { Pages } from "./pages"
import type { HostPort } from "./port"
import { sharedBy } from "./share"

const WAYS: Record<string, string> = {
	navigate: "navigateTo",
	redirect: "redirectTo",
	switchTab: "switchTab",
	reLaunch: "reLaunch",
	navigateBack: "navigateBack",
}

/** The routes of one program; its pages are there once the first of them is asked for. */
export function routesOf(
	wx: Record<string, unknown>,
	port: HostPort,
	pages: () => Pages | undefined,
): Routes {
	const ask: Routes["ask"] = (name, options) => {
		const run = wx[name] as ((options: object) => Promise<unknown>) | undefined
		return run?.(options) ?? Promise.reject({ errMsg: `${name}:fail not supported` })
	}
	return {
		ask,
		go(how, url, delta) {
			const name = WAYS[how]
			if (name) return ask(name, { url, delta })
			return Promise.reject({ errMsg: `navigator:fail open-type ${how} not supported` })
		},
		bar: (values) => pages()?.dress(values),
		host: (method, args) => port.call(method, args),
		share(button) {
			const top = pages()?.top
			if (!top) return
			const target = { id: button.id, dataset: button.dataset }
			port
				.call("sharePage", sharedBy(top.caller, top.query, { from: "button", target }))
				.catch(() => {}) // the person shared nothing
		},
	}
}
