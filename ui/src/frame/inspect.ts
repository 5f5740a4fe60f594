// What a developer sees of a program while it runs: its console, its pages as trees with their data, what it knows
// of the device. Nothing of this happens unless the host asks for it, which it does for trial versions.

import * as glassEasel from "glass-easel"
import type { Inspected, ProgramConfig, Shown, TreeNode } from "../lib/host/protocol"
import { cut, followConsole, show } from "./console"
import type { Pages } from "./pages"
import type { HostPort } from "./port"

/** Elements in all trees together. */
const NODES = 3_000

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
