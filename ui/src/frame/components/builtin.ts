// How a built-in component is made: a glass-easel component whose behaviour is a `setup` over its DOM element.
// A built-in wraps its children (a slot) or draws itself with plain DOM nodes; what a wrapping one draws besides
// stands before its children, where the library never looks.

import * as glassEasel from "glass-easel"
import { animate } from "./animate"

export type PropertyType =
	| typeof String
	| typeof Number
	| typeof Boolean
	| typeof Object
	| typeof Array
	| null

/** What a built-in does when the program changes something. */
export interface Behaviour {
	changed?(name: string, value: unknown): void
	attached?(): void
	detached?(): void
}

/** A built-in's view of one instance of itself. */
export interface Self {
	readonly node: HTMLElement
	get<T>(name: string): T
	/** Changes one of its own properties; a two-way binding of the program follows. */
	set(name: string, value: unknown): void
	/** Sends a component event, which does not bubble unless asked to. */
	emit(name: string, detail: unknown, options?: glassEasel.EventOptions): void
	/** Hears an event of the component itself, such as `tap`. */
	on(name: string, listener: () => void): void
	/** The file of the page or component whose template this instance is in. */
	readonly owner: string
	/** Class names of the owner's template as its sheet spells them, for nodes that a built-in draws. */
	classes(names: string): string
	/** Styles the element besides what the program does. */
	dress(style: string): void
	readonly element: glassEasel.Element
}

/** The segment of an element's style that built-ins write; the program's own style stays beside it. */
const OWN_STYLE = 3

/** Styles an element that a built-in stands for. */
export function dress(element: glassEasel.Element | undefined, style: string): void {
	element?.setNodeStyle(style, OWN_STYLE)
}

/** A built-in component. */
export interface Builtin {
	tag: string
	/** Properties with their first values; the value's type is the property's. */
	properties?: Record<string, string | number | boolean | null | unknown[]>
	/** It only says that it does not work here: `canIUse` does not name it. */
	placeholder?: boolean
	/** Whether children show inside. Those that draw themselves have none. */
	slot?: boolean
	/** Events that the component sends itself, so that the DOM's own of that name stay inside. */
	speaks?: string[]
	/** Classes that the program hands in by attribute. */
	externalClasses?: string[]
	setup?(self: Self): Behaviour
}

/** Attributes that every built-in takes and that become plain attributes of its element. */
const ARIA = [
	"Role",
	"Label",
	"Hidden",
	"Checked",
	"Disabled",
	"Expanded",
	"Live",
	"Describedby",
	"Labelledby",
	"Modal",
	"Selected",
	"Valuenow",
	"Valuetext",
]

/** What a form reads of a control in it, and sets back. */
export interface Field {
	name(): string
	value(): unknown
	reset(): void
}

/** What built-ins know of each other, on their elements. */
export type Drawn = HTMLElement & {
	speaks?: Set<string>
	field?: Field
	form?: { submit(): void; reset(): void }
	/** A group hears that one of its own changed. */
	group?: { changed(node: HTMLElement): void }
	__wxElement?: glassEasel.Element & { data?: Record<string, unknown> }
	/** What `NodesRef.node()` answers for it. */
	answers?: object
}

interface Hosted {
	$$: unknown
	data: Record<string, unknown>
	setData(data: Record<string, unknown>): void
	behaviour?: Behaviour
	addListener(name: string, listener: () => void): void
	triggerEvent(name: string, detail: unknown, options?: glassEasel.EventOptions): void
	ownerShadowRoot?: { getHostNode(): glassEasel.GeneralComponent } | null
}

const SLOT = (() => () => ({
	C: (...[, , , , , slot]: ((name: string) => void)[]) => slot?.(""),
	B: {},
})) as unknown
const EMPTY = (() => () => ({ C: () => {}, B: {} })) as unknown

/** Registers a built-in in the space that every program's space starts from, and answers its definition. */
export function register(
	space: glassEasel.ComponentSpace,
	builtin: Builtin,
): glassEasel.GeneralComponentDefinition {
	const first = {
		hoverClass: "none",
		hoverStartTime: 50,
		hoverStayTime: 400,
		hoverStopPropagation: false,
		...builtin.properties,
	}
	const properties = Object.fromEntries(
		Object.entries(first).map(([name, value]) => [name, property(name, value)]),
	)
	properties.hidden ??= { type: Boolean, value: false, observer: hide }
	properties.animation ??= { type: null, value: null, observer: move }
	for (const name of ARIA)
		properties[`aria${name}`] = { type: null, value: undefined, observer: reflect(`aria${name}`) }
	return space
		.define(`wx/${builtin.tag}`)
		.options({ idPrefixGenerator: null, propertyPassingDeepCopy: glassEasel.DeepCopyKind.None })
		.definition({
			properties: properties as Record<string, never>,
			template: { content: builtin.slot === false ? EMPTY : SLOT } as Record<string, unknown>,
			externalClasses: builtin.externalClasses ?? [],
			lifetimes: {
				created() {
					const hosted = this as unknown as Hosted
					const node = hosted.$$ as Drawn | null
					if (!node) return // its page is closed
					if (builtin.speaks) node.speaks = new Set(builtin.speaks)
					hosted.behaviour = builtin.setup?.(selfOf(hosted, node))
				},
				attached() {
					;(this as unknown as Hosted).behaviour?.attached?.()
				},
				detached() {
					;(this as unknown as Hosted).behaviour?.detached?.()
				},
			},
		})
		.registerComponent()
		.general()
}

function property(name: string, value: unknown) {
	const types: Record<string, PropertyType> = { string: String, number: Number, boolean: Boolean }
	return {
		type: Array.isArray(value) ? Array : (types[typeof value] ?? null),
		value,
		observer(this: Hosted, now: unknown) {
			this.behaviour?.changed?.(name, now)
		},
	}
}

function hide(this: Hosted, value: unknown) {
	;(this.$$ as HTMLElement | null)?.toggleAttribute("hidden", Boolean(value))
}

function move(this: Hosted, value: unknown) {
	animate(this as unknown as glassEasel.Element, value)
}

function reflect(name: string) {
	const attribute = name === "ariaRole" ? "role" : `aria-${name.slice(4).toLowerCase()}`
	return function (this: Hosted, value: unknown) {
		const node = this.$$ as HTMLElement | null
		if (!node) return // its page is closed
		if (value === undefined || value === null || value === "") node.removeAttribute(attribute)
		else node.setAttribute(attribute, String(value))
		this.behaviour?.changed?.(name, value)
	}
}

/** A class is what the owner's sheet made of it: as it is written, or with the prefix of a scope. */
function classesOf(host: glassEasel.GeneralComponent | undefined, names: string): string {
	const each = names.split(/\s+/).filter(Boolean)
	if (!host || each.length === 0) return each.join(" ")
	const { styleScope, extraStyleScope } = host.getComponentOptions()
	const scopes = host.getRootBehavior().ownerSpace.styleScopeManager
	const prefixes = [styleScope, extraStyleScope].map((scope) =>
		scope === null || scope === undefined ? undefined : scopes.queryName(scope),
	)
	const spelt = prefixes
		.filter(Boolean)
		.flatMap((prefix) => each.map((name) => `${prefix}--${name}`))
	return [...each, ...spelt].join(" ")
}

function selfOf(hosted: Hosted, node: HTMLElement): Self {
	return {
		node,
		element: hosted as unknown as glassEasel.Element,
		get: <T>(name: string) => hosted.data[name] as T,
		dress: (style) => dress(hosted as unknown as glassEasel.Element, style),
		set: (name, value) => hosted.setData({ [name]: value }),
		emit: (name, detail, options) => hosted.triggerEvent(name, detail, options),
		on: (name, listener) => hosted.addListener(name, listener),
		get owner() {
			return hosted.ownerShadowRoot?.getHostNode().is ?? ""
		},
		classes: (names) => classesOf(hosted.ownerShadowRoot?.getHostNode(), names),
	}
}
