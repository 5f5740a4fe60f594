// A game's open data context: a frame of its own that may know who a person's friends are, and therefore tells nobody
// anything. It hears the game, draws on the shared canvas, and asks the host for scores and pictures; it has no
// network, no storage, and no way to say a word to the game.

import type { HostEvent, Init } from "../../lib/host/protocol"
import { type Compiled, jsonModule } from "../compiled"
import { ModuleLoader } from "../modules"
import { ratio } from "../own"
import type { HostPort } from "../port"
import { asynchronous, type Implementation } from "../wx/api"
import { Files } from "../wx/files"
import { systemApi } from "../wx/system"
import { asScreen, canvasMaker } from "./canvas"
import { FrameClock } from "./clock"
import { pictures } from "./image"
import names from "./names.json"
import { Heard } from "./touch"

const TOUCHES: Record<string, string> = {
	touchstart: "TouchStart",
	touchmove: "TouchMove",
	touchend: "TouchEnd",
	touchcancel: "TouchCancel",
}

/** Runs the open data context's script. */
export function startOpen(
	init: Init,
	port: HostPort,
	now: { theme: Init["theme"]; locale: string },
	compiled: Compiled,
	ready: () => void,
): void {
	const frames = requestAnimationFrame.bind(window)
	const { body } = document
	const clock = new FrameClock(frames)
	const files = new Files()
	const makeCanvas = canvasMaker((blob, type) => files.keep(blob, type))
	const { width = 300, height = 150 } = init.open ?? {}
	const shared = makeCanvas(width, height)
	asScreen(shared, body)
	body.style.background = "transparent"

	const heard = new Heard()
	const api = heard.names(["Message", ...Object.values(TOUCHES)])
	port.on("open", (event) => hear(event, heard, shared))
	port.on("hide", () => clock.pause(true))
	port.on("show", () => clock.pause(false))

	const report = (error: unknown, where: string) => console.error(where, error)
	const later: Record<string, Implementation> = {
		getFriendCloudStorage: ({ keyList }) => port.call("friends", { keys: keyList }),
		getUserCloudStorage: ({ keyList }) => port.call("mine", { keys: keyList }),
		getUserInfo: () => port.call("self"),
		// Groups are WeChat's; nobody is in one here.
		getGroupCloudStorage: () => ({ data: [] }),
		getPotentialFriendList: () => ({ list: [] }),
	}
	const { getSystemInfoSync, getWindowInfo, getAppBaseInfo } = systemApi(init, now)
	const system = () => ({
		...getSystemInfoSync(),
		platform: "devtools",
		devicePixelRatio: ratio(),
	})
	const wx: Record<string, unknown> = {
		...api,
		getSharedCanvas: () => shared,
		createCanvas: () => makeCanvas(300, 150),
		createImage: pictures(async (path) => {
			if (/^(?:data|blob):/.test(path)) return path
			const { bytes, result } = await port.carry("picture", { src: path })
			if (!bytes) throw new Error("there is no such picture")
			return URL.createObjectURL(new Blob([bytes], { type: (result as { type: string }).type }))
		}),
		getSystemInfoSync: system,
		getWindowInfo,
		getAppBaseInfo,
		setPreferredFramesPerSecond: clock.prefer,
		env: { USER_DATA_PATH: "wxfile://usr" },
	}
	for (const [name, run] of Object.entries(later)) wx[name] = asynchronous(name, run, report)
	wx.getSystemInfo = asynchronous("getSystemInfo", system, report)
	const refuse = (name: string) =>
		asynchronous(
			name,
			() => {
				throw new Error("not supported in the open data context")
			},
			report,
		)
	for (const name of names) wx[name] ??= /^(on|off)[A-Z]/.test(name) ? () => {} : refuse(name)

	const no = () => {
		throw new Error("an open data context has no pages")
	}
	const modules = new ModuleLoader(
		() => [wx, ...Array(6).fill(no), ...Array(4).fill(globalThis), no, no],
		(_path, run) => run(),
	)
	for (const [path, { factory, found }] of compiled.modules) modules.define(path, factory, found)
	for (const [path, value] of compiled.json) modules.define(path, jsonModule(value))
	Object.assign(globalThis, {
		GameGlobal: globalThis,
		wx,
		sharedCanvas: shared,
		requestAnimationFrame: clock.request,
		cancelAnimationFrame: clock.cancel,
	})
	modules.load(init.config.open ?? "")
	frames(ready)
}

function hear(event: HostEvent, heard: Heard, shared: HTMLCanvasElement): void {
	if (event.ev !== "open") return
	const detail = event.detail as Record<string, unknown>
	if (event.what === "message") heard.tell("Message", detail)
	else if (event.what === "size") {
		shared.width = Number(detail.width) || 1
		shared.height = Number(detail.height) || 1
	} else heard.tell(TOUCHES[String(detail.type)] ?? "", detail)
}
