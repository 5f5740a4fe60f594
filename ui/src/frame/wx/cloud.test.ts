import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { HostError } from "../port"
import { cloudApi } from "./cloud"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

// biome-ignore lint/suspicious/noExplicitAny: programs have no types here either
type Any = any

function open(answer: (method: string, args: Any) => unknown) {
	const asked: [string, Any][] = []
	const report = vi.fn()
	const call = (_name: string, { method, args }: Any) => {
		// What crosses the port is JSON.
		const sent = JSON.parse(JSON.stringify(args))
		asked.push([method, sent])
		return Promise.resolve().then(() => answer(method, sent))
	}
	const port = { call, cast() {}, on() {} } as Any
	const db = (cloudApi(port, report, {} as Any) as Any).database()
	return { db, _: db.command, asked, report }
}

test("conditions, orders and values are sent as the bridge takes them", async () => {
	const { db, _, asked } = open(() => ({ data: [{ _id: "1", due: { $date: 5 } }] }))
	const { data, errMsg } = await db
		.collection("todos")
		.where({ done: false, style: { color: "red" }, n: _.gt(1).and(_.lt(new Date(9))), t: /a/i })
		.orderBy("due", "desc")
		.skip(1)
		.limit(2)
		.get()
	expect(data[0].due).toEqual(new Date(5))
	expect(errMsg).toBe("collection.get:ok")
	expect(asked).toEqual([
		[
			"clouddb.get",
			{
				collection: "todos",
				where: {
					done: { $eq: false },
					"style.color": { $eq: "red" },
					n: { $and: [{ $gt: 1 }, { $lt: { $date: 9 } }] },
					t: { $regex: "a", $options: "i" },
				},
				order: [["due", "desc"]],
				skip: 1,
				limit: 2,
			},
		],
	])
})

test("an update merges objects and keeps commands apart", async () => {
	const { db, _, asked } = open(() => ({ stats: { updated: 1 } }))
	const data = { a: { b: 1 }, c: _.inc(2), d: _.push(["x"]), e: _.remove(), f: db.serverDate() }
	await db.collection("todos").doc("1").update({ data })
	expect(asked[0]).toEqual([
		"clouddb.update",
		{
			collection: "todos",
			id: "1",
			data: {
				$set: { "a.b": 1, f: { $serverDate: 0 } },
				$inc: { c: 2 },
				$push: { d: { each: ["x"] } },
				$unset: { e: true },
			},
		},
	])
})

test("a refusal has WeChat’s number, and callbacks are called instead of a promise", async () => {
	const { db } = open(() => {
		throw new HostError({ code: "cloud_permission_denied", message: "No." })
	})
	await expect(db.collection("todos").doc("1").remove()).rejects.toMatchObject({
		errCode: -502003,
		code: "cloud_permission_denied",
		errMsg: "document.remove:fail -502003 No.",
	})
	const failed = await new Promise<Any>((fail) => {
		const outcome = db.collection("todos").add({ data: {}, fail })
		expect(outcome).toBeUndefined()
	})
	expect(failed.errCode).toBe(-502003)
	await expect(db.collection("todos").add({ data: { a: db.command.gt(1) } })).rejects.toThrow(
		"$gt cannot stand here",
	)
	expect(() => db.startTransaction()).toThrow(TypeError)
})

test("watching tells what came, changed and went, and ends when it is closed", async () => {
	const states = [
		{ seen: "a", docs: [{ _id: "1", n: 1 }] },
		{ seen: "b", docs: [{ _id: "1", n: 2 }, { _id: "2" }] },
		{ seen: "b" },
		{ seen: "c", docs: [{ _id: "2" }] },
	]
	let turn = 0
	const { db, asked } = open(() => states[turn++] ?? new Promise(() => {}))
	const snapshots: Any[] = []
	const listener = db
		.collection("todos")
		.where({ done: false })
		.watch({ onChange: (snapshot: Any) => snapshots.push(snapshot), onError: vi.fn() })
	await vi.runAllTimersAsync()
	const shapes = snapshots.map(({ id, type, docChanges, docs }) => [
		id,
		type,
		docChanges.map((each: Any) => [each.queueType, each.dataType, each.docId, each.updatedFields]),
		docs.length,
	])
	expect(shapes).toEqual([
		[0, "init", [["init", "init", "1", undefined]], 1],
		[
			1,
			undefined,
			[
				["update", "update", "1", { n: 2 }],
				["enqueue", "add", "2", undefined],
			],
			2,
		],
		[2, undefined, [["dequeue", "remove", "1", undefined]], 1],
	])
	expect(asked.map(([, args]) => [args.seen, args.wait])).toEqual([
		["", 0],
		["a", 20],
		["b", 20],
		["b", 20],
		["c", 20],
	])
	await listener.close()
})

test("watching survives a lost connection and reports a refusal", async () => {
	let turn = 0
	const { db } = open(() => {
		turn++
		if (turn === 1) throw new HostError({ message: "offline" })
		if (turn === 2) return { seen: "a", docs: [] }
		throw new HostError({ code: "cloud_no_such_collection", message: "None." })
	})
	const onChange = vi.fn()
	const onError = vi.fn()
	db.collection("todos").watch({ onChange, onError })
	await vi.runAllTimersAsync()
	expect(onChange).toHaveBeenCalledTimes(1)
	expect(onError).toHaveBeenCalledTimes(1)
	expect(turn).toBe(3)
})

test("of many watchers only some wait for an answer, and the others ask again", async () => {
	const { db, asked } = open((_method, { wait }) =>
		wait > 0 ? new Promise(() => {}) : { seen: "a", docs: [] },
	)
	const listeners = [1, 2, 3, 4, 5].map((n) =>
		db
			.collection("todos")
			.where({ n })
			.watch({ onChange() {}, onError() {} }),
	)
	await vi.advanceTimersByTimeAsync(7000)
	const waits = asked.map(([, args]) => args.wait)
	expect(waits.filter((wait) => wait > 0).length).toBeLessThanOrEqual(3)
	expect(waits.filter((wait) => wait === 0).length).toBeGreaterThanOrEqual(9)
	for (const listener of listeners) await listener.close()
})
