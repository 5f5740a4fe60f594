// Movements of the device. Only the page on top hears them from the browser, so the host passes them on, no more
// often than the program asked for.

import { badArgs, type Reach, Refusal } from "../session"

type Kind = "accelerometer" | "gyroscope" | "compass" | "motion"

/** Milliseconds between two values at least; WeChat's "game" is 20. */
const FASTEST = 20
const USUAL = 200
/** Metres per second squared that WeChat's accelerometer calls 1. */
const GRAVITY = 9.80665

const NAMES: Record<Kind, string> = {
	accelerometer: "AccelerometerChange",
	gyroscope: "GyroscopeChange",
	compass: "CompassChange",
	motion: "DeviceMotionChange",
}

/** Which sensors a session listens to, and how to stop. */
const heard = new WeakMap<object, Map<Kind, () => void>>()

/** Starts or stops telling what a sensor feels. */
export async function listen(
	reach: Reach,
	kind: string,
	on: boolean,
	interval: number,
): Promise<object> {
	if (!Object.hasOwn(NAMES, kind)) throw badArgs
	const sensor = kind as Kind
	const all = heard.get(reach) ?? new Map<Kind, () => void>()
	if (!heard.has(reach)) {
		heard.set(reach, all)
		reach.atEnd(() => {
			for (const stop of all.values()) stop()
		})
	}
	all.get(sensor)?.()
	all.delete(sensor)
	if (on) all.set(sensor, await start(reach, sensor, interval))
	return {}
}

async function start(reach: Reach, kind: Kind, interval: number): Promise<() => void> {
	const moving = kind === "accelerometer" || kind === "gyroscope"
	await allowed(moving ? "DeviceMotionEvent" : "DeviceOrientationEvent")
	const pause = Math.max(FASTEST, interval > 0 ? interval : USUAL)
	let last = Number.NEGATIVE_INFINITY
	const hear = (event: Event) => {
		if (event.timeStamp - last < pause) return
		const detail = felt(kind, event)
		if (!detail) return
		last = event.timeStamp
		reach.tell({ ev: "event", name: NAMES[kind], detail })
	}
	const type = moving
		? "devicemotion"
		: kind === "compass" && "ondeviceorientationabsolute" in window
			? "deviceorientationabsolute"
			: "deviceorientation"
	window.addEventListener(type, hear)
	return () => window.removeEventListener(type, hear)
}

/** Some browsers ask the person first; those that have no such sensor have no such event. */
async function allowed(name: "DeviceMotionEvent" | "DeviceOrientationEvent"): Promise<void> {
	const event = (globalThis as Record<string, unknown>)[name] as
		| { requestPermission?: () => Promise<string> }
		| undefined
	if (!event) throw new Refusal("not supported", "not_supported")
	const answer = await event.requestPermission?.().catch(() => "denied")
	if (answer === "denied") throw new Refusal("system permission denied", "no_sensor")
}

/** A value in WeChat's units; null when the device feels nothing. */
export function felt(kind: Kind, event: Event): Record<string, number | string> | null {
	if (kind === "accelerometer") {
		const { x, y, z } = (event as DeviceMotionEvent).accelerationIncludingGravity ?? {}
		if (typeof x !== "number" || typeof y !== "number" || typeof z !== "number") return null
		return { x: x / GRAVITY, y: y / GRAVITY, z: z / GRAVITY }
	}
	if (kind === "gyroscope") {
		const { alpha, beta, gamma } = (event as DeviceMotionEvent).rotationRate ?? {}
		if (typeof alpha !== "number" || typeof beta !== "number" || typeof gamma !== "number")
			return null
		const radians = Math.PI / 180
		return { x: beta * radians, y: gamma * radians, z: alpha * radians }
	}
	const { alpha, beta, gamma, webkitCompassHeading } = event as DeviceOrientationEvent & {
		webkitCompassHeading?: number
	}
	if (kind === "motion")
		return alpha === null ? null : { alpha, beta: beta ?? 0, gamma: gamma ?? 0 }
	const direction = webkitCompassHeading ?? (alpha === null ? null : (360 - alpha) % 360)
	return direction === null ? null : { direction, accuracy: "unknown" }
}
