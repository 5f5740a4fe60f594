// The first script of a game's frame, and of its open data context's: it seals the realm, waits for the host's one
// message, loads the game and runs its entry.

import type { Init } from "../../lib/host/protocol"
import { load } from "../compiled"
import { followConsole } from "../console"
import css from "../elements.css?inline"
import { watchErrors, wordsOf } from "../failures"
import { head, make, root } from "../own"
import { connect, type HostPort } from "../port"
import type { Report } from "../program"
import { fetchBelow } from "../remote"
import { seal } from "../seal"
import { Listeners } from "../wx/listeners"
import { startOpen } from "./open"
import { Stage, startGame } from "./run"

seal(window)
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
	const ready = () => {
		drawn = true
		port.cast("ready")
	}
	const open = init.open !== undefined
	report = open
		? // What goes wrong there may hold a friend's name: the makers are not told of it.
			(error, where) => console.error(where, error)
		: (error, where) =>
				port.cast("error", { ...wordsOf(error), where, fatal: !drawn && where === "start" })
	for (const [error, where] of early.splice(0)) report(error, where)
	fetchBelow(open ? "" : (init.remote ?? ""))
	dress(init)
	if (init.inspect && !open)
		followConsole((lines, missed) => port.cast("inspect", { lines, missed }))
	const now = { theme: init.theme, locale: init.locale }
	port.on("theme", (event) => {
		if (event.ev !== "theme") return
		now.theme = event.theme
		root.dataset.theme = event.theme
	})
	const failed = () =>
		port.cast("error", { message: "app.js did not load", stack: "", where: "start", fatal: true })
	const script = init.code?.script ?? ""
	const attempt = (run: () => void) => {
		try {
			run()
		} catch (error) {
			report(error, "start")
		}
	}
	if (open) {
		load(script, (compiled) => attempt(() => startOpen(init, port, now, compiled, ready)), failed)
		return
	}
	const listeners = new Listeners(init, now, port).api
	const stage = new Stage(init, port)
	const around = { init, now, port, report, listeners }
	load(script, (compiled) => attempt(() => startGame(stage, around, compiled, ready)), failed)
}

function dress({ theme, locale }: Init): void {
	root.dataset.theme = theme
	root.lang = locale
	const style = make("style")
	style.dataset.path = "base"
	style.textContent = css
	head.prepend(style)
}
