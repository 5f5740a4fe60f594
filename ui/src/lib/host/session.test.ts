import { afterEach, expect, test, vi } from "vitest"
import { measure } from "./checks"
import { frontOf } from "./colour"
import type { Launch } from "./protocol"
import { type Api, type Hands, Session } from "./session"

const launch = {
	appid: "market",
	token: "t1",
	scopes: ["orders"],
	consents: {},
} as unknown as Launch

const opened: (() => void)[] = []
afterEach(() => {
	for (const close of opened.splice(0)) close()
})

function open(api: Api, hands: Partial<Hands> = {}) {
	const { port1, port2 } = new MessageChannel()
	const store = { first: {}, all: () => [], change: vi.fn(), flush: vi.fn() }
	const session = new Session(port1, launch, api, store, hands as Hands)
	const answers = new Map<number, (answer: unknown) => void>()
	port2.onmessage = ({ data }) => answers.get(data.id)?.(data)
	let last = 0
	opened.push(() => {
		session.end()
		port2.close()
	})
	return {
		store,
		session,
		cast: (m: unknown, a?: unknown) => port2.postMessage({ m, a }),
		call: (m: unknown, a?: unknown) =>
			new Promise<unknown>((resolve) => {
				answers.set(++last, resolve)
				port2.postMessage({ id: last, m, a })
			}),
	}
}

const refusal = (code: string, data = {}) => ({
	status: 403,
	message: code,
	data: { code, ...data },
})

test("a bridge call goes to the server with the launch token, and its answer back", async () => {
	const api = vi.fn<Api>().mockResolvedValue({ total: 1 })
	const { call } = open(api)
	expect(await call("bridge", { method: "orders.get", args: { order: "o1" } })).toEqual({
		id: 1,
		r: { total: 1 },
	})
	expect(api).toHaveBeenCalledWith("/api/mp/market/bridge/orders.get", {
		method: "POST",
		headers: { "X-Launch-Token": "t1", "Idempotency-Key": expect.stringMatching(/^[\da-f]{32}$/) },
		body: { args: { order: "o1" } },
	})
})

test("a missing permission is asked for once and the call repeated under the same key", async () => {
	const api = vi
		.fn<Api>()
		.mockRejectedValueOnce(refusal("consent_required", { scope: "orders", state: "" }))
		.mockResolvedValue("done")
	const consent = vi.fn().mockResolvedValue({ state: "granted", duration: "open" })
	const { call } = open(api, { consent })
	expect(await call("bridge", { method: "orders.start", args: {} })).toMatchObject({ r: "done" })
	expect(consent).toHaveBeenCalledExactlyOnceWith("orders", "")
	const sent = api.mock.calls.map(([path, init]) => ({ path, ...init }))
	expect(sent[1]).toMatchObject({
		path: "/api/mp/market/consents",
		headers: { "X-Launch-Token": "t1" },
		body: { scope: "orders", state: "granted", duration: "open" },
	})
	expect(sent[0]?.headers["Idempotency-Key"]).toBe(sent[2]?.headers["Idempotency-Key"])
})

test("a no is told to the program; a program that nags is not heard, nor one that asks for what it does not declare", async () => {
	const api = vi
		.fn<Api>()
		.mockRejectedValue(refusal("consent_required", { scope: "orders", state: "" }))
	const consent = vi.fn().mockResolvedValue(null)
	const { call } = open(api, { consent })
	for (let time = 0; time < 5; time++) {
		expect(await call("bridge", { method: "orders.start", args: {} })).toMatchObject({
			err: { code: "consent_required" },
		})
	}
	expect(consent).toHaveBeenCalledTimes(2)
	api.mockRejectedValue(refusal("consent_required", { scope: "points" }))
	await call("bridge", { method: "loyalty.statement", args: {} })
	expect(consent).toHaveBeenCalledTimes(2)
})

test("a stored no is not asked about again", async () => {
	const api = vi
		.fn<Api>()
		.mockRejectedValue(refusal("consent_required", { scope: "orders", state: "denied" }))
	const consent = vi.fn()
	const { call } = open(api, { consent })
	await call("bridge", { method: "orders.start", args: {} })
	expect(consent).not.toHaveBeenCalled()
})

test("what is malformed is refused before anything is done", async () => {
	const api = vi.fn<Api>()
	const { call, cast, store } = open(api)
	for (const [method, args] of [
		["bridge", { method: "../../users", args: {} }],
		["bridge", null],
		["callFunction", { name: "a/b" }],
		["requestPayment", { package: "order=a/../b" }],
		["actionSheet", { itemList: Array.from({ length: 7 }, () => "x") }],
		["setClipboardData", { data: 3 }],
	] as const) {
		expect(await call(method, args)).toMatchObject({ err: { code: "bad_args" } })
	}
	expect(await call("eval", {})).toMatchObject({ err: { code: "not_supported" } })
	expect(await call("bridge", { method: "orders.get", args: new Map() })).toMatchObject({
		err: { code: "bad_message" },
	})
	expect(await call("bridge", { method: "orders.get", args: "x".repeat(1_000_001) })).toMatchObject(
		{ err: { code: "bad_message" } },
	)
	cast("setStorage", { key: "a", value: 3 })
	cast("nav", { depth: 99 })
	cast(7)
	await call("bridge", null)
	expect(api).not.toHaveBeenCalled()
	expect(store.change).not.toHaveBeenCalled()
})

test("a flood is cut off", async () => {
	vi.spyOn(performance, "now").mockReturnValue(5_000)
	const toast = vi.fn()
	const { call, cast } = open(vi.fn<Api>(), { toast })
	for (let time = 0; time < 500; time++) cast("toast", { title: "!" })
	expect(await call("scanCode")).toMatchObject({ err: { code: "too_many_calls" } })
	expect(toast).toHaveBeenCalledTimes(200)
	vi.restoreAllMocks()
})

test("a cancelled payment fails in WeChat’s word; a paid one does not", async () => {
	const pay = vi
		.fn()
		.mockResolvedValueOnce({ status: "cancelled" })
		.mockResolvedValue({ status: "paid" })
	const { call } = open(vi.fn<Api>(), { pay })
	expect(await call("requestPayment", { package: "order=o1" })).toMatchObject({
		err: { message: "cancel" },
	})
	expect(await call("requestPayment", { package: "order=o1" })).toMatchObject({ r: {} })
	expect(pay).toHaveBeenCalledWith({ order: "o1" })
})

test("a bill is paid when the host says so, and what can never be paid says why", async () => {
	const pay = vi
		.fn<Hands["pay"]>()
		.mockResolvedValueOnce({ status: "paid" })
		.mockResolvedValueOnce({ status: "cancelled" })
		.mockResolvedValue({ status: "cancelled", code: "bill_expired" })
	const { call } = open(vi.fn<Api>(), { pay })
	const ask = () => call("requestPayment", { package: "prepay_id=b1" })
	expect(await ask()).toMatchObject({ r: {} })
	expect(await ask()).toMatchObject({ err: { message: "cancel", code: "cancelled" } })
	expect(await ask()).toMatchObject({ err: { code: "bill_expired" } })
	expect(pay).toHaveBeenCalledWith({ bill: "b1" })
	for (const odd of ["prepay_id=", "prepay_id=a b", "bill=b1", "prepay_id=b1&order=o1", 5]) {
		expect(await call("requestPayment", { package: odd })).toMatchObject({
			err: { code: "bad_args" },
		})
	}
})

test("a token that has run out is renewed", async () => {
	const api = vi
		.fn<Api>()
		.mockRejectedValueOnce(refusal("launch_expired"))
		.mockResolvedValue("done")
	const renew = vi.fn().mockResolvedValue({ ...launch, token: "t2" })
	const { call } = open(api, { renew })
	expect(await call("callFunction", { name: "offers" })).toMatchObject({ id: 1 })
	expect(api.mock.calls[1]?.[1].headers["X-Launch-Token"]).toBe("t2")
})

test("sizes are measured without reading everything", () => {
	expect(measure({ a: [1, "two", null] })).toBeLessThan(100)
	expect(measure("x".repeat(101), 100)).toBe(Number.POSITIVE_INFINITY)
	expect(measure(new Uint8Array(3))).toBe(Number.POSITIVE_INFINITY)
	let deep: unknown = 1
	for (let level = 0; level < 40; level++) deep = [deep]
	expect(measure(deep)).toBe(Number.POSITIVE_INFINITY)
})

test("words on a coloured bar can be read, whatever the program wishes", () => {
	expect(frontOf("#ffffff", "white")).toBe("black")
	expect(frontOf("#0b4f3a", "")).toBe("white")
	expect(frontOf("#0b4f3a", "black")).toBe("white")
	expect(frontOf("", "white")).toBe("")
})

test("a program says what it would share, or is not waited for", async () => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
	try {
		const { session, cast } = open(vi.fn<Api>())
		const told = session.share()
		cast("share", { title: "Tonight", path: "pages/show/show?id=4", imageUrl: "https://elsewhere" })
		expect(await told).toEqual({ title: "Tonight", path: "pages/show/show?id=4", imageUrl: "" })

		const silent = session.share()
		vi.advanceTimersByTime(1_000)
		expect(await silent).toBeNull()
	} finally {
		vi.useRealTimers()
	}
})
