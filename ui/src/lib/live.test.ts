import { beforeEach, describe, expect, it, vi } from "vitest"

vi.hoisted(() => vi.stubGlobal("navigator", { languages: ["en-GB"], onLine: true }))

import { Live, type LiveOptions, type Source } from "./live.svelte"

interface Row {
	id: string
	total: number
	status?: string
	expand?: { org: string }
}

/** A server of one list: what it holds, who listens, and how it is reached. */
class Server implements Source {
	rows: Row[] = []
	failing: unknown = null
	fetches = 0
	listeners: ((action: string, record: Row) => void)[] = []
	connectedCallbacks: (() => void)[] = []
	gate: Promise<void> = Promise.resolve()

	async fetch<T>(): Promise<T[]> {
		this.fetches++
		const answer = structuredClone(this.rows)
		await this.gate
		if (this.failing) throw this.failing
		return answer as T[]
	}

	async subscribe<T>(
		_query: unknown,
		changed: (action: string, record: T) => void,
	): Promise<() => void> {
		const listener = changed as (action: string, record: Row) => void
		this.listeners.push(listener)
		return () => {
			this.listeners = this.listeners.filter((other) => other !== listener)
		}
	}

	connected(callback: () => void): () => void {
		this.connectedCallbacks.push(callback)
		return () => {
			this.connectedCallbacks = this.connectedCallbacks.filter((other) => other !== callback)
		}
	}

	say(action: string, record: Row): void {
		for (const listener of this.listeners) listener(action, record)
	}
}

const ids = (live: Live<Row>) => live.items.map(({ id }) => id)

describe("a followed list", () => {
	let server: Server

	beforeEach(() => {
		server = new Server()
		server.rows = [
			{ id: "b", total: 2, expand: { org: "Halle" } },
			{ id: "a", total: 1 },
		]
	})

	async function started(options: LiveOptions<Row> = {}): Promise<Live<Row>> {
		const live = new Live<Row>({ collection: "orders" }, options, server)
		await live.start()
		return live
	}

	it("is fetched once and then changes by what it hears", async () => {
		const live = await started()
		expect([live.status, ...ids(live)]).toEqual(["ready", "b", "a"])
		server.say("update", { id: "a", total: 7 })
		server.say("create", { id: "c", total: 3 })
		server.say("delete", { id: "b", total: 2 })
		expect(ids(live)).toEqual(["c", "a"])
		expect(live.items[1]?.total).toBe(7)
		expect(server.fetches).toBe(1)
	})

	it("loses no change that arrives while it is being fetched", async () => {
		let open = () => {}
		server.gate = new Promise((resolve) => {
			open = resolve
		})
		const live = new Live<Row>({ collection: "orders" }, {}, server)
		const start = live.start()
		await vi.waitFor(() => expect(server.fetches).toBe(1))
		server.say("update", { id: "a", total: 9 })
		server.say("delete", { id: "b", total: 2 })
		open()
		await start
		expect(live.items).toEqual([{ id: "a", total: 9 }])
	})

	it("heals by fetching again when the connection stands again", async () => {
		const live = await started()
		server.rows = [{ id: "z", total: 26 }]
		for (const callback of server.connectedCallbacks) callback()
		await vi.waitFor(() => expect(ids(live)).toEqual(["z"]))
	})

	it("holds new rows back until they are asked for, and updates the rest in place", async () => {
		const live = await started({ hold: true, compare: (x, y) => y.total - x.total })
		server.say("create", { id: "c", total: 3 })
		server.say("update", { id: "c", total: 4 })
		server.say("update", { id: "b", total: 5 })
		expect([ids(live), live.arrivals]).toEqual([["b", "a"], [{ id: "c", total: 4 }]])
		live.reveal()
		expect([ids(live), live.arrivals]).toEqual([["b", "c", "a"], []])
	})

	it("lets go of what no longer belongs to it", async () => {
		const live = await started({ keep: ({ status }) => status !== "abandoned" })
		server.say("update", { id: "a", total: 1, status: "abandoned" })
		expect(ids(live)).toEqual(["b"])
	})

	it("keeps what the fetch expanded when an event comes without it", async () => {
		const live = await started()
		server.say("update", { id: "b", total: 8 })
		expect(live.items[0]).toEqual({ id: "b", total: 8, expand: { org: "Halle" } })
	})

	it("says what failed, and works after a retry", async () => {
		server.failing = { status: 403, response: { message: "No.", data: { code: "not_staff" } } }
		const live = await started()
		expect([live.status, live.error?.code]).toEqual(["error", "not_staff"])
		server.failing = null
		await live.refetch()
		expect([live.status, live.error, live.items.length]).toEqual(["ready", null, 2])
	})

	it("keeps the old rows on screen when the network is gone", async () => {
		const live = await started()
		server.failing = { status: 0 }
		await live.refetch()
		expect([live.status, live.error?.code, ids(live)]).toEqual(["ready", "offline", ["b", "a"]])
	})

	it("hears nothing after it was stopped", async () => {
		const live = await started()
		live.stop()
		expect([server.listeners, server.connectedCallbacks]).toEqual([[], []])
	})
})
