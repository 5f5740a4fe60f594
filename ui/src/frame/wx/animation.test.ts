import { expect, test } from "vitest"
import { cssOf, styleOf } from "../components/animate"
import { createAnimation } from "./animation"

interface Animation {
	translate(x: number, y: string): Animation
	rotate(angle: number): Animation
	opacity(value: number): Animation
	step(timing?: object): Animation
	export(): { actions: Parameters<typeof styleOf>[0][] }
}

test("steps are recorded with their timing, and exported once", () => {
	const animation = createAnimation({ duration: 200 }) as unknown as Animation
	animation.translate(10, "20rpx").rotate(45).step()
	animation.opacity(0).step({ duration: 50, delay: 5 })
	const { actions } = animation.export()
	expect(actions.map(({ option }) => option.transition)).toEqual([
		{ duration: 200, timingFunction: "linear", delay: 0 },
		{ duration: 50, timingFunction: "linear", delay: 5 },
	])
	expect(actions.map(styleOf).map(cssOf)).toEqual([
		"transform:translate(10px,2.66667vw) rotate(45deg)",
		"opacity:0",
	])
	expect(animation.export()).toEqual({ actions: [] })
})
