// What Telegram gives of the device: movements, the place, a finger's print. What a browser has works, and the rest
// answers as a client on a device without it.

import type { Init } from "../lib/host/protocol"
import type { HostPort } from "./port"
import type { Events } from "./telegramevents"

type Answer = ((...details: unknown[]) => void) | undefined
export type Call = (method: string, args?: unknown) => Promise<unknown>
type Numbers = Record<string, number>

const GRAVITY = 9.80665
const RADIANS = Math.PI / 180

/** A sensor: its name in Telegram, in the host, and what its values are there. */
interface Sensor {
	name: string
	kind: string
	event: string
	members: string[]
	factor: number
}
const SENSORS: Record<string, Sensor> = {
	Accelerometer: {
		name: "accelerometer",
		kind: "accelerometer",
		event: "AccelerometerChange",
		members: ["x", "y", "z"],
		factor: GRAVITY,
	},
	Gyroscope: {
		name: "gyroscope",
		kind: "gyroscope",
		event: "GyroscopeChange",
		members: ["x", "y", "z"],
		factor: 1,
	},
	DeviceOrientation: {
		name: "deviceOrientation",
		kind: "motion",
		event: "DeviceMotionChange",
		members: ["alpha", "beta", "gamma"],
		factor: RADIANS,
	},
}

export function sensors(
	call: Call,
	events: Events,
	connected: Promise<{ port: HostPort }>,
): Record<string, unknown> {
	const all: Record<string, unknown> = {}
	for (const [title, sensor] of Object.entries(SENSORS))
		all[title] = sensorOf(sensor, call, events, connected)
	return all
}

function sensorOf(
	{ name, kind, event, members, factor }: Sensor,
	call: Call,
	events: Events,
	connected: Promise<{ port: HostPort }>,
): Record<string, unknown> {
	const state: Record<string, unknown> = { isStarted: false, absolute: false }
	for (const member of members) state[member] = null
	void connected.then(({ port }) =>
		port.on("event", (told) => {
			if (told.ev !== "event" || told.name !== event || !state.isStarted) return
			for (const member of members) state[member] = ((told.detail as Numbers)[member] ?? 0) * factor
			events.tell(`${name}Changed`)
		}),
	)
	const turn = async (on: boolean, interval: unknown, answer: Answer) => {
		try {
			await call("sensor", { kind, on, interval: Number(interval) || 1000 })
			state.isStarted = on
			events.tell(`${name}${on ? "Started" : "Stopped"}`)
			events.run(answer, true)
		} catch {
			events.tell(`${name}Failed`, { error: "UNSUPPORTED" })
			events.run(answer, false)
		}
	}
	return Object.assign(state, {
		start(options: { refresh_rate?: number } = {}, answer?: Answer) {
			void turn(true, options.refresh_rate, answer)
			return state
		},
		stop(answer?: Answer) {
			void turn(false, 0, answer)
			return state
		},
	})
}

export function locationManager(call: Call, events: Events): Record<string, unknown> {
	const manager = {
		isInited: false,
		isLocationAvailable: false,
		isAccessRequested: false,
		isAccessGranted: false,
		init(answer?: Answer) {
			manager.isInited = manager.isLocationAvailable = true
			queueMicrotask(() => {
				events.tell("locationManagerUpdated")
				events.run(answer)
			})
			return manager
		},
		getLocation(answer: Answer) {
			if (!manager.isInited) throw new Error("WebAppLocationManagerNotInited")
			call("getLocation", { isHighAccuracy: true }).then(
				(told) => {
					manager.isAccessRequested = manager.isAccessGranted = true
					const { latitude, longitude, altitude, accuracy } = told as Numbers
					const place = {
						latitude,
						longitude,
						altitude: altitude ?? null,
						course: null,
						speed: null,
						horizontal_accuracy: accuracy ?? null,
						vertical_accuracy: null,
						course_accuracy: null,
						speed_accuracy: null,
					}
					events.tell("locationRequested", { locationData: place })
					events.run(answer, place)
				},
				() => {
					manager.isAccessRequested = true
					events.tell("locationRequested", { locationData: null })
					events.run(answer, null)
				},
			)
			return manager
		},
		openSettings() {
			void call("openSetting").catch(() => {})
			return manager
		},
	}
	return manager
}

export function biometricManager(events: Events): Record<string, unknown> {
	const no = (_options: unknown, answer?: Answer) => {
		queueMicrotask(() => events.run(answer, false))
		return manager
	}
	const manager: Record<string, unknown> = {
		isInited: false,
		isBiometricAvailable: false,
		biometricType: "unknown",
		isAccessRequested: false,
		isAccessGranted: false,
		isBiometricTokenSaved: false,
		deviceId: "",
		init(answer?: Answer) {
			manager.isInited = true
			queueMicrotask(() => {
				events.tell("biometricManagerUpdated")
				events.run(answer)
			})
			return manager
		},
		requestAccess: no,
		authenticate: no,
		updateBiometricToken: no,
		openSettings: () => manager,
	}
	return manager
}

/** Parts of the frame that the host's capsule lies over, when there is no bar. */
export function insetOf(init: Init, whole: boolean): Record<string, number> {
	return { top: whole ? Math.ceil(init.capsule.bottom + 8) : 0, bottom: 0, left: 0, right: 0 }
}
