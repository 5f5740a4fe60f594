// Built-ins that are pressed: button and navigator, and the pressed look (`hover-class`) of everything.

import type * as glassEasel from "glass-easel"
import type { Builtin, Drawn, Self } from "./builtin"
import { OPEN_PROPERTIES, open } from "./opentype"
import type { Routes } from "./page"

type Tap = (element: glassEasel.Element, detail: { x: number; y: number }) => void

/** Enter and Space press what has focus, as a tap on its middle would. */
export function pressByKeyboard(root: HTMLElement, tap: Tap): void {
	root.addEventListener("keydown", (event) => {
		const node = event.target as Pressed
		if (!node.__wxElement || (event.key !== "Enter" && event.key !== " ")) return
		event.preventDefault()
		if (event.repeat || isDisabled(node)) return
		const { left, top, width, height } = node.getBoundingClientRect()
		tap(node.__wxElement, { x: left + width / 2, y: top + height / 2 })
	})
}

type Pressed = HTMLElement & {
	__wxElement?: glassEasel.Element & { data?: Record<string, unknown> }
}
const PRESSED_CLASSES = 3

/** Gives the pressed element its `hover-class` while a finger is on it. */
export function showPresses(root: HTMLElement): void {
	for (const [start, ends] of [
		["touchstart", ["touchend", "touchcancel", "touchmove"]],
		["mousedown", ["mouseup", "mouseleave"]],
	] as const) {
		root.addEventListener(start, (event) => press(event, ends), { capture: true, passive: true })
	}
}

function press(event: Event, ends: readonly string[]): void {
	for (
		let node = event.target as Pressed | null;
		node;
		node = node.parentElement as Pressed | null
	) {
		const element = node.__wxElement
		const hover = element?.data?.hoverClass
		if (
			!element ||
			typeof hover !== "string" ||
			hover === "none" ||
			hover === "" ||
			isDisabled(node)
		)
			continue
		const start = setTimeout(
			() => element.setNodeClass(hover, PRESSED_CLASSES),
			Number(element.data?.hoverStartTime),
		)
		const leave = () => {
			clearTimeout(start)
			for (const end of ends) document.removeEventListener(end, leave, true)
			setTimeout(
				() => element.setNodeClass("", PRESSED_CLASSES),
				Math.min(Number(element.data?.hoverStayTime), 400),
			)
		}
		for (const end of ends) document.addEventListener(end, leave, { capture: true, passive: true })
		return
	}
}

/** Whether a tap at this place falls on something that is switched off. */
export function isDisabled(node: Element): boolean {
	return node.closest('wx-button[aria-disabled="true"], wx-button[loading]') !== null
}

/** `type` default, primary or warn; `size` mini; `plain`, `disabled`, `loading`. */
const button = (routes: Routes): Builtin => ({
	tag: "button",
	properties: {
		type: "default",
		size: "default",
		plain: false,
		disabled: false,
		loading: false,
		formType: "",
		openType: "",
		...OPEN_PROPERTIES,
		hoverClass: "button-hover",
		hoverStartTime: 20,
		hoverStayTime: 70,
	},
	setup(self: Self) {
		const { node, get, on } = self
		on("tap", () => {
			const form = node.closest<Drawn>("wx-form")?.form
			if (get<boolean>("disabled") || get<boolean>("loading")) return
			if (get<string>("openType")) open(self, routes)
			if (get<string>("formType") === "submit") form?.submit()
			if (get<string>("formType") === "reset") form?.reset()
		})
		const draw = () => {
			node.setAttribute("type", get<string>("type"))
			node.setAttribute("size", get<string>("size"))
			node.toggleAttribute("plain", get<boolean>("plain"))
			node.toggleAttribute("loading", get<boolean>("loading"))
			node.setAttribute("aria-busy", String(get<boolean>("loading")))
			node.setAttribute("aria-disabled", String(get<boolean>("disabled")))
			node.tabIndex = get<boolean>("disabled") ? -1 : 0
		}
		node.setAttribute("role", "button")
		draw()
		return { changed: draw, attached: draw }
	},
})

/** What `open-type` and `target` of a navigator mean for whoever goes. */
function goal(get: Self["get"]): { how: string; options: Record<string, unknown> } {
	const how = get<string>("openType")
	if (how === "exit") return { how: "exitMiniProgram", options: {} }
	if (get<string>("target") === "miniProgram")
		return {
			how: "navigateToMiniProgram",
			options: {
				appId: get("appId"),
				path: get("path"),
				extraData: get("extraData"),
				envVersion: get("version"),
				shortLink: get("shortLink"),
			},
		}
	return { how: "", options: {} }
}

export const navigator = (routes: Routes): Builtin => ({
	tag: "navigator",
	properties: {
		url: "",
		openType: "navigate",
		delta: 1,
		target: "self",
		appId: "",
		path: "",
		extraData: null,
		version: "release",
		shortLink: "",
		hoverClass: "navigator-hover",
		hoverStayTime: 600,
	},
	setup({ node, get, on, emit }) {
		node.setAttribute("role", "link")
		on("tap", () => {
			const { how, options } = goal(get)
			const going = how
				? routes.ask(how, options)
				: routes.go(get<string>("openType"), get<string>("url"), get<number>("delta"))
			const done = (event: string, told: object) => {
				emit(event, told)
				emit("complete", told)
			}
			going.then(
				() => done("success", {}),
				(error: { errMsg?: string }) => done("fail", { errMsg: error.errMsg }),
			)
		})
		return {}
	},
})

export const pressed = (routes: Routes): Builtin[] => [button(routes)]
