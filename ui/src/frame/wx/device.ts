// What the device feels and does. The frame may not ask the browser, so the host does; events come back by name.

import type { HostPort } from "../port"
import type { Implementation, Options } from "./api"
import type { Listeners } from "./listeners"

/** WeChat's names of how often a sensor is heard, in milliseconds. */
const PACE: Record<string, number> = { game: 20, ui: 60, normal: 200 }

const SENSORS = {
	Accelerometer: "accelerometer",
	Gyroscope: "gyroscope",
	Compass: "compass",
	DeviceMotionListening: "motion",
} as const

/** Which listener starts a sensor by itself, as WeChat's do. */
const STARTS: Record<string, string> = {
	onAccelerometerChange: "accelerometer",
	onGyroscopeChange: "gyroscope",
	onCompassChange: "compass",
	onDeviceMotionChange: "motion",
}

interface Battery {
	level: number
	isCharging: boolean
	isLowPowerModeEnabled: boolean
}

/** The synchronous and the asynchronous ones. */
export function deviceApi(port: HostPort, listeners: Listeners["api"]) {
	const { call } = port
	const sense = (kind: string, on: boolean, interval?: unknown) =>
		call("sensor", { kind, on, interval: PACE[String(interval)] ?? PACE.normal })
	let known: Battery | null = null
	const battery = async () => (known = (await call("battery")) as Battery)

	const later: Record<string, Implementation> = {
		getBatteryInfo: battery,
		setKeepScreenOn: ({ keepScreenOn }) => call("keepScreenOn", { on: keepScreenOn === true }),
		makePhoneCall: ({ phoneNumber }) => call("makePhoneCall", { phoneNumber }),
		sendSms: ({ phoneNumber, content }) => call("sendSms", { phoneNumber, content }),
		getClipboardData: () => call("getClipboardData"),
		addPhoneContact: (options) => call("addPhoneContact", plainOf(options)),
		addPhoneCalendar: (options) =>
			call("addPhoneCalendar", { ...plainOf(options), repeatInterval: "" }),
		addPhoneRepeatCalendar: (options) =>
			call("addPhoneCalendar", { repeatInterval: "month", ...plainOf(options) }),
		getDeviceBenchmarkInfo: () => ({ benchmarkLevel: -1, modelLevel: 0 }),
	}
	for (const [name, kind] of Object.entries(SENSORS)) {
		later[`start${name}`] = ({ interval }) => sense(kind, true, interval)
		later[`stop${name}`] = () => sense(kind, false)
	}

	const synchronous: Record<string, unknown> = {
		getBatteryInfoSync: () =>
			known ?? { level: 100, isCharging: false, isLowPowerModeEnabled: false },
	}
	/** A listener that has the host begin to tell. */
	const opening = (name: string, begin: () => Promise<unknown>) => {
		const listen = listeners[name] as (run: unknown) => void
		let begun = false
		synchronous[name] = (run: unknown) => {
			listen(run)
			if (begun) return
			begun = true
			begin().catch(() => (begun = false)) // a device without it never calls back
		}
	}
	for (const [name, kind] of Object.entries(STARTS)) opening(name, () => sense(kind, true))
	opening("onBatteryInfoChange", battery)
	opening("onKeyboardHeightChange", () => call("keyboard"))
	return { synchronous, later }
}

/** The options without their callbacks. */
function plainOf(options: Options): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(options).filter(([, value]) => typeof value !== "function"),
	)
}
