// Plays what `wx.createAnimation` exports: steps, one after another, each a transition to new values.

import type * as glassEasel from "glass-easel"
import { length } from "../units"

/** One step, as WeChat's own `export()` writes it. */
export interface Step {
	animates: { type: string; args: unknown[] }[]
	option: {
		transformOrigin: string
		transition: { duration: number; timingFunction: string; delay: number }
	}
}

const DEGREES = new Set([
	"rotate",
	"rotate3d",
	"rotateX",
	"rotateY",
	"rotateZ",
	"skew",
	"skewX",
	"skewY",
])
const LENGTHS = new Set(["translate", "translate3d", "translateX", "translateY", "translateZ"])

/** The CSS that a step ends at. */
export function styleOf({ animates }: Step): Record<string, string> {
	const style: Record<string, string> = {}
	const transforms: string[] = []
	for (const { type, args } of animates) {
		if (type === "style")
			style[String(args[0])] = args[0] === "opacity" ? String(args[1]) : length(args[1])
		else transforms.push(transformOf(type, args))
	}
	if (transforms.length > 0) style.transform = transforms.join(" ")
	return style
}

function transformOf(type: string, args: unknown[]): string {
	const given = args.filter((arg) => arg !== undefined)
	const said = given.map((arg, index) => {
		if (LENGTHS.has(type)) return length(arg)
		const turns = DEGREES.has(type) && (type !== "rotate3d" || index === given.length - 1)
		return turns && typeof arg === "number" ? `${arg}deg` : String(arg)
	})
	return `${type}(${said.join(",")})`
}

/** Style members as CSS text. */
export function cssOf(style: Record<string, string>): string {
	return Object.entries(style)
		.map(([name, value]) => `${dashed(name)}:${value}`)
		.join(";")
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Keyframes of `this.animate` as the browser's. */
export function keyframesOf(frames: Record<string, unknown>[]): Keyframe[] {
	return frames.map((frame) => {
		const animates: Step["animates"] = []
		const out: Keyframe = {}
		for (const [name, value] of Object.entries(frame)) {
			if (name === "offset") out.offset = Number(value)
			else if (name === "ease") out.easing = String(value)
			else if (TRANSFORM.test(name))
				animates.push({ type: name, args: Array.isArray(value) ? value : [value] })
			else out[name] = name === "opacity" ? String(value) : length(value)
		}
		const { transform } = styleOf({ animates } as Step)
		return transform ? { ...out, transform } : out
	})
}

const TRANSFORM = /^(?:matrix|rotate|scale|skew|translate)/

const running = new WeakMap<glassEasel.Element, object>()
/** The segment of an element's style that is kept for what moves. */
const MOVING_STYLE = 2

/** Plays the steps on an element; a later animation takes the place of one that runs. */
export function animate(element: glassEasel.Element, exported: unknown): void {
	const steps = (exported as { actions?: Step[] } | null)?.actions
	if (!Array.isArray(steps) || steps.length === 0) return
	const mine = {}
	running.set(element, mine)
	const style: Record<string, string> = {}
	const play = (at: number) => {
		const step = steps[at]
		if (!step || running.get(element) !== mine) return
		const { duration, timingFunction, delay } = step.option.transition
		Object.assign(style, styleOf(step), {
			transition: `all ${duration}ms ${timingFunction} ${delay}ms`,
			transformOrigin: step.option.transformOrigin,
		})
		element.setNodeStyle(cssOf(style), MOVING_STYLE)
		setTimeout(() => play(at + 1), duration + delay)
	}
	requestAnimationFrame(() => play(0))
}
