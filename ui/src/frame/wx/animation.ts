// `wx.createAnimation`: a recorder of steps that a component's `animation` attribute plays.

import type { Step } from "../components/animate"

const CALLS = [
	"matrix",
	"matrix3d",
	"rotate",
	"rotate3d",
	"rotateX",
	"rotateY",
	"rotateZ",
	"scale",
	"scale3d",
	"scaleX",
	"scaleY",
	"scaleZ",
	"skew",
	"skewX",
	"skewY",
	"translate",
	"translate3d",
	"translateX",
	"translateY",
	"translateZ",
]
const STYLES = ["opacity", "backgroundColor", "width", "height", "left", "right", "top", "bottom"]

interface Timing {
	duration?: number
	timingFunction?: string
	delay?: number
	transformOrigin?: string
}

/** An animation that records what it is told until it is exported. */
export function createAnimation(usual: Timing = {}): Record<string, (...args: never[]) => unknown> {
	let steps: Step[] = []
	let now: Step["animates"] = []
	const {
		duration = 400,
		timingFunction = "linear",
		delay = 0,
		transformOrigin = "50% 50% 0",
	} = usual
	// WeChat's has this member, and programs change it between steps.
	const option = { transformOrigin, transition: { duration, timingFunction, delay } }
	const animation: Record<string, (...args: never[]) => unknown> = {
		step(timing: Timing = {}) {
			const { transformOrigin: origin, ...transition } = timing
			steps.push({
				animates: now,
				option: {
					transformOrigin: origin ?? option.transformOrigin,
					transition: { ...option.transition, ...transition },
				},
			})
			now = []
			return animation
		},
		export() {
			const actions = steps
			steps = []
			return { actions }
		},
	}
	for (const type of CALLS)
		animation[type] = (...args: never[]) => {
			now.push({ type, args })
			return animation
		}
	for (const name of STYLES)
		animation[name] = (value: never) => {
			now.push({ type: "style", args: [name, value] })
			return animation
		}
	return Object.assign(animation, { option })
}
