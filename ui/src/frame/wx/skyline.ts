// Names of Skyline's that ordinary programs read when they load, and advertisements: both are there, do the least
// that lets a program go on, and tell the truth where they are asked for more.

type Done = (finished: boolean, value: unknown) => void

/** An animation of a shared value ends at once, at its end. */
const at = (value: unknown, _options?: unknown, done?: Done) => {
	done?.(true, value)
	return value
}
const eased = () => (part: number) => part
const EASINGS =
	"bounce ease elastic linear quad cubic poly bezier cubicBezier circle sin exp in out inOut step0 step1 back".split(
		" ",
	)

/** `wx.worklet`: values are shared with nobody, functions run where they are. */
export const worklet = {
	shared: (value: unknown) => ({ value }),
	derived: (run: () => unknown) => ({
		get value() {
			return run()
		},
	}),
	timing: at,
	spring: at,
	decay: (options?: { velocity?: number }, done?: Done) =>
		at(options?.velocity ?? 0, undefined, done),
	delay: (_ms: number, value: unknown) => value,
	repeat: (value: unknown) => value,
	sequence: (...values: unknown[]) => values.at(-1),
	cancelAnimation() {},
	runOnUI: (run: unknown) => run,
	runOnJS: (run: unknown) => run,
	scrollViewContext: { scrollTo() {} },
	Easing: Object.fromEntries(EASINGS.map((name) => [name, eased])),
}

/** `wx.router`: pages come and go in the one way there is, whatever builder is named. */
export const router = {
	addRouteBuilder() {},
	removeRouteBuilder() {},
	getRouteContext: () => undefined,
}

/** WeChat's own number for "there is no advertisement". */
const NO_AD = { errMsg: "no advertisement", errCode: 1004 }

/** An advertisement that never comes: whoever waits for it hears so. */
export function noAdvertisement(): object {
	const heard = new Set<(error: typeof NO_AD) => void>()
	const refuse = () => {
		queueMicrotask(() => {
			for (const listener of heard) listener(NO_AD)
		})
		const refused = Promise.reject(NO_AD)
		refused.catch(() => {}) // a program need not wait for what it may not get
		return refused
	}
	return {
		load: refuse,
		show: refuse,
		destroy: () => heard.clear(),
		isReady: () => false,
		onError: (listener: (error: typeof NO_AD) => void) => void heard.add(listener),
		offError: (listener?: (error: typeof NO_AD) => void) =>
			void (listener ? heard.delete(listener) : heard.clear()),
		onLoad() {},
		offLoad() {},
		onClose() {},
		offClose() {},
	}
}
