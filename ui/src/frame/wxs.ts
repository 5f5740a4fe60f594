// WXS as event handlers: functions of the template that touch the page at once, through component descriptors.

import type * as glassEasel from "glass-easel"
import { rpx } from "./units"

type Elem = glassEasel.Element & { $$?: unknown }
type Script = (...args: unknown[]) => unknown

/** The segments of style and class that WXS writes; the template's own are 0 and 1, a built-in's 3. */
const STYLES = 2
const CLASSES = 2

interface Kept {
	styles: Map<string, string>
	classes: Set<string>
	state: Record<string, unknown>
}
const kept = new WeakMap<object, Kept>()

function keptOf(elem: Elem): Kept {
	let own = kept.get(elem)
	if (!own) {
		own = { styles: new Map(), classes: new Set(), state: {} }
		kept.set(elem, own)
	}
	return own
}

/** What WXS gets to touch an element by: WeChat's ComponentDescriptor. */
export function descriptor(elem: Elem): object {
	const own = keptOf(elem)
	const node = () => elem.$$ as unknown as HTMLElement
	const caller = () =>
		(elem as unknown as glassEasel.GeneralComponent).getMethodCaller?.() as
			| Record<string, unknown>
			| undefined
	const within = () => (elem as unknown as glassEasel.GeneralComponent).getShadowRoot?.()
	const classed = () => elem.setNodeClass([...own.classes].join(" "), CLASSES)
	const self = {
		selectComponent(selector: string) {
			const found = within()?.querySelector(selector)
			return found ? descriptor(found) : null
		},
		selectAllComponents: (selector: string) =>
			(within()?.querySelectorAll(selector) ?? []).map(descriptor),
		setStyle(style: string | Record<string, string>) {
			for (const [name, value] of pairs(style)) own.styles.set(name, value)
			elem.setNodeStyle([...own.styles].map((pair) => pair.join(":")).join(";"), STYLES)
			return self
		},
		addClass(...names: string[]) {
			for (const name of names) own.classes.add(name)
			classed()
			return self
		},
		removeClass(...names: string[]) {
			for (const name of names) own.classes.delete(name)
			classed()
			return self
		},
		hasClass: (name: string) => elem.class.split(/\s+/).includes(name) || own.classes.has(name),
		getDataset: () => elem.dataset,
		getState: () => own.state,
		callMethod(name: string, args: unknown) {
			const method = caller()?.[name]
			if (typeof method === "function") method.call(caller(), args)
		},
		triggerEvent: (name: string, detail: unknown, options?: glassEasel.EventOptions) =>
			elem.triggerEvent(name, detail, options),
		requestAnimationFrame: (run: FrameRequestCallback) => requestAnimationFrame(run),
		setTimeout: (run: () => void, ms: number) => setTimeout(run, ms),
		clearTimeout: (id: number) => clearTimeout(id),
		getComputedStyle(names: string[]) {
			const style = getComputedStyle(node())
			return Object.fromEntries(
				names.map((name) => [
					name,
					style.getPropertyValue(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
				]),
			)
		},
		getBoundingClientRect: () => node().getBoundingClientRect().toJSON() as object,
	}
	return self
}

function pairs(style: string | Record<string, string>): [string, string][] {
	if (typeof style !== "string")
		return Object.entries(style).map(([name, value]) => [
			name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
			rpx(String(value)),
		])
	return style
		.split(";")
		.map((line) => line.split(/:(.*)/s))
		.filter(([name]) => name?.trim())
		.map(([name = "", value = ""]) => [name.trim(), rpx(value.trim())])
}

/** A WXS function that hears an event: it gets the event with descriptors, and the component that it is in. */
export function eventScript(script: unknown, elem: Elem): Script {
	return (event: unknown) => {
		const told = event as { target: Elem; currentTarget: Elem } & Record<string, unknown>
		const host = elem.ownerShadowRoot?.getHostNode()
		const instance = descriptor(elem)
		return (script as Script)(
			Object.assign(Object.create(told as object) as object, { instance }),
			host && descriptor(host),
		)
	}
}

/** A WXS function that follows a property. */
export function changeScript(script: unknown): Script {
	// What is looked for may be further down in the template, which is still being made.
	return (now, before, host, elem) =>
		queueMicrotask(() =>
			(script as Script)(now, before, descriptor(host as Elem), descriptor(elem as Elem)),
		)
}
