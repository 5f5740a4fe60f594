// Built-ins that are little more than their element.

import { length } from "../units"
import type { Builtin } from "./builtin"

const view: Builtin = { tag: "view", properties: { hoverStayTime: 400 } }

/** Text keeps its line breaks; `user-select` lets it be selected. */
const text: Builtin = {
	tag: "text",
	properties: { selectable: false, userSelect: false, space: "", decode: false },
	setup: ({ node }) => ({
		changed(name, value) {
			if (name === "selectable" || name === "userSelect")
				node.toggleAttribute("selectable", Boolean(value))
			if (name === "space") node.toggleAttribute("spaces", Boolean(value))
		},
	}),
}

/** Paths on a 24x24 field; `success` and its like are a disc with the sign cut in. */
const SIGNS: Record<string, [path: string, color: string, filled: boolean]> = {
	success: [
		"M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.6 14.2-4-4 1.4-1.4 2.6 2.6 5.8-5.8 1.4 1.4-7.2 7.2Z",
		"#0a7d55",
		true,
	],
	success_no_circle: ["m4.5 12.5 5 5 10-11", "#0a7d55", false],
	info: [
		"M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm1 15h-2v-7h2v7Zm0-8.6h-2v-2h2v2Z",
		"#1c5fb0",
		true,
	],
	warn: [
		"M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm1 15h-2v-2h2v2Zm0-4h-2V6.6h2V13Z",
		"#b3261e",
		true,
	],
	waiting: [
		"M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm4 13.4-5-3V6h2v5.3l4 2.4-1 1.7Z",
		"#1c5fb0",
		true,
	],
	cancel: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-3 6 6 6m0-6-6 6", "#b3261e", false],
	clear: [
		"M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm4 12.6-1.4 1.4L12 13.4 9.4 16 8 14.6l2.6-2.6L8 9.4 9.4 8l2.6 2.6L14.6 8 16 9.4 13.4 12l2.6 2.6Z",
		"#8a918e",
		true,
	],
	download: ["M12 3v12m0 0 5-5m-5 5-5-5M4 20h16", "#0a7d55", false],
	search: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.8 11.3L20 20", "#6b726f", false],
}

const icon: Builtin = {
	tag: "icon",
	slot: false,
	properties: { type: "", size: null, color: "" },
	setup: ({ node, get }) => {
		const draw = () => {
			const [path, color, filled] = SIGNS[get<string>("type")] ?? ["", "", false]
			const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
			svg.setAttribute("viewBox", "0 0 24 24")
			svg.setAttribute("aria-hidden", "true")
			const shape = document.createElementNS(svg.namespaceURI, "path")
			shape.setAttribute("d", path)
			svg.append(shape)
			svg.style.cssText = filled
				? "fill:currentColor"
				: "fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round"
			node.style.color = get<string>("color") || color
			const size = length(get("size") ?? 23)
			svg.style.width = size
			svg.style.height = size
			node.replaceChildren(svg)
		}
		return { changed: draw, attached: draw }
	},
}

const CONTROL = "wx-input, wx-textarea, wx-button, wx-checkbox, wx-radio, wx-switch"

/** A tap on a label is a tap on its control: the one named by `for`, else the first inside. */
const label: Builtin = {
	tag: "label",
	properties: { for: "" },
	setup: ({ node, get }) => {
		node.addEventListener("click", (event) => {
			if (event.target instanceof Element && event.target.closest(CONTROL)) return
			const id = get<string>("for")
			const control = id ? named(node, id) : node.querySelector<HTMLElement>(CONTROL)
			const inner = control?.querySelector<HTMLInputElement>("input, textarea")
			if (inner && inner.type !== "checkbox") inner.focus()
			else if (inner) inner.click()
			else control?.click()
		})
		return {}
	},
}

interface WithId {
	__wxElement?: { id: string }
}

/** Ids of a template are not written to the DOM: they would clash between components. */
function named(near: HTMLElement, id: string): HTMLElement | undefined {
	const page = near.closest("wx-page") ?? document.body
	return [...page.querySelectorAll<HTMLElement>(CONTROL)].find(
		(node) => (node as WithId).__wxElement?.id === id,
	)
}

const canvas: Builtin = {
	tag: "canvas",
	slot: false,
	properties: { type: "2d", canvasId: "", disableScroll: false },
	setup: ({ node }) => {
		node.append(document.createElement("canvas"))
		return {}
	},
}

const progress: Builtin = {
	tag: "progress",
	slot: false,
	properties: {
		percent: 0,
		showInfo: false,
		strokeWidth: null,
		activeColor: "",
		backgroundColor: "",
		active: false,
	},
	setup: ({ node, get }) => {
		const track = document.createElement("i")
		const bar = document.createElement("b")
		const info = document.createElement("span")
		track.append(bar)
		node.append(track, info)
		node.setAttribute("role", "progressbar")
		const draw = () => {
			const percent = Math.min(100, Math.max(0, get<number>("percent")))
			node.setAttribute("aria-valuenow", String(percent))
			track.style.cssText = `height:${length(get("strokeWidth") ?? 6)};background:${get<string>("backgroundColor") || ""}`
			bar.style.cssText = `width:${percent}%;background:${get<string>("activeColor") || ""}`
			info.textContent = get<boolean>("showInfo") ? `${percent}%` : ""
		}
		return { changed: draw, attached: draw }
	},
}

export const simple: Builtin[] = [view, text, icon, label, canvas, progress]

/** Tags that exist and hold their children, with nothing of their own yet. */
export const CONTAINERS = [
	"page-meta",
	"navigation-bar",
	"form",
	"swiper",
	"swiper-item",
	"picker",
	"picker-view",
	"picker-view-column",
	"slider",
	"radio-group",
	"checkbox-group",
	"movable-area",
	"movable-view",
	"cover-view",
	"root-portal",
	"rich-text",
	"match-media",
	"sticky-header",
	"sticky-section",
	"list-view",
	"grid-view",
	"video",
	"audio",
	"map",
	"camera",
	"web-view",
	"open-data",
	"ad",
	"checkbox",
	"radio",
] as const
