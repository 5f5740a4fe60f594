// `on…` and `off…` of the events that do come.

import type { Init, Theme } from "../../lib/host/protocol"
import type { HostPort } from "../port"

type Listener = (...args: unknown[]) => void

const EVENTS = [
	"ThemeChange",
	"AppShow",
	"AppHide",
	"WindowResize",
	"Error",
	"UnhandledRejection",
	"PageNotFound",
	"NetworkStatusChange",
	"BeforeAppRoute",
	"AppRoute",
	"AppRouteDone",
	"BeforePageLoad",
	"AfterPageLoad",
	"BeforePageUnload",
	"AfterPageUnload",
	"KeyDown",
	"KeyUp",
	"LocationChange",
	"LocationChangeError",
	"AccelerometerChange",
	"GyroscopeChange",
	"CompassChange",
	"DeviceMotionChange",
	"BatteryInfoChange",
	"KeyboardHeightChange",
] as const
/** The name of an event that comes. */
export type EventName = (typeof EVENTS)[number]

/** Who listens to what. */
export class Listeners {
	readonly #heard = new Map<EventName, Set<Listener>>(EVENTS.map((name) => [name, new Set()]))
	readonly api: Record<string, unknown> = Object.fromEntries(
		[...this.#heard].flatMap(([name, set]) => [
			[`on${name}`, (listener: Listener) => set.add(listener)],
			[`off${name}`, (listener?: Listener) => (listener ? set.delete(listener) : set.clear())],
		]),
	)

	constructor(init: Init, now: { theme: Theme }, port: HostPort) {
		port.on("theme", () => this.tell("ThemeChange", { theme: now.theme }))
		port.on("show", () =>
			this.tell("AppShow", { path: init.page, query: init.query, scene: init.scene }),
		)
		port.on("hide", () => this.tell("AppHide"))
		// What the host tells by name: movements, positions, the keyboard.
		port.on("event", (event) => {
			if (event.ev === "event" && this.#heard.has(event.name as EventName))
				this.tell(event.name as EventName, event.detail)
		})
		window.addEventListener("resize", () =>
			this.tell("WindowResize", { size: { windowWidth: innerWidth, windowHeight: innerHeight } }),
		)
		const network = (isConnected: boolean) => () =>
			this.tell("NetworkStatusChange", {
				isConnected,
				networkType: isConnected ? "unknown" : "none",
			})
		window.addEventListener("online", network(true))
		window.addEventListener("offline", network(false))
		for (const [type, name] of [
			["keydown", "KeyDown"],
			["keyup", "KeyUp"],
		] as const)
			window.addEventListener(type, ({ key, code, timeStamp }) =>
				this.tell(name, { key, code, timeStamp }),
			)
	}

	/** Tells everybody who listens; one that throws is reported by the window. */
	tell(name: EventName, ...args: unknown[]): void {
		for (const listener of this.#heard.get(name) ?? [])
			try {
				listener(...args)
			} catch (error) {
				if (name !== "Error") reportError(error)
			}
	}
}
