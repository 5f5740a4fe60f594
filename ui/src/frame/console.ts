// The console of a program as a developer reads it in the host: lines of plain data.

import type { Line, Shown } from "../lib/host/protocol"

const LEVELS = ["debug", "log", "info", "warn", "error"] as const
/** How deep values are shown, how many members, how much of a text. */
const DEPTH = 5
const MEMBERS = 60
const TEXT = 2_000
/** Milliseconds in which lines gather, and how many are sent at once; more in that time are counted. */
const GATHER = 100
const LINES = 100

/** Every line goes to the browser's console as before, and to the host. */
export function followConsole(send: (lines: Line[], missed: number) => void): void {
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

export const cut = (text: string, most = TEXT) =>
	text.length > most ? `${text.slice(0, most)}…` : text
