// `wx.createWorker`: a script of the package in a thread of its own. It has no `wx`, no network and no page; it hears
// what it is sent and answers.

import type { ProgramConfig } from "../../lib/host/protocol"
import type { Packaged } from "../packaged"
import { plainPath } from "../packaged"

/** Workers of one program at a time (WeChat's own limit). */
const AT_ONCE = 1

// Taken before the realm is sealed: a program makes none of its own.
const Native = globalThis.Worker

type Heard = (told: unknown) => void

/** `wx.createWorker`. */
export function workerApi(config: ProgramConfig, pack: Packaged) {
	let running = 0
	return {
		createWorker(path: unknown): object {
			const script = plainPath(String(path ?? ""))
			const root = config.workers ?? ""
			if (!root || !script.startsWith(`${root}/`))
				throw new Error(
					`createWorker:fail ${root ? "the script is not below " : "there are no workers in app.json"}${root}`,
				)
			if (running >= AT_ONCE)
				throw new Error("createWorker:fail exceed max concurrent worker limit")
			running++
			const heard = new Map<string, Set<Heard>>(
				["message", "error", "processkilled"].map((name) => [name, new Set()]),
			)
			const tell = (name: string, told: unknown) => {
				for (const run of heard.get(name) ?? []) run(told)
			}
			let worker: Worker | undefined
			let ended = false
			const waiting: unknown[] = []
			pack.part(root).then(
				(text) => {
					if (ended) return
					const address = URL.createObjectURL(
						new Blob([`(${thread})(${JSON.stringify(script)});\n`, text], {
							type: "text/javascript",
						}),
					)
					worker = new Native(address)
					URL.revokeObjectURL(address)
					worker.onmessage = ({ data }) => tell("message", data)
					worker.onerror = (event) => {
						event.preventDefault()
						tell("error", { message: event.message, filename: script, lineno: event.lineno })
					}
					for (const message of waiting.splice(0)) worker.postMessage(message)
				},
				(error: unknown) => tell("error", { message: String(error), filename: script }),
			)
			return {
				postMessage(message: unknown) {
					if (ended) return
					if (worker) worker.postMessage(message)
					else waiting.push(structuredClone(message))
				},
				terminate() {
					if (ended) return
					ended = true
					running--
					worker?.terminate()
				},
				onMessage: (run: Heard) => void heard.get("message")?.add(run),
				offMessage: (run?: Heard) =>
					void (run ? heard.get("message")?.delete(run) : heard.get("message")?.clear()),
				onError: (run: Heard) => void heard.get("error")?.add(run),
				onProcessKilled: (run: Heard) => void heard.get("processkilled")?.add(run),
				testOnProcessKilled() {},
			}
		},
	}
}

/** What stands before the script in its thread. It is sent as text, so it may use nothing from around it. */
function thread(entry: string): void {
	type Factory = (
		...names: unknown[]
	) => (require: unknown, module: object, exports: object) => void
	const scope = globalThis as unknown as Record<string, unknown>
	const gone =
		"fetch XMLHttpRequest WebSocket WebTransport EventSource importScripts indexedDB caches BroadcastChannel Worker SharedWorker"
	for (const name of gone.split(" ")) {
		let owner: object | null = globalThis
		for (; owner; owner = Object.getPrototypeOf(owner)) Reflect.deleteProperty(owner, name)
		Object.defineProperty(globalThis, name, { value: undefined })
	}
	const post = globalThis.postMessage.bind(globalThis) as (message: unknown) => void
	const heard = new Set<(message: unknown) => void>()
	globalThis.onmessage = ({ data }: MessageEvent) => {
		for (const run of heard) run(data)
	}
	const worker = {
		postMessage: (message: unknown) => post(message),
		onMessage: (run: (message: unknown) => void) => void heard.add(run),
		offMessage: (run?: (message: unknown) => void) =>
			void (run ? heard.delete(run) : heard.clear()),
		env: { USER_DATA_PATH: "wxfile://usr" },
	}
	const files = new Map<string, { factory: Factory; found: Record<string, string> }>()
	const loaded = new Map<string, { exports: object }>()
	const find = (from: string, request: string): string => {
		const parts = request.startsWith("/") ? [] : from.split("/").slice(0, -1)
		for (const part of request.split("/")) {
			if (part === "..") parts.pop()
			else if (part !== "" && part !== ".") parts.push(part)
		}
		const base = parts.join("/")
		const file = ["", ".js", "/index.js", ".json"]
			.map((end) => base + end)
			.find((one) => files.has(one))
		if (file === undefined) throw new Error(`module '${request}' is not defined`)
		return file
	}
	const load = (path: string): object => {
		const known = loaded.get(path)
		if (known) return known.exports
		const defined = files.get(path)
		if (!defined) throw new Error(`module '${path}' is not defined`)
		const module = { exports: {} }
		loaded.set(path, module)
		const require = (request: string) =>
			load(
				Object.hasOwn(defined.found, request)
					? (defined.found[request] as string)
					: find(path, request),
			)
		const names = [undefined, undefined, undefined, undefined, undefined, undefined, undefined]
		defined
			.factory(...names, globalThis, globalThis, undefined, globalThis)
			.call(module.exports, require, module, module.exports)
		return module.exports
	}
	Object.assign(scope, {
		worker,
		__d: (path: string, factory: Factory, found = {}) => void files.set(path, { factory, found }),
		__json: (path: string, value: object) =>
			void files.set(path, {
				factory: () => (_require, module) => Object.assign(module, { exports: value }),
				found: {},
			}),
		__run: () => {
			for (const name of ["__d", "__json", "__run"]) Reflect.deleteProperty(scope, name)
			load(find("", `/${entry}`))
		},
	})
}
