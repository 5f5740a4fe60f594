// Objects that programs make before they know whether the device can do it: a camera's, a stream's. They are
// made, and each of their methods fails in WeChat's words when it is asked for something.

import type { Options } from "./api"

type Call = (options?: Options | ((told: unknown) => void)) => Promise<never> | undefined

/** A method that fails: by callback when there is one, else by its promise, of which nobody need hear. */
function failing(name: string): Call {
	return (options) => {
		const told = { errMsg: `${name}:fail not supported` }
		if (typeof options === "object" && options !== null) {
			const { fail, complete } = options
			queueMicrotask(() => {
				fail?.(told)
				complete?.(told)
			})
			if (fail || complete || options.success) return undefined
		}
		const refused = Promise.reject(told)
		refused.catch(() => {})
		return refused
	}
}

/** What a program gets instead of an object that cannot be: it may call and listen, and hears that it fails. */
export function absent(own: Record<string, unknown> = {}): object {
	return new Proxy(own, {
		get(known, name) {
			if (name in known || typeof name !== "string" || name === "then")
				return Reflect.get(known, name)
			if (/^(?:on|off)[A-Z]/.test(name)) return () => ({ start() {}, stop() {} })
			return failing(name)
		},
	})
}

/** WeChat's number for a device without the ability. */
const NO_VISION = 2_003_000

/** Those that do something after all. */
export const nearlyAbsent = {
	isVKSupport: () => false,
	// Requests are not kept: they go on, and nothing is ever found.
	createCacheManager: () =>
		absent({
			start() {},
			stop() {},
			addRule: () => "",
			addRules: () => [],
			deleteCaches() {},
			clearCaches() {},
		}),
}

/** The makers of such objects. */
export const absentApi: Record<string, unknown> = {
	...Object.fromEntries(
		(
			"createLivePlayerContext createLivePusherContext " +
			"createMediaContainer createMediaRecorder createVideoDecoder createMediaAudioPlayer " +
			"createTCPSocket createUDPSocket createGlobalPayment getNFCAdapter createInferenceSession"
		)
			.split(" ")
			.map((name) => [name, () => absent()]),
	),
	createVKSession: () =>
		absent({
			start: (done?: (status: number) => void) => queueMicrotask(() => done?.(NO_VISION)),
			stop() {},
			destroy() {},
			requestAnimationFrame: () => 0,
			cancelAnimationFrame() {},
			getVKFrame: () => null,
			hitTest: () => [],
		}),
}
