// Built-ins that are little more than their element.

import { length, pixels } from "../units"
import type { Builtin } from "./builtin"
import { decoded } from "./richtext"
import { HANDLERS } from "./skyline"

const view: Builtin = { tag: "view", properties: { hoverStayTime: 400 } }

/** Text keeps its line breaks; `user-select` lets it be selected, `decode` reads entities. */
const text: Builtin = {
	tag: "text",
	properties: {
		selectable: false,
		userSelect: false,
		space: "",
		decode: false,
		overflow: "visible",
		maxLines: 0,
	},
	setup({ node, get, dress }) {
		let watch: MutationObserver | undefined
		const read = () => {
			for (const child of node.childNodes) {
				const plain = decoded(child.nodeValue ?? "")
				if (child instanceof Text && child.data !== plain) child.data = plain
			}
		}
		const draw = () => {
			node.toggleAttribute("selectable", get<boolean>("selectable") || get<boolean>("userSelect"))
			node.toggleAttribute("spaces", Boolean(get("space")))
			const lines = get<number>("maxLines")
			dress(lines > 0 ? `--lines:${lines}` : "")
			node.toggleAttribute("lines", lines > 0)
			if (!get<boolean>("decode") || watch) return
			watch = new MutationObserver(read)
			watch.observe(node, { childList: true, characterData: true, subtree: true })
			read()
		}
		return { attached: draw, changed: draw, detached: () => watch?.disconnect() }
	},
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
	setup: ({ node, get, dress }) => {
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
			dress(`color:${get<string>("color") || color}`)
			const size = length(get("size") ?? 23)
			svg.style.width = size
			svg.style.height = size
			node.replaceChildren(svg)
		}
		return { changed: draw, attached: draw }
	},
}

const progress: Builtin = {
	tag: "progress",
	slot: false,
	properties: {
		percent: 0,
		showInfo: false,
		borderRadius: null,
		fontSize: null,
		strokeWidth: null,
		color: "",
		activeColor: "",
		backgroundColor: "",
		active: false,
		activeMode: "backwards",
		duration: 30,
	},
	setup: ({ node, get, emit }) => {
		const track = document.createElement("i")
		const bar = document.createElement("b")
		const info = document.createElement("span")
		track.append(bar)
		node.append(track, info)
		node.setAttribute("role", "progressbar")
		let before = 0
		bar.addEventListener("transitionend", (event) => {
			event.stopPropagation()
			emit("activeend", { curPercent: before })
		})
		const draw = () => {
			const percent = Math.min(100, Math.max(0, get<number>("percent")))
			node.setAttribute("aria-valuenow", String(percent))
			const from = get<string>("activeMode") === "forwards" ? before : 0
			const time = get<boolean>("active") ? Math.abs(percent - from) * get<number>("duration") : 0
			const colour = get<string>("activeColor") || get<string>("color")
			track.style.cssText = `height:${length(get("strokeWidth") ?? 6)};background:${get<string>("backgroundColor")}`
			track.style.borderRadius = length(get("borderRadius") ?? "")
			if (time > 0 && percent !== before) {
				bar.style.cssText = `width:${from}%;background:${colour}`
				bar.getBoundingClientRect()
			}
			bar.style.cssText = `width:${percent}%;background:${colour};transition:width ${time}ms linear`
			info.textContent = get<boolean>("showInfo") ? `${percent}%` : ""
			info.style.fontSize = length(get("fontSize") ?? "")
			before = percent
		}
		return { changed: draw, attached: draw }
	},
}

/** A view over everything; `scroll-top` scrolls it, when it is higher than its box. */
const coverView: Builtin = {
	tag: "cover-view",
	properties: { scrollTop: null, markerId: "", slot: "" },
	setup({ node, get }) {
		const place = () => {
			const top = get<number | string | null>("scrollTop")
			if (top === null || top === "") return
			node.toggleAttribute("scrolls", true)
			node.scrollTop = pixels(top)
		}
		return { attached: () => requestAnimationFrame(place), changed: place }
	},
}

export const simple: Builtin[] = [view, text, icon, progress, coverView]

/** Tags that hold their children and do nothing else. */
export const CONTAINERS = [
	...HANDLERS,
	"list-builder",
	"grid-builder",
	"nested-scroll-header",
	"nested-scroll-body",
	"keyboard-accessory",
	"editor-portal",
	"functional-page-navigator",
	"open-data-list",
	"open-data-item",
]
