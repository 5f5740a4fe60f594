import type { HostEvent } from "../lib/host/protocol"

/** An error as the host sends it: words for people, a code and data for programs. */
export interface HostFailure {
	message: string
	code?: string
	status?: number
	data?: Record<string, unknown>
}

/** A refused call. */
export class HostError extends Error {
	readonly code: string
	readonly status: number
	readonly data: Record<string, unknown>

	constructor(failure: HostFailure) {
		super(failure.message)
		this.name = "HostError"
		this.code = failure.code ?? ""
		this.status = failure.status ?? 0
		this.data = failure.data ?? {}
	}
}

type Answer = { id: number; r?: unknown; err?: HostFailure; b?: ArrayBuffer }
type Waiting = { resolve(value: Told): void; reject(reason: HostError): void }
type EventName = HostEvent["ev"]
type Listener = (event: HostEvent) => void

/** An answer with what came beside its JSON. */
export interface Told {
	result: unknown
	bytes: ArrayBuffer | undefined
}

/** The frame's end of the one channel to the host. */
export interface HostPort {
	/** Asks the host and waits for its answer. */
	call(method: string, args?: unknown): Promise<unknown>
	/** The same with bytes beside the JSON, one way or both. */
	carry(method: string, args?: unknown, bytes?: ArrayBuffer): Promise<Told>
	/** Tells the host; there is no answer. */
	cast(method: string, args?: unknown): void
	/** Hears the host. */
	on(name: EventName, listener: Listener): void
}

/** Speaks over a MessagePort. What cannot be cloned is refused here, not thrown at the program later. */
export function connect(port: MessagePort): HostPort {
	const waiting = new Map<number, Waiting>()
	const listeners = new Map<EventName, Listener[]>()
	let last = 0

	port.onmessage = ({ data }: MessageEvent<Answer | HostEvent>) => {
		if ("ev" in data) {
			for (const listener of listeners.get(data.ev) ?? []) listener(data)
			return
		}
		const asked = waiting.get(data.id)
		waiting.delete(data.id)
		if (data.err) asked?.reject(new HostError(data.err))
		else asked?.resolve({ result: data.r, bytes: data.b })
	}

	const carry: HostPort["carry"] = (method, args, bytes) => {
		const id = ++last
		return new Promise((resolve, reject) => {
			waiting.set(id, { resolve, reject })
			try {
				const message = { id, m: method, a: plain(args) }
				if (bytes) port.postMessage({ ...message, b: bytes })
				else port.postMessage(message)
			} catch (cause) {
				waiting.delete(id)
				reject(new HostError({ message: String(cause), code: "not_plain_data" }))
			}
		})
	}

	return {
		carry,
		call: async (method, args) => (await carry(method, args)).result,
		cast(method, args) {
			port.postMessage({ m: method, a: plain(args) })
		},
		on(name, listener) {
			listeners.set(name, [...(listeners.get(name) ?? []), listener])
		},
	}
}

/** Only what JSON can say crosses the port: functions, callbacks and DOM nodes fall away. */
export function plain(value: unknown): unknown {
	return value === undefined ? undefined : (JSON.parse(JSON.stringify(value) ?? "null") as unknown)
}
