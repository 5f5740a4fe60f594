// What a developer sees of a program while it runs: its console, its pages as trees with their data, what it knows
// of the device. Nothing of this happens unless the host asks for it, which it does for trial versions.

import * as glassEasel from "glass-easel"
import type { Inspected, Line, ProgramConfig, Shown, TreeNode } from "../lib/host/protocol"
import type { Pages } from "./pages"
import type { HostPort } from "./port"

const LEVELS = ["debug", "log", "info", "warn", "error"] as const
/** How deep values are shown, how many members, how much of a text. */
const DEPTH = 5
const MEMBERS = 60
const TEXT = 2_000
/** Elements in all trees together. */
const NODES = 3_000
/** Milliseconds in which lines gather, and how many are sent at once; more in that time are counted. */
const GATHER = 100
const LINES = 100

/** What there is to look into. */
export interface Sources {
	app(): unknown
	pages(): Pages
	wx: Record<string, unknown>
	config: ProgramConfig
}

/** Watches the program from now on. Call it before the program's own scripts run. */
export function inspect(port: HostPort): (sources: Sources) => void {
	const tell = (told: Inspected) => port.cast("inspect", told)
	followConsole((lines, missed) => tell({ lines, missed }))
	return (sources) => {
		const counted = countUpdates()
		port.on("inspect", (event) => {
			if (event.ev !== "inspect") return
			try {
				if (event.ask === "tree") tell({ tree: treeOf(sources), updates: counted() })
				else if (event.ask === "system") tell({ system: systemOf(sources.wx) })
				else store(sources.wx, event.key ?? "", event.value ?? null)
			} catch (error) {
				console.error(error)
			}
		})
	}
}

/** Every line goes to the browser's console as before, and to the host. */
function followConsole(send: (lines: Line[], missed: number) => void): void {
	let waiting: Line[] = []
	let missed = 0
	const flush = () => {
		send(waiting, missed)
		waiting = []
		missed = 0
	}
	for (const level of LEVELS) {
		const plain = console[level].bind(console)
		console[level] = (...values: unknown[]) => {
			plain(...values)
			if (waiting.length === 0 && missed === 0) setTimeout(flush, GATHER)
			if (waiting.length >= LINES) missed++
			else waiting.push({ level, at: Date.now(), values: values.map((value) => show(value)) })
		}
	}
}

/** A value as it is shown: plain data whatever it was. */
export function show(value: unknown, depth = 0, above: unknown[] = []): Shown {
	if (typeof value === "string") return { kind: "string", text: cut(value) }
	if (typeof value === "function") return { kind: "function", text: `ƒ ${value.name}()` }
	if (typeof value !== "object" || value === null) return { kind: "value", text: String(value) }
	if (above.includes(value)) return { kind: "value", text: "↺" }
	try {
		if (value instanceof Error)
			return { kind: "error", text: cut(value.stack || `${value.name}: ${value.message}`) }
		if (value instanceof Node) return { kind: "value", text: `<${value.nodeName.toLowerCase()}>` }
		if (value instanceof Date) return { kind: "value", text: value.toJSON() ?? String(value) }
		const list = Array.isArray(value)
		const name = list ? `Array(${value.length})` : (value.constructor?.name ?? "Object")
		if (depth >= DEPTH) return { kind: "object", text: name }
		const entries = value instanceof Map ? [...value] : Object.entries(value)
		const members = entries
			.slice(0, MEMBERS)
			.map(([key, member]): [string, Shown] => [
				cut(String(key), 100),
				show(member, depth + 1, [...above, value]),
			])
		if (entries.length > MEMBERS)
			members.push(["…", { kind: "value", text: `+${entries.length - MEMBERS}` }])
		return { kind: "object", text: name, members }
	} catch (error) {
		return { kind: "value", text: `! ${String(error)}` } // a getter of the program's
	}
}

const cut = (text: string, most = TEXT) => (text.length > most ? `${text.slice(0, most)}…` : text)

/** Counts how often data is set, and how long that takes. */
function countUpdates(): () => { count: number; ms: number } {
	const counted = { count: 0, ms: 0 }
	const component = glassEasel.Component.prototype as unknown as {
		setData(this: unknown, ...rest: unknown[]): unknown
	}
	const { setData } = component
	component.setData = function (...rest) {
		const began = performance.now()
		try {
			return setData.apply(this, rest)
		} finally {
			counted.count++
			counted.ms += performance.now() - began
		}
	}
	return () => ({ ...counted })
}

/** The open pages, the one on top last, below the app with its data. */
function treeOf({ app, pages, config }: Sources): TreeNode[] {
	const left = { nodes: NODES }
	const data = (app() as { globalData?: unknown } | undefined)?.globalData
	const known: TreeNode = { tag: "App", text: "", data: show(data ?? {}), children: [] }
	const open = pages().opened.flatMap((root) => nodesOf(root, config, left))
	return [known, ...open]
}

function nodesOf(node: unknown, config: ProgramConfig, left: { nodes: number }): TreeNode[] {
	if (left.nodes-- <= 0) return []
	if (glassEasel.TextNode.isTextNode(node)) {
		const text = node.textContent.trim()
		return text ? [{ tag: "", text: cut(text, 200), children: [] }] : []
	}
	const element = node as glassEasel.Element & { is?: string; id: string; class: string }
	const children = element.childNodes.flatMap((child) => nodesOf(child, config, left))
	if (glassEasel.VirtualNode.isVirtualNode(node)) return children
	const is = element.is ?? ""
	const made: TreeNode = { tag: is.split("/").at(-1) || is, text: marks(element), children }
	if (glassEasel.Component.isComponent(node) && config.components[is]) {
		const own = (node as glassEasel.GeneralComponent).getShadowRoot()
		made.tag = is
		made.data = show((node as glassEasel.GeneralComponent).data)
		if (own) {
			const inside = own.childNodes.flatMap((child) => nodesOf(child, config, left))
			if (children.length === 0) made.children = inside
			else made.children = [{ tag: "#shadow", text: "", children: inside }, ...children]
		}
	}
	return [made]
}

function marks({ id, class: names }: { id: string; class: string }): string {
	return `${id ? `#${id}` : ""}${names ? `.${names.trim().split(/\s+/).join(".")}` : ""}`
}

function systemOf(wx: Record<string, unknown>): Shown {
	const ask = (name: string) => (wx[name] as (() => unknown) | undefined)?.()
	return show({
		system: ask("getSystemInfoSync"),
		launch: ask("getLaunchOptionsSync"),
		capsule: ask("getMenuButtonBoundingClientRect"),
	})
}

/** Changes what the program keeps as the program would; null takes it away. */
function store(wx: Record<string, unknown>, key: string, value: string | null): void {
	if (value === null) (wx.removeStorageSync as (key: string) => void)(key)
	else (wx.setStorageSync as (key: string, data: unknown) => void)(key, JSON.parse(value))
}
