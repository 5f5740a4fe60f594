// What glass-easel 0.12.1 and its adapter lack against template compiler 1.1.0, all in one place. A newer runtime
// that has space hooks and `triggerBackendEvent` deletes this file's parts one by one.

import * as glassEasel from "glass-easel"
import { keyframesOf } from "./components/animate"
import { remoteLinks } from "./remote"
import { afterRender } from "./render"
import { pixels, rpx } from "./units"
import { changeScript, eventScript } from "./wxs"

const PREFIX = "wx-"

/** Every element of a page is `wx-…`: page CSS never meets a real HTML tag, and `<script>` in WXML is inert. */
export function elementName(tag: string): string {
	return tag.startsWith(PREFIX) ? tag : PREFIX + tag.replace(/[^\w-]/g, "-")
}

interface Creators {
	_$advancedCreate(tag: string, ...rest: unknown[]): unknown
}

/** Patches the library's classes; called once, before anything is defined. */
export function applyShim(): void {
	const component = glassEasel.Component as unknown as Creators
	const advancedCreate = component._$advancedCreate
	component._$advancedCreate = function (tag, ...rest) {
		return advancedCreate.call(this, elementName(tag), ...rest)
	}
	const native = glassEasel.NativeNode as unknown as {
		create(tag: string, owner: unknown, styling?: string, remover?: () => void): unknown
	}
	const create = native.create
	native.create = function (tag, owner, styling, remover) {
		return create.call(this, elementName(tag), owner, styling ?? tag, remover)
	}
	tellReady()
	chooseSlot()
	const element = glassEasel.Element.prototype
	const setNodeStyle = element.setNodeStyle
	element.setNodeStyle = function (style: string, index?: number) {
		setNodeStyle.call(this, typeof style === "string" ? remoteLinks(rpx(style)) : style, index)
	}
}

interface Slot {
	value: { _$slotName: string | null }
	next: Slot | null
}
interface Slotted {
	_$singleSlot: object | null
	_$subtreeSlotStart: Slot | null
	getSlotMode(): number
	_$applySlotsInsertion(...args: unknown[]): void
	_$applySlotsRemoval(start: Slot, end: Slot, move: boolean): void
}
const SINGLE = 1

/** A component of one slot shows its children in the one without a name, wherever it stands; the library takes the first. */
function chooseSlot(): void {
	const root = glassEasel.ShadowRoot.prototype as unknown as Slotted
	const element = glassEasel.Element as unknown as {
		_$insertChildReassignSlot(root: unknown, name: null, before: unknown, now: unknown): void
	}
	const { _$applySlotsInsertion: insert, _$applySlotsRemoval: remove } = root
	const choose = (self: Slotted) => {
		let now = self._$subtreeSlotStart?.value ?? null
		for (let slot = self._$subtreeSlotStart; slot; slot = slot.next)
			if (slot.value._$slotName === "") {
				now = slot.value
				break
			}
		const before = self._$singleSlot
		if (before === now) return
		self._$singleSlot = now
		element._$insertChildReassignSlot(self, null, before, now)
	}
	root._$applySlotsInsertion = function (...args) {
		if (this.getSlotMode() === SINGLE) choose(this)
		else insert.apply(this, args)
	}
	root._$applySlotsRemoval = function (start, end, move) {
		if (this.getSlotMode() !== SINGLE) remove.call(this, start, end, move)
		else if (!move) choose(this)
	}
}

interface Living {
	triggerLifetime(name: string, args: unknown[]): void
}

const known = new Map<string, WeakRef<object>>()
let last = 0

/**
 * What a framework copies from a component to its own object, by which a query finds the component again. Uni-app
 * passes such objects to `in(…)`.
 */
function identify(component: Living): void {
	const self = component as unknown as { is: string; getMethodCaller?(): Record<string, unknown> }
	if (self.is.startsWith("wx/")) return
	const caller = self.getMethodCaller?.()
	if (!caller) return
	const id = String(++last)
	caller.__wxExparserNodeId__ = id
	known.set(id, new WeakRef(caller))
	gone.register(caller, id)
}
const gone = new FinalizationRegistry<string>((id) => known.delete(id))

/** The component that an object stands for: itself, or what it was copied from. */
export function callerOf<T extends object>(given: T): T | undefined {
	if ("_$" in given) return given
	const id = (given as { __wxExparserNodeId__?: unknown }).__wxExparserNodeId__
	return typeof id === "string" ? (known.get(id)?.deref() as T | undefined) : undefined
}

/** The library leaves `ready` to whoever knows when a frame is drawn: it follows `attached` then. */
function tellReady(): void {
	const living = glassEasel.Component.prototype as unknown as Living
	const { triggerLifetime } = living
	let fresh = new Set<Living>()
	living.triggerLifetime = function (name, args) {
		if (name === "created") identify(this)
		triggerLifetime.call(this, name, args)
		if (name === "detached") fresh.delete(this)
		if (name !== "attached") return
		if (fresh.size === 0)
			afterRender(() => {
				const drawn = fresh
				fresh = new Set()
				for (const component of drawn) triggerLifetime.call(component, "ready", [])
			})
		fresh.add(this)
	}
}

/** Sends a DOM event of the backend on to the element that owns it. */
export function triggerBackendEvent(
	target: glassEasel.Element,
	type: string,
	detail: unknown,
	options: glassEasel.EventOptions,
): glassEasel.EventBubbleStatus {
	const event = new glassEasel.Event(type, detail, {
		...options,
		extraFields: touchFields(options.originalEvent),
	})
	glassEasel.Event.dispatchEvent(target, event)
	return event.getEventBubbleStatus()
}

function touchFields(original: unknown): Record<string, unknown> {
	if (typeof TouchEvent !== "undefined" && original instanceof TouchEvent) {
		return { touches: touches(original.touches), changedTouches: touches(original.changedTouches) }
	}
	if (original instanceof MouseEvent) {
		const touch = point(0, original)
		return { touches: original.buttons ? [touch] : [], changedTouches: [touch] }
	}
	return { touches: [], changedTouches: [] }
}

const touches = (list: TouchList) => Array.from(list, (touch) => point(touch.identifier, touch))
const point = (
	identifier: number,
	at: { clientX: number; clientY: number; pageX: number; pageY: number },
) => ({
	identifier,
	clientX: at.clientX,
	clientY: at.clientY,
	pageX: at.pageX,
	pageY: at.pageY,
	x: at.clientX,
	y: at.clientY,
})

type Elem = glassEasel.Element & {
	_$switched?: (string | null)[]
	_$pairs?: Record<string, string>
}

/** The part of the library's template writer that generated code calls. */
interface Writer {
	e?(elem: Elem, names: (string | null)[]): void
	w?(elem: Elem, pairs: (string | null)[]): void
	d(elem: Elem, name: string, value: unknown, reflect?: boolean): void
	v(elem: Elem, event: string, handler: unknown, ...rest: unknown[]): void
	p(elem: Elem, name: string, listener: unknown, ...rest: unknown[]): void
}
type Generated = (writer: Writer, ...rest: unknown[]) => unknown
type Group = (name: string) => Generated | undefined

const SWITCHED_CLASSES = 1
const SWITCHED_STYLES = 1

/** Wraps generated templates so that `class:name`, `style:name` and reflected `data-*` work on the older writer. */
export function wrapTemplate(group: Group): glassEasel.template.ComponentTemplate["content"] {
	const wrapped: Group = (name) => {
		const generate = group(name)
		return generate && ((writer, ...rest) => generate(complete(writer), ...rest))
	}
	return wrapped as unknown as glassEasel.template.ComponentTemplate["content"]
}

function complete(writer: Writer): Writer {
	if (writer.e) return writer
	const setDataset = writer.d
	writer.e = (elem, names) => {
		const kept = names.map((name, index) => name ?? elem._$switched?.[index] ?? "")
		elem._$switched = kept
		elem.setNodeClass(kept.filter(Boolean).join(" "), SWITCHED_CLASSES)
	}
	writer.w = (elem, pairs) => {
		const kept = { ...elem._$pairs }
		for (let at = 0; at + 1 < pairs.length; at += 2) {
			const value = pairs[at + 1]
			if (pairs[at] && value !== null && value !== undefined) kept[pairs[at] as string] = value
		}
		elem._$pairs = kept
		elem.setNodeStyle(
			Object.entries(kept)
				.map(([name, value]) => `${name}:${value}`)
				.join(";"),
			SWITCHED_STYLES,
		)
	}
	const { v: listen, p: follow } = writer
	writer.v = (elem, event, handler, ...rest) =>
		listen(
			elem,
			event,
			typeof handler === "function" ? eventScript(handler, elem) : handler,
			...rest,
		)
	writer.p = (elem, name, listener, ...rest) =>
		follow(elem, name, typeof listener === "function" ? changeScript(listener) : listener, ...rest)
	writer.d = (elem, name, value) => {
		setDataset.call(writer, elem, name, value)
		reflectDataset(elem, name, value)
	}
	return writer
}

function reflectDataset(elem: Elem, name: string, value: unknown): void {
	const node = (elem as { getBackendElement?(): unknown }).getBackendElement?.()
	if (!(node instanceof HTMLElement) || typeof value === "object") return
	node.setAttribute(
		`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
		String(value),
	)
}

interface Preparing {
	prepareComponentOptions(is: string, options?: unknown): [glassEasel.ComponentOptions, unknown]
}

/** Ids are written to the DOM as they are, so that `#id` in a sheet finds them. */
export function patchOptions(space: object): void {
	const preparing = space as Preparing
	const prepare = preparing.prepareComponentOptions
	preparing.prepareComponentOptions = function (is, options) {
		const [prepared, isolation] = prepare.call(this, is, options)
		return [{ ...prepared, idPrefixGenerator: null, writeIdToDOM: true }, isolation]
	}
}

interface Animated {
	_$: glassEasel.GeneralComponent
	animate?: unknown
	[name: string]: unknown
}

/** Gives every page and component what WeChat's have and the adapter's have not. */
export function patchCallers(sample: object): void {
	const caller = Object.getPrototypeOf(Object.getPrototypeOf(sample)) as Animated
	if (caller.animate) return
	const found = (self: Animated, selector: string) =>
		(self._$.getShadowRoot()?.querySelectorAll(selector) ?? []).map(
			(elem) => (elem as unknown as { $$: HTMLElement }).$$,
		)
	caller.animate = function (
		this: Animated,
		selector: string,
		frames: Record<string, unknown>[],
		duration: number,
		done?: () => void,
	) {
		const nodes = found(this, selector)
		const all = nodes.map((node) =>
			node.animate(keyframesOf(frames), { duration: Number(duration) || 0, fill: "forwards" }),
		)
		if (typeof done === "function")
			void Promise.allSettled(all.map((each) => each.finished)).then(done)
	}
	caller.clearAnimation = function (this: Animated, selector: string, ...rest: unknown[]) {
		for (const node of found(this, selector))
			for (const animation of node.getAnimations()) animation.cancel()
		const done = rest.at(-1)
		if (typeof done === "function") done()
	}
	const observe = caller.createIntersectionObserver as (...args: unknown[]) => object
	caller.createIntersectionObserver = function (...args: unknown[]) {
		return patchObserver(observe.apply(this, args))
	}
	caller.renderer ??= "webview"
	caller.getTabBar ??= () => undefined
	caller.setPassiveEvent ??= () => {}
	caller.setInitialRenderingCache ??= () => {}
	caller.setUpdatePerformanceListener ??= () => {}
}

type Margins = { left?: number; top?: number; right?: number; bottom?: number }
type Seen = { intersectionRatio: number; id?: string; dataset?: object }
interface Observer {
	_$initialRatio: number
	relativeTo(selector: string, margins?: Margins): unknown
	relativeToViewport(margins?: Margins): unknown
	observe(selector: string, listener: (seen: Seen) => void): void
}

const mended = new WeakSet<object>()

/**
 * Mends an observer: margins that a program leaves out would make the browser throw, and the first report is
 * dropped by the library exactly when it should come. Here it comes unless it says what was known.
 */
export function patchObserver<T extends object>(observer: T): T {
	if (mended.has(observer)) return observer
	mended.add(observer)
	const patched = observer as T & Observer
	// A program may give its margins with their unit.
	const whole = (margins: Margins = {}) =>
		Object.fromEntries(
			(["left", "top", "right", "bottom"] as const).map((side) => [
				side,
				pixels(margins[side] ?? 0),
			]),
		)
	const { relativeTo, relativeToViewport, observe, _$initialRatio: known } = patched
	patched.relativeTo = (selector, margins) => relativeTo.call(patched, selector, whole(margins))
	patched.relativeToViewport = (margins) => relativeToViewport.call(patched, whole(margins))
	patched._$initialRatio = Number.NaN
	patched.observe = (selector, listener) => {
		let first = true
		observe.call(patched, selector, (seen) => {
			const news = !first || seen.intersectionRatio !== known
			first = false
			if (news) listener(seen)
		})
	}
	return patched
}
