// Requests, uploads and downloads. The host sends them, through Plaza's server and to declared hosts only; here they
// get WeChat's shape: what is sent, what comes back, and the words of what failed.

import type { Init, NetworkEvent } from "../../lib/host/protocol"
import { HostError, type HostPort } from "../port"
import type { Report } from "../program"
import type { Options } from "./api"
import type { Files } from "./files"
import { bodyOf, joined, multipart, read } from "./payload"
import { socketApi } from "./socket"

/** How many requests a program has open at once; the next ones wait (WeChat's own limit). */
const AT_ONCE = 10
/** Milliseconds until a request is given up when nobody says otherwise (WeChat's own). */
const PATIENCE = 60_000

/** What the host answers before the bytes. */
interface Head {
	status: number
	header: Record<string, string>
	url: string
	cookies: string[]
}

/** One exchange as it is asked of the host. */
interface Sent {
	kind: "request" | "upload" | "download"
	url: string
	method: string
	header: Record<string, unknown>
	timeout: number
	chunked?: boolean
}

type Heard = (detail: unknown) => void

/** An error that the network names as Chromium does, and its number. */
const NUMBERS: Record<string, number> = {
	"net::ERR_FAILED": -2,
	"net::ERR_CONNECTION_RESET": -101,
	"net::ERR_CONNECTION_REFUSED": -102,
	"net::ERR_NAME_NOT_RESOLVED": -105,
	"net::ERR_INTERNET_DISCONNECTED": -106,
	"net::ERR_SSL_PROTOCOL_ERROR": -107,
	"net::ERR_CONNECTION_TIMED_OUT": -118,
	"net::ERR_CERT_INVALID": -207,
}

const DENIED: [words: string, errno: number] = ["url not in domain list", 600002]
const WORDS: Record<string, [words: string, errno: number]> = {
	domain_undeclared: DENIED,
	address_private: DENIED,
	network_url: DENIED,
	network_timeout: ["timeout", 5],
	network_slow: ["timeout", 5],
	network_busy: ["exceed max task count", 600001],
	redirect_refused: ["redirect refused", 600001],
	answer_too_large: ["the response is too large", 600001],
	args_too_large: ["the request is too large", 600001],
	aborted: ["abort", 600001],
}

/** Why an exchange failed, in WeChat's words. */
export function failed(name: string, error: unknown): Record<string, unknown> {
	if (!(error instanceof HostError))
		return { errMsg: `${name}:fail ${error instanceof Error ? error.message : String(error)}` }
	const known = WORDS[error.code]
	if (known) return { errMsg: `${name}:fail ${known[0]}`, errno: known[1], code: error.code }
	if (error.code === "unreachable" || error.code === "offline") {
		const reason = typeof error.data.reason === "string" ? error.data.reason : "net::ERR_FAILED"
		const number = NUMBERS[reason]
		const words =
			number === undefined
				? reason
				: `errcode:${number} cronet_error_code:${number} error_msg:${reason}`
		return { errMsg: `${name}:fail ${words}`, errno: 600001, code: error.code }
	}
	return { errMsg: `${name}:fail ${error.message}`, code: error.code }
}

/** Tells the callbacks of an API that answers a task at once. */
export function callbacks(name: string, options: Options, report: Report) {
	const call = (run: unknown, result: unknown) => {
		try {
			if (typeof run === "function") (run as Heard)(result)
		} catch (error) {
			report(error, `callback of wx.${name}`)
		}
	}
	return {
		succeed(result: object) {
			const told = { errMsg: `${name}:ok`, ...result }
			call(options.success, told)
			call(options.complete, told)
		},
		fail(error: unknown) {
			const told = failed(name, error)
			call(options.fail, told)
			call(options.complete, told)
		},
	}
}

/** Those who listen to one task's events. */
export class Hearers {
	readonly #all = new Map<string, Set<Heard>>()
	readonly #report: Report

	constructor(report: Report) {
		this.#report = report
	}

	/** `on…` and `off…` for each name. */
	api(names: string[]): Record<string, (heard?: Heard) => void> {
		const api: Record<string, (heard?: Heard) => void> = {}
		for (const name of names) {
			const set = new Set<Heard>()
			this.#all.set(name, set)
			api[`on${name}`] = (heard) => void (typeof heard === "function" && set.add(heard))
			api[`off${name}`] = (heard) => void (heard ? set.delete(heard) : set.clear())
		}
		return api
	}

	tell(name: string, detail: unknown): void {
		for (const heard of this.#all.get(name) ?? [])
			try {
				heard(detail)
			} catch (error) {
				this.#report(error, `on${name}`)
			}
	}
}

/** Lets so many run at once; the others wait in the order in which they came. */
class Turns {
	#running = 0
	readonly #waiting: (() => void)[] = []

	async take(): Promise<void> {
		if (this.#running < AT_ONCE) {
			this.#running++
			return
		}
		await new Promise<void>((go) => this.#waiting.push(go))
	}

	leave(): void {
		const next = this.#waiting.shift()
		if (next) next()
		else this.#running--
	}
}

/** The exchanges of a program. */
class Exchanges {
	readonly #port: HostPort
	readonly #turns = new Turns()
	readonly #heard: Map<number, (event: NetworkEvent) => void>
	#last = 0

	constructor(port: HostPort, heard: Map<number, (event: NetworkEvent) => void>) {
		this.#port = port
		this.#heard = heard
	}

	/** Starts one; `hear` gets what is told on the way. */
	start(
		make: () => Promise<{ sent: Sent; body: ArrayBuffer | undefined }>,
		hear: (event: NetworkEvent) => void,
	): { done: Promise<{ head: Head; bytes: ArrayBuffer }>; abort(): void } {
		const task = ++this.#last
		let given = false
		const aborted = () => {
			if (given) throw new HostError({ message: "abort", code: "aborted" })
		}
		const run = async () => {
			const { sent, body } = await make()
			await this.#turns.take()
			try {
				aborted()
				this.#heard.set(task, (event) => !given && hear(event))
				const told = await this.#port.carry("networkSend", { task, ...sent }, body)
				aborted()
				return { head: told.result as Head, bytes: told.bytes ?? new ArrayBuffer(0) }
			} catch (error) {
				aborted()
				throw error
			} finally {
				this.#heard.delete(task)
				this.#turns.leave()
			}
		}
		return {
			done: run(),
			abort: () => {
				given = true
				if (this.#heard.has(task)) this.#port.cast("networkAbort", { task })
			},
		}
	}
}

function addressOf(options: Options): string {
	if (typeof options.url !== "string")
		throw new Error(
			`parameter error: parameter.url should be String instead of ${kindOf(options.url)};`,
		)
	if (!/^https?:\/\/./i.test(options.url)) throw new Error(`invalid url "${options.url}"`)
	return options.url
}

function kindOf(value: unknown): string {
	return Object.prototype.toString.call(value).slice(8, -1)
}

/** `wx.request`, `wx.uploadFile`, `wx.downloadFile` and the sockets; each answers a task at once. */
export function networkApi(
	port: HostPort,
	files: Files,
	init: Init,
	report: Report,
): Record<string, unknown> {
	const heard = new Map<number, (event: NetworkEvent) => void>()
	port.on("network", (event) => {
		if (event.ev === "network") heard.get(event.task)?.(event)
	})
	const exchanges = new Exchanges(port, heard)
	const patience = (name: string, options: Options) => {
		const own = init.config?.app?.networkTimeout?.[name]
		const asked = Number(options.timeout ?? own ?? PATIENCE)
		return asked > 0 ? asked : PATIENCE
	}
	const headerOf = (options: Options) => ({ ...(options.header as Record<string, unknown>) })

	function request(options: Options = {}): object {
		const told = callbacks("request", options, report)
		const hearers = new Hearers(report)
		const chunked = options.enableChunked === true
		const { done, abort } = exchanges.start(
			async () => {
				const method = String(options.method ?? "GET").toUpperCase()
				const { query, body, header } = bodyOf(method, options.data, headerOf(options))
				const url = joined(addressOf(options), query)
				const timeout = patience("request", options)
				return { sent: { kind: "request", url, method, header, timeout, chunked }, body }
			},
			(event) => {
				if (event.what === "head")
					hearers.tell("HeadersReceived", {
						header: event.header,
						statusCode: event.status,
						cookies: event.cookies,
					})
				if (event.what === "chunk") hearers.tell("ChunkReceived", { data: event.data })
			},
		)
		done.then(
			({ head, bytes }) =>
				told.succeed({
					data: read(bytes, head.header, options),
					statusCode: head.status,
					header: head.header,
					cookies: head.cookies,
				}),
			told.fail,
		)
		return { abort, ...hearers.api(["HeadersReceived", "ChunkReceived"]) }
	}

	function uploadFile(options: Options = {}): object {
		const told = callbacks("uploadFile", options, report)
		const hearers = new Hearers(report)
		const { done, abort } = exchanges.start(
			async () => {
				const url = addressOf(options)
				const path = String(options.filePath ?? "")
				const file = await files.fetch(path)
				const form = multipart(path, file, String(options.name ?? "file"), options.formData)
				const header = { ...withoutType(headerOf(options)), "Content-Type": form.type }
				const timeout = patience("uploadFile", options)
				return { sent: { kind: "upload", url, method: "POST", header, timeout }, body: form.body }
			},
			(event) => {
				if (event.what === "head") hearers.tell("HeadersReceived", { header: event.header })
				if (event.what === "sent")
					hearers.tell("ProgressUpdate", {
						progress: percent(event.done, event.all),
						totalBytesSent: event.done,
						totalBytesExpectedToSend: event.all,
					})
			},
		)
		done.then(
			({ head, bytes }) =>
				told.succeed({
					data: read(bytes, head.header, { dataType: "text" }),
					statusCode: head.status,
					header: head.header,
				}),
			told.fail,
		)
		return { abort, ...hearers.api(["ProgressUpdate", "HeadersReceived"]) }
	}

	function downloadFile(options: Options = {}): object {
		const told = callbacks("downloadFile", options, report)
		const hearers = new Hearers(report)
		const { done, abort } = exchanges.start(
			async () => {
				const url = addressOf(options)
				const timeout = patience("downloadFile", options)
				const header = headerOf(options)
				return { sent: { kind: "download", url, method: "GET", header, timeout }, body: undefined }
			},
			(event) => {
				if (event.what === "head") hearers.tell("HeadersReceived", { header: event.header })
				if (event.what === "got")
					hearers.tell("ProgressUpdate", {
						progress: percent(event.done, event.all),
						totalBytesWritten: event.done,
						totalBytesExpectedToWrite: event.all,
					})
			},
		)
		done
			.then(async ({ head, bytes }) => {
				const answer = {
					statusCode: head.status,
					header: head.header,
					dataLength: bytes.byteLength,
				}
				if (typeof options.filePath === "string" && options.filePath !== "") {
					files.write(options.filePath, new Uint8Array(bytes))
					return { ...answer, filePath: options.filePath }
				}
				const type = typeOf(head.header)
				return { ...answer, tempFilePath: await files.keepWhole(new Blob([bytes], { type })) }
			})
			.then(told.succeed, told.fail)
		return { abort, ...hearers.api(["ProgressUpdate", "HeadersReceived"]) }
	}

	return {
		request,
		uploadFile,
		downloadFile,
		...socketApi(port, heard, patience, report),
	}
}

function percent(done: number, all: number): number {
	return all > 0 ? Math.min(100, Math.floor((done / all) * 100)) : 0
}

/** A form names its own kind. */
function withoutType(header: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(header).filter(([name]) => name.toLowerCase() !== "content-type"),
	)
}

function typeOf(header: Record<string, string>): string {
	const found = Object.entries(header).find(([name]) => name.toLowerCase() === "content-type")
	return found?.[1].split(";")[0]?.trim() ?? ""
}
