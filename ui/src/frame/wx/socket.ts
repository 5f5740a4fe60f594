// Sockets: a task for each, and WeChat's old functions that speak of "the" socket, which is the first that is open.

import type { NetworkEvent } from "../../lib/host/protocol"
import { HostError, type HostPort } from "../port"
import type { Report } from "../program"
import type { Options } from "./api"
import { bytesOf } from "./files"
import { callbacks, Hearers } from "./network"

/** How many sockets a program has open at once (WeChat's own limit). */
const AT_ONCE = 5

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

const EVENTS = ["Open", "Message", "Error", "Close"]

interface Socket {
	task: Record<string, unknown>
	state: number
	/** Whether the program asked for its end. */
	ended: boolean
}

/** `wx.connectSocket` and the functions of the one socket. */
export function socketApi(
	port: HostPort,
	heard: Map<number, (event: NetworkEvent) => void>,
	patience: (name: string, options: Options) => number,
	report: Report,
): Record<string, unknown> {
	const open: Socket[] = []
	const everybody = new Hearers(report)
	const { onOpen, onMessage, onError, onClose } = everybody.api(EVENTS)
	let last = 0

	function connectSocket(options: Options = {}): unknown {
		const told = callbacks("connectSocket", options, report)
		const id = --last // exchanges count upwards, so no task is both
		const hearers = new Hearers(report)
		const socket: Socket = { task: {}, state: CONNECTING, ended: false }
		const tell = (name: string, detail: unknown) => {
			hearers.tell(name, detail)
			if (open[0] === socket) everybody.tell(name, detail)
		}
		const close = (code: number, reason: string) => {
			if (socket.state === CLOSED) return
			socket.state = CLOSED
			heard.delete(id)
			tell("Close", { code, reason })
			open.splice(open.indexOf(socket), 1)
		}
		const end = (code: number, reason: string) => {
			socket.ended = true
			if (socket.state < CLOSING) socket.state = CLOSING
			port.cast("socketClose", { task: id, code, reason })
		}
		Object.assign(socket.task, {
			...hearers.api(EVENTS),
			CONNECTING,
			OPEN,
			CLOSING,
			CLOSED,
			send: (message: Options = {}) => void send(port, id, socket, message, "send", report),
			close(given: Options = {}) {
				const closed = callbacks("close", given, report)
				if (socket.state >= CLOSING) return closed.fail(new Error("socket is not connected"))
				end(Number(given.code ?? 1000), String(given.reason ?? ""))
				closed.succeed({})
			},
		})
		Object.defineProperty(socket.task, "readyState", { get: () => socket.state, enumerable: true })
		const refusal = refused(options, open.length)
		if (refusal) {
			socket.state = CLOSED
			queueMicrotask(() => told.fail(refusal))
			return socket.task
		}
		open.push(socket)
		heard.set(id, (event) => {
			if (event.what === "message" && socket.state === OPEN) tell("Message", { data: event.data })
			if (event.what === "close") close(event.code, event.reason)
		})
		port
			.call("socketOpen", {
				task: id,
				url: options.url,
				header: options.header ?? {},
				protocols: protocolsOf(options),
				timeout: patience("connectSocket", options),
			})
			.then(
				(answer) => {
					if (socket.state !== CONNECTING) return
					socket.state = OPEN
					tell("Open", { header: {}, ...(answer as object) })
				},
				(error: unknown) => {
					if (socket.state === CLOSED) return
					let message = ""
					callbacks("connectSocket", { fail: (f: unknown) => (message = errMsg(f)) }, report).fail(
						error,
					)
					if (!socket.ended) tell("Error", { errMsg: message })
					close(socket.ended ? 1000 : 1006, socket.ended ? "" : "abnormal closure")
				},
			)
		// The call worked once the socket is being made, whatever becomes of it.
		queueMicrotask(() => told.succeed({ socketTaskId: -id }))
		return socket.task
	}

	const first = () => open[0]
	return {
		connectSocket,
		sendSocketMessage(options: Options = {}) {
			const socket = first()
			if (socket) (socket.task.send as (o: Options) => void)(options)
			else callbacks("sendSocketMessage", options, report).fail(notConnected())
		},
		closeSocket(options: Options = {}) {
			const socket = first()
			if (socket) (socket.task.close as (o: Options) => void)(options)
			else callbacks("closeSocket", options, report).fail(notConnected())
		},
		onSocketOpen: onOpen,
		onSocketMessage: onMessage,
		onSocketError: onError,
		onSocketClose: onClose,
	}
}

const notConnected = () => new Error("WebSocket is not connected")

const errMsg = (failure: unknown) => String((failure as { errMsg?: unknown }).errMsg)

function protocolsOf(options: Options): string[] {
	if (typeof options.protocols === "string") return [options.protocols]
	return Array.isArray(options.protocols) ? options.protocols.map(String) : []
}

function refused(options: Options, already: number): Error | null {
	if (typeof options.url !== "string" || !/^wss?:\/\/./i.test(options.url))
		return new Error(`invalid url "${String(options.url)}"`)
	if (already >= AT_ONCE)
		return new HostError({ message: "exceed max task count", code: "network_busy" })
	return null
}

async function send(
	port: HostPort,
	task: number,
	socket: Socket,
	options: Options,
	name: string,
	report: Report,
): Promise<void> {
	const told = callbacks(name, options, report)
	if (socket.state !== OPEN) return told.fail(notConnected())
	try {
		const { data } = options
		if (typeof data === "string") await port.call("socketSend", { task, data })
		else await port.carry("socketSend", { task }, bytesOf(data).buffer)
		told.succeed({})
	} catch (error) {
		told.fail(error)
	}
}
