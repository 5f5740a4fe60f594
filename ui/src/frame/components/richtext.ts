// Rich text: a program's nodes or HTML, of which only what cannot do harm becomes elements.

import { rpx } from "../units"
import type { Builtin, Self } from "./builtin"
import { resource } from "./media"

const TAGS = new Set(
	(
		"a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del div " +
		"dl dt em fieldset font footer h1 h2 h3 h4 h5 h6 header hr i img ins label legend li mark nav ol p pre q rt " +
		"ruby s section small span strong sub sup table tbody td tfoot th thead tr tt u ul"
	).split(" "),
)
const ATTRIBUTES: Record<string, string[]> = {
	bdo: ["dir"],
	bdi: ["dir"],
	col: ["span", "width"],
	colgroup: ["span", "width"],
	font: ["color", "face"],
	img: ["alt", "height", "width"],
	ol: ["start", "type"],
	table: ["width"],
	td: ["colspan", "height", "rowspan", "width"],
	th: ["colspan", "height", "rowspan", "width"],
	tr: ["colspan", "height", "rowspan", "width"],
}
const DEPTH = 100

/** A node as programs write it. */
export interface RichNode {
	type?: string
	name?: string
	text?: string
	attrs?: Record<string, unknown>
	children?: RichNode[]
}

/** What of a program's node is kept; null for what is not. */
export function kept(node: RichNode): { tag: string; attributes: Record<string, string> } | null {
	const tag = String(node.name ?? "").toLowerCase()
	if (!TAGS.has(tag)) return null
	const allowed = ["class", "style", ...(tag === "img" ? ["src"] : []), ...(ATTRIBUTES[tag] ?? [])]
	const pairs = Object.entries(node.attrs ?? {})
		.map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
		.filter(([name]) => allowed.includes(name))
	return { tag, attributes: Object.fromEntries(pairs) }
}

/** An HTML text as nodes. The parser's document is inert: nothing in it loads or runs. */
function parse(html: string): RichNode[] {
	const read = (node: Node): RichNode[] => {
		if (node instanceof Text) return [{ type: "text", text: node.data }]
		if (!(node instanceof Element)) return []
		const attrs = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]))
		return [{ name: node.localName, attrs, children: [...node.childNodes].flatMap(read) }]
	}
	const { body } = new DOMParser().parseFromString(html, "text/html")
	return [...body.childNodes].flatMap(read)
}

const ENTITIES: Record<string, string> = {
	nbsp: "\u00a0",
	lt: "<",
	gt: ">",
	amp: "&",
	quot: '"',
	apos: "'",
	ensp: "\u2002",
	emsp: "\u2003",
}

/** The entities that WeChat decodes in texts. */
export function decoded(text: string): string {
	return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
}

function build(nodes: RichNode[], self: Self, depth = 0): Node[] {
	if (!Array.isArray(nodes) || depth > DEPTH) return []
	return nodes.flatMap((node): Node[] => {
		if (!node || typeof node !== "object") return []
		if (node.type === "text") return [document.createTextNode(decoded(String(node.text ?? "")))]
		const good = kept(node)
		if (!good) return []
		const element = document.createElement(good.tag)
		for (const [name, value] of Object.entries(good.attributes)) {
			if (name === "class") element.className = self.classes(value)
			else if (name === "style") element.style.cssText = rpx(value)
			else if (name === "src") element.setAttribute("src", resource(value, self.owner))
			else element.setAttribute(name, value)
		}
		element.append(...build(node.children ?? [], self, depth + 1))
		return [element]
	})
}

/** A program's nodes, or its HTML, as elements that cannot do harm. */
export function richNodes(nodes: unknown, self: Self): Node[] {
	return build(typeof nodes === "string" ? parse(nodes) : ((nodes ?? []) as RichNode[]), self)
}

export const richText: Builtin = {
	tag: "rich-text",
	slot: false,
	properties: { nodes: null, space: "", userSelect: false, mode: "default" },
	setup(self) {
		const { node, get } = self
		const draw = () => {
			node.toggleAttribute("selectable", get<boolean>("userSelect"))
			node.toggleAttribute("spaces", Boolean(get("space")))
			node.replaceChildren(...richNodes(get("nodes"), self))
		}
		return { changed: draw, attached: draw }
	},
}
