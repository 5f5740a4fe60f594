import { beforeEach, describe, expect, test, vi } from "vitest"
import type { HostEvent, Init, NetworkEvent } from "../../lib/host/protocol"
import { HostError, type HostPort, type Told } from "../port"
import type { Files } from "./files"
import { networkApi } from "./network"

type Ask = { method: string; args: Record<string, unknown>; bytes: ArrayBuffer | undefined }
type Task = Record<string, (...args: unknown[]) => unknown> & { readyState: number }

let asked: Ask[]
let cast: [string, unknown][]
let answer: (ask: Ask) => Promise<Told>
let tell: (event: NetworkEvent) => void
let wx: Record<string, (options?: Record<string, unknown>) => Task>
const reported: unknown[] = []

const head = { status: 200, header: {}, url: "", cookies: ["a=1"] }
const bytes = (said: string) => new TextEncoder().encode(said).buffer as ArrayBuffer
const host = (code: string, data: object = {}) =>
	new HostError({ message: "no", code, data: data as Record<string, unknown> })

/** Lets the host wait with its answer. */
function held(): () => void {
	let go: () => void = () => {}
	answer = () => new Promise((done) => (go = () => done({ result: head, bytes: bytes('{"a":1}') })))
	return () => go()
}

beforeEach(() => {
	asked = []
	cast = []
	reported.length = 0
	answer = async () => ({ result: head, bytes: bytes('{"a":1}') })
	const port: HostPort = {
		carry(method, args, sent) {
			const ask = { method, args: args as Ask["args"], bytes: sent }
			asked.push(ask)
			return answer(ask)
		},
		call: async (method, args) => (await port.carry(method, args)).result,
		cast: (method, args) => void cast.push([method, args]),
		on: (_name, listener) => (tell = listener as (event: HostEvent) => void),
	}
	const files = {
		fetch: async () => ({ bytes: bytes("FILE"), type: "text/plain" }),
		keepWhole: async (blob: Blob) => `blob:${blob.size}`,
		write: vi.fn(),
	} as unknown as Files
	const init = { config: { app: { networkTimeout: { request: 5_000 } } } } as unknown as Init
	wx = networkApi(port, files, init, (error) => reported.push(error)) as typeof wx
})

/** Calls it and waits for what it says. */
function end(name: string, options: Record<string, unknown>): Promise<Record<string, unknown>> {
	return new Promise((complete) => wx[name]?.({ ...options, complete }))
}

const url = "https://api.example.com/v1"

describe("wx.request", () => {
	test("answers a task at once, and WeChat's shape later", async () => {
		const go = held()
		const seen: string[] = []
		const done = new Promise((complete) => {
			const task = wx.request?.({
				url,
				data: { q: 1 },
				success: () => seen.push("success"),
				complete,
			})
			task?.onHeadersReceived?.((detail: unknown) => seen.push(JSON.stringify(detail)))
		})
		await vi.waitFor(() => expect(asked).toHaveLength(1))
		expect(asked[0]?.args).toMatchObject({
			kind: "request",
			url: `${url}?q=1`,
			method: "GET",
			timeout: 5_000,
		})
		tell({
			ev: "network",
			task: asked[0]?.args.task as number,
			what: "head",
			status: 200,
			header: {},
			cookies: [],
		})
		go()
		expect(await done).toEqual({
			errMsg: "request:ok",
			data: { a: 1 },
			statusCode: 200,
			header: {},
			cookies: ["a=1"],
		})
		expect(seen).toEqual(['{"header":{},"statusCode":200,"cookies":[]}', "success"])
	})

	test.each([
		[host("domain_undeclared"), "request:fail url not in domain list", 600002],
		[host("network_url"), "request:fail url not in domain list", 600002],
		[host("network_timeout"), "request:fail timeout", 5],
		[host("network_busy"), "request:fail exceed max task count", 600001],
		[
			host("unreachable", { reason: "net::ERR_NAME_NOT_RESOLVED" }),
			"request:fail errcode:-105 cronet_error_code:-105 error_msg:net::ERR_NAME_NOT_RESOLVED",
			600001,
		],
		[host("quota_exceeded"), "request:fail no", undefined],
	])("%s fails as in WeChat", async (error, errMsg, errno) => {
		answer = () => Promise.reject(error)
		expect(await end("request", { url })).toMatchObject({ errMsg, ...(errno ? { errno } : {}) })
	})

	test("an address that is none never leaves the frame", async () => {
		expect(await end("request", {})).toMatchObject({
			errMsg: "request:fail parameter error: parameter.url should be String instead of Undefined;",
		})
		expect(await end("request", { url: "/v1" })).toMatchObject({
			errMsg: 'request:fail invalid url "/v1"',
		})
		expect(asked).toEqual([])
	})

	test("abort ends one that is under way, and one that has not begun", async () => {
		answer = () => new Promise(() => {})
		const ends: Record<string, unknown>[] = []
		const fail = (failure: unknown) => ends.push(failure as Record<string, unknown>)
		const tasks = Array.from({ length: 11 }, () => wx.request?.({ url, fail }))
		await vi.waitFor(() => expect(asked).toHaveLength(10))
		let reject: (error: unknown) => void = () => {}
		answer = () => new Promise((_resolve, no) => (reject = no))
		tasks[0]?.abort?.()
		expect(cast).toEqual([["networkAbort", { task: asked[0]?.args.task }]])
		tasks[10]?.abort?.()
		reject(host("aborted"))
		expect(asked).toHaveLength(10)
	})

	test("at most ten are open; the next ones wait for their turn", async () => {
		const answers: (() => void)[] = []
		answer = () =>
			new Promise((done) => answers.push(() => done({ result: head, bytes: undefined })))
		const done = Array.from({ length: 25 }, () => end("request", { url }))
		for (const most of [10, 20, 25]) {
			await vi.waitFor(() => expect(answers).toHaveLength(most))
			for (const go of answers.slice(most - 10)) go()
		}
		expect(await Promise.all(done)).toHaveLength(25)
	})

	test("a callback that throws is reported and stops nothing", async () => {
		const complete = vi.fn()
		wx.request?.({
			url,
			complete,
			success: () => {
				throw new Error("mine")
			},
		})
		await vi.waitFor(() => expect(complete).toHaveBeenCalled())
		expect(reported).toHaveLength(1)
	})
})

describe("files", () => {
	test("an upload is a form, says how far it is, and answers text", async () => {
		const go = held()
		const progress = vi.fn()
		const done = new Promise((complete) => {
			wx.uploadFile?.({
				url,
				filePath: "wxfile://usr/a.txt",
				name: "doc",
				formData: { n: 1 },
				header: { "content-type": "x" },
				complete,
			})?.onProgressUpdate?.(progress)
		})
		await vi.waitFor(() => expect(asked).toHaveLength(1))
		const { args, bytes: sent } = asked[0] as Ask
		expect(args).toMatchObject({ kind: "upload", method: "POST" })
		expect(Object.keys(args.header as object)).toEqual(["Content-Type"])
		expect(new TextDecoder().decode(sent)).toContain(
			'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nFILE',
		)
		tell({ ev: "network", task: args.task as number, what: "sent", done: 5, all: 10 })
		expect(progress).toHaveBeenCalledWith({
			progress: 50,
			totalBytesSent: 5,
			totalBytesExpectedToSend: 10,
		})
		go()
		expect(await done).toMatchObject({ errMsg: "uploadFile:ok", data: '{"a":1}', statusCode: 200 })
	})

	test("a download is a file of the program", async () => {
		expect(await end("downloadFile", { url })).toMatchObject({
			errMsg: "downloadFile:ok",
			tempFilePath: "blob:7",
			statusCode: 200,
		})
		const named = await end("downloadFile", { url, filePath: "wxfile://usr/x" })
		expect(named).toMatchObject({ filePath: "wxfile://usr/x" })
		expect(named).not.toHaveProperty("tempFilePath")
	})
})

describe("sockets", () => {
	const open = () => wx.connectSocket?.({ url: "wss://chat.example.com" }) as Task

	test("a socket opens, hears, sends and closes", async () => {
		answer = async () => ({ result: { protocol: "chat", header: { a: "b" } }, bytes: undefined })
		const heard: unknown[] = []
		const task = open()
		for (const name of ["Open", "Message", "Error", "Close"])
			task[`on${name}`]?.((detail: unknown) => heard.push([name, detail]))
		expect(task.readyState).toBe(0)
		await vi.waitFor(() => expect(task.readyState).toBe(1))
		const id = asked[0]?.args.task as number
		tell({ ev: "network", task: id, what: "message", data: "hello" })
		const sent = vi.fn()
		task.send?.({ data: "hi", success: sent })
		task.send?.({ data: new Uint8Array([1]).buffer })
		await vi.waitFor(() => expect(asked).toHaveLength(3))
		expect(asked[1]?.args).toEqual({ task: id, data: "hi" })
		expect(asked[2]?.bytes?.byteLength).toBe(1)
		await vi.waitFor(() => expect(sent).toHaveBeenCalled())
		task.close?.({ code: 4000, reason: "done" })
		expect(task.readyState).toBe(2)
		expect(cast).toEqual([["socketClose", { task: id, code: 4000, reason: "done" }]])
		tell({ ev: "network", task: id, what: "close", code: 4000, reason: "done" })
		expect(task.readyState).toBe(3)
		expect(heard).toEqual([
			["Open", { protocol: "chat", header: { a: "b" } }],
			["Message", { data: "hello" }],
			["Close", { code: 4000, reason: "done" }],
		])
	})

	test("one that cannot be opened says why, then that it is closed", async () => {
		answer = () => Promise.reject(host("domain_undeclared"))
		const heard: unknown[] = []
		const task = open()
		task.onError?.((detail: unknown) => heard.push(detail))
		task.onClose?.((detail: unknown) => heard.push(detail))
		await vi.waitFor(() => expect(heard).toHaveLength(2))
		expect(heard).toEqual([
			{ errMsg: "connectSocket:fail url not in domain list" },
			{ code: 1006, reason: "abnormal closure" },
		])
	})

	test("there are five at most, and none of another kind of address", async () => {
		answer = () => new Promise(() => {})
		for (let i = 0; i < 5; i++) open()
		expect(await end("connectSocket", { url: "wss://chat.example.com" })).toMatchObject({
			errMsg: "connectSocket:fail exceed max task count",
		})
		expect(await end("connectSocket", { url: "https://chat.example.com" })).toMatchObject({
			errMsg: 'connectSocket:fail invalid url "https://chat.example.com"',
		})
	})

	test("the old functions speak of the first socket that is open", async () => {
		answer = async () => ({ result: {}, bytes: undefined })
		const heard: unknown[] = []
		const listen = wx.onSocketMessage as unknown as (heard: (detail: unknown) => void) => void
		listen((detail) => heard.push(detail))
		expect(await end("sendSocketMessage", { data: "x" })).toMatchObject({
			errMsg: "sendSocketMessage:fail WebSocket is not connected",
		})
		const [first, second] = [open(), open()]
		await vi.waitFor(() => expect([first.readyState, second.readyState]).toEqual([1, 1]))
		tell({ ev: "network", task: asked[1]?.args.task as number, what: "message", data: "second" })
		tell({ ev: "network", task: asked[0]?.args.task as number, what: "message", data: "first" })
		expect(heard).toEqual([{ data: "first" }])
		wx.closeSocket?.()
		expect([first.readyState, second.readyState]).toEqual([2, 1])
	})
})
