// Built-ins that came with Skyline. Here they hold what is in them, in the flow of the page; what gestures and long
// lists do beyond that is the browser's scrolling.

import { length } from "../units"
import type { Builtin } from "./builtin"

type Lengths = (number | string)[]

const sides = (values: Lengths): string => values.map(length).join(" ")

/** Rows of cells; all of a row are as high as the highest unless it is masonry. */
const gridView: Builtin = {
	tag: "grid-view",
	properties: {
		type: "aligned",
		crossAxisCount: 2,
		maxCrossAxisExtent: 0,
		mainAxisGap: 0,
		crossAxisGap: 0,
		padding: [],
	},
	setup({ node, get, dress }) {
		const draw = () => {
			const widest = get<number>("maxCrossAxisExtent")
			const count = Math.max(1, get<number>("crossAxisCount"))
			const masonry = get<string>("type") === "masonry"
			node.toggleAttribute("masonry", masonry)
			const gaps = [length(get("mainAxisGap")), length(get("crossAxisGap"))]
			dress(
				[
					`padding:${sides(get<Lengths>("padding")) || 0}`,
					`gap:${gaps.join(" ")}`,
					masonry
						? `columns:${widest > 0 ? `${widest}px` : count};column-gap:${gaps[1]};--gap:${gaps[0]}`
						: `grid-template-columns:repeat(${widest > 0 ? `auto-fill,minmax(0,${widest}px)` : `${count},minmax(0,1fr)`})`,
				].join(";"),
			)
		}
		return { attached: draw, changed: draw }
	},
}

const padded = (tag: string, properties = {}): Builtin => ({
	tag,
	properties: { padding: [], ...properties },
	setup({ get, dress }) {
		const draw = () =>
			dress(get<Lengths>("padding").length > 0 ? `padding:${sides(get("padding"))}` : "")
		return { attached: draw, changed: draw }
	},
})

/** A draggable sheet stands at the bottom, as high as it is to be at first. */
const draggableSheet: Builtin = {
	tag: "draggable-sheet",
	properties: {
		initialChildSize: 0.5,
		minChildSize: 0.25,
		maxChildSize: 1,
		snap: false,
		snapSizes: [],
	},
	setup({ get, dress }) {
		const draw = () => dress(`height:${get<number>("initialChildSize") * 100}%`)
		return { attached: draw, changed: draw }
	},
}

/** Text in it can be selected. */
const selection: Builtin = { tag: "selection" }

/** A part of a page that a program would make a picture of; there is no way to make one. */
const snapshot: Builtin = { tag: "snapshot", properties: { mode: "view" } }

const openContainer: Builtin = {
	tag: "open-container",
	properties: { transitionType: "fade", transitionDuration: 300 },
}

const span: Builtin = { tag: "span" }

const shareElement: Builtin = {
	tag: "share-element",
	properties: { mapkey: "", transform: false, duration: 300, easingFunction: "ease-out" },
}

export const skylineParts: Builtin[] = [
	gridView,
	padded("list-view", { type: "list" }),
	draggableSheet,
	selection,
	snapshot,
	openContainer,
	span,
	shareElement,
]

/** Gesture handlers stand around what they hear and are nothing themselves. */
export const HANDLERS = [
	"tap",
	"double-tap",
	"scale",
	"force-press",
	"pan",
	"vertical-drag",
	"horizontal-drag",
	"long-press",
].map((name) => `${name}-gesture-handler`)
