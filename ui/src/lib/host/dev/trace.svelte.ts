// What is collected of a program for its developer: console, calls to the server, trees. All of it was written by
// the program: it is checked by type and size, and shown as text.

import { type FrameMessage, isFields, words } from "../checks"
import type { Line, ProgramError, Shown, TreeNode } from "../protocol"

/** Lines and calls that are kept; the oldest go first. */
const KEPT = 500
const LEVELS = ["debug", "log", "info", "warn", "error"]
const KINDS = ["string", "value", "function", "error", "object"]
const TEXT = 4_000
const MEMBERS = 100
const DEPTH = 8
const TREE_DEPTH = 60

/** A call that left the frame, and what became of it. */
export interface Call {
	id: number
	name: string
	/** What was asked for: an address, a method's arguments. */
	asked: string
	at: number
	/** Null while it is under way. */
	status: string | null
	ok: boolean
	ms: number
	/** Characters or bytes of the answer. */
	size: number
	answer: string
}

/** Methods that draw something or ask the person; they are no traffic. */
const DRAWN = ["modal", "actionSheet", "scanCode", "setClipboardData"]

export class Trace {
	lines = $state.raw<(Line & { id: number })[]>([])
	calls = $state.raw<Call[]>([])
	tree = $state.raw<TreeNode[] | null>(null)
	system = $state.raw<Shown | null>(null)
	updates = $state.raw({ count: 0, ms: 0 })
	missed = $state(0)
	#last = 0

	/** The frame tells something that it was asked for. */
	hear(args: unknown): void {
		if (!isFields(args)) return
		const { lines, missed, tree, system, updates } = args
		if (Array.isArray(lines)) this.#add(lines.map(checkLine).filter((line) => line !== null))
		if (typeof missed === "number") this.missed += missed
		if (Array.isArray(tree)) this.tree = tree.map((node) => checkNode(node))
		if (isFields(system)) this.system = checkShown(system)
		if (isFields(updates))
			this.updates = { count: Number(updates.count) || 0, ms: Number(updates.ms) || 0 }
	}

	/** An error that nobody caught. */
	failed({ message, stack, where }: ProgramError): void {
		const text = stack.includes(message) ? stack : [message, stack].filter(Boolean).join("\n")
		const values: Shown[] = [
			{ kind: "error", text },
			{ kind: "value", text: where },
		]
		this.#add([{ level: "error", at: Date.now(), values }])
	}

	/** A call begins; answers what hears of its end. */
	called({
		method,
		args,
		bytes,
	}: FrameMessage): ((answer: unknown, error: unknown) => void) | null {
		if (DRAWN.includes(method)) return null
		const began = performance.now()
		const call: Call = {
			id: ++this.#last,
			...named(method, args, bytes),
			at: Date.now(),
			status: null,
			ok: true,
			ms: 0,
			size: 0,
			answer: "",
		}
		this.calls = [...this.calls, call].slice(-KEPT)
		return (answer, error) => {
			const text = json(error ?? answer)
			const ended: Call = {
				...call,
				...outcome(answer, error),
				ms: performance.now() - began,
				size: carried(answer) ?? text.length,
				answer: text.slice(0, TEXT),
			}
			this.calls = this.calls.map((one) => (one.id === call.id ? ended : one))
		}
	}

	clear(what: "lines" | "calls"): void {
		this[what] = []
		if (what === "lines") this.missed = 0
	}

	#add(lines: Line[]): void {
		const numbered = lines.map((line) => ({ ...line, id: ++this.#last }))
		this.lines = [...this.lines, ...numbered].slice(-KEPT)
	}
}

function named(method: string, args: unknown, bytes: ArrayBuffer | undefined) {
	const given = isFields(args) ? args : {}
	const more = bytes ? ` + ${bytes.byteLength} B` : ""
	if (typeof given.url === "string")
		return {
			name: words(given.method || given.kind || "GET"),
			asked: given.url.slice(0, TEXT) + more,
		}
	const [name, asked] =
		method === "bridge"
			? [words(given.method), given.args]
			: method === "callFunction"
				? [`${words(given.name)}()`, given.data]
				: [method, args]
	return { name, asked: json(asked).slice(0, TEXT) + more }
}

function outcome(answer: unknown, error: unknown): Pick<Call, "status" | "ok"> {
	if (isFields(error)) {
		const said = words(error.code) || words(error.message)
		return { status: [error.status || "", said].join(" ").trim(), ok: false }
	}
	const told = isFields(answer) && isFields(answer.result) ? answer.result : answer
	const status = isFields(told) && typeof told.status === "number" ? told.status : 200
	return { status: String(status), ok: status < 400 }
}

function carried(answer: unknown): number | undefined {
	const bytes = isFields(answer) ? answer.bytes : undefined
	return bytes instanceof ArrayBuffer ? bytes.byteLength : undefined
}

function json(value: unknown): string {
	try {
		return JSON.stringify(value, null, "\t") ?? ""
	} catch {
		return String(value)
	}
}

function checkLine(value: unknown): Line | null {
	if (!isFields(value) || !LEVELS.includes(words(value.level))) return null
	const values = Array.isArray(value.values) ? value.values.slice(0, MEMBERS) : []
	return {
		level: value.level as Line["level"],
		at: typeof value.at === "number" ? value.at : Date.now(),
		values: values.map((one) => checkShown(one)),
	}
}

export function checkShown(value: unknown, depth = 0): Shown {
	const told = isFields(value) ? value : {}
	const kind = KINDS.includes(words(told.kind)) ? (told.kind as Shown["kind"]) : "value"
	const shown: Shown = { kind, text: words(told.text, TEXT) }
	if (!Array.isArray(told.members) || depth >= DEPTH) return shown
	const members = told.members.filter(Array.isArray).slice(0, MEMBERS)
	shown.members = members.map(([name, member]) => [words(name), checkShown(member, depth + 1)])
	return shown
}

function checkNode(value: unknown, depth = 0): TreeNode {
	const told = isFields(value) ? value : {}
	const children = Array.isArray(told.children) && depth < TREE_DEPTH ? told.children : []
	return {
		tag: words(told.tag),
		text: words(told.text),
		...(told.data === undefined ? {} : { data: checkShown(told.data) }),
		children: children.map((child) => checkNode(child, depth + 1)),
	}
}
