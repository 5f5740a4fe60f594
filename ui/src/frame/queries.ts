// Queries of nodes: the library's know rectangles only, and nothing of a page's scrolling. Here is the rest of what
// WeChat's answer, at the moment at which what the program has just changed is drawn.

import type * as glassEasel from "glass-easel"
import type { Drawn } from "./components/builtin"
import { drawnBy } from "./drawn"
import { afterRender } from "./render"
import { callerOf } from "./shim"

type Fields = Record<string, unknown>
type Answer = Record<string, unknown>
interface Asked {
	component?: { _$?: glassEasel.GeneralComponent }
	/** Null for the viewport. */
	selector: string | null
	single: boolean
	fields: Fields
	cb(found: Answer | Answer[] | null): void
}
interface Query {
	_$queue: Asked[]
	_$comp: object
	in(component?: object): Query
	exec(done?: (found: unknown[]) => void): Query
}
interface NodesRef {
	fields(fields: Fields, done: (found: unknown) => void): Query
	node?(done?: (found: unknown) => void): Query
	context(done?: (found: unknown) => void): Query
	ref?(done?: (found: unknown) => void): Query
}

/** Mends the queries that every page and component makes; called with the first of them. */
export function patchQueries(sample: {
	createSelectorQuery(): { selectViewport(): object }
}): void {
	const first = sample.createSelectorQuery() as unknown as Query & { selectViewport(): NodesRef }
	const nodes = Object.getPrototypeOf(first.selectViewport()) as NodesRef
	if (nodes.node) return
	const queries = Object.getPrototypeOf(first) as Query
	queries.exec = function (done = () => {}) {
		afterRender(() => {
			const all = this._$queue.map(answer)
			this._$queue.forEach(({ cb }, index) => {
				cb(all[index] ?? null)
			})
			done(all)
		})
		return this
	}
	const within = queries.in
	queries.in = function (component) {
		const caller = component && callerOf(component)
		return caller ? within.call(this, caller) : this
	}
	const one = (name: string) =>
		function (this: NodesRef, done: (found: unknown) => void = () => {}) {
			return this.fields({ [name]: true }, done)
		}
	nodes.node = one("node")
	nodes.context = one("context")
	nodes.ref = one("ref")
}

function answer({ component, selector, single, fields }: Asked): Answer | Answer[] | null {
	if (selector === null) return viewport(fields)
	const root = component?._$?.getShadowRoot()
	const found = root ? safely(() => root.querySelectorAll(selector)) : []
	if (single) return found[0] ? told(found[0], fields) : null
	return found.map((elem) => told(elem, fields))
}

/** A selector that nobody can read finds nothing. */
function safely<T>(find: () => T[]): T[] {
	try {
		return find()
	} catch {
		return []
	}
}

function viewport(fields: Fields): Answer {
	const {
		clientWidth: width,
		clientHeight: height,
		scrollWidth,
		scrollHeight,
	} = document.documentElement
	return {
		...(fields.id ? { id: "" } : {}),
		...(fields.dataset ? { dataset: {} } : {}),
		...(fields.rect ? { left: 0, top: 0, right: width, bottom: height } : {}),
		...(fields.size ? { width, height } : {}),
		...(fields.scrollOffset
			? { scrollLeft: scrollX, scrollTop: scrollY, scrollWidth, scrollHeight }
			: {}),
	}
}

function told(elem: glassEasel.Element, fields: Fields): Answer {
	const node = drawnBy(elem)
	const said: Answer = {}
	if (fields.id) said.id = elem.id
	if (fields.dataset) said.dataset = elem.dataset
	if (fields.mark) said.mark = elem.collectMarks()
	const {
		left = 0,
		top = 0,
		right = 0,
		bottom = 0,
		width = 0,
		height = 0,
	} = node?.getBoundingClientRect() ?? {}
	if (fields.rect) Object.assign(said, { left, top, right, bottom })
	if (fields.size) Object.assign(said, { width, height })
	if (fields.scrollOffset && node) {
		const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = node
		Object.assign(said, { scrollLeft, scrollTop, scrollWidth, scrollHeight })
	}
	const data = (elem as glassEasel.Element & { data?: Answer }).data ?? {}
	for (const name of list(fields.properties)) if (name in data) said[name] = data[name]
	if (fields.computedStyle && node) {
		const style = getComputedStyle(node)
		for (const name of list(fields.computedStyle))
			said[name] = style.getPropertyValue(
				name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
			)
	}
	if (fields.node) said.node = nodeOf(node)
	if (fields.context) said.context = contextOf(node)
	if (fields.ref) said.ref = null
	return said
}

const list = (names: unknown): string[] => (Array.isArray(names) ? names.map(String) : [])

/** What stands for the element: a canvas, a player, an editor, a scroll view; the element itself otherwise. */
const nodeOf = (node: Drawn | undefined): object | null => node?.answers ?? node ?? null

function contextOf(node: Drawn | undefined): object | null {
	const found = nodeOf(node)
	return found instanceof HTMLCanvasElement ? found.getContext("2d") : found
}
