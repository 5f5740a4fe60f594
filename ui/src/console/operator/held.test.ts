import { expect, it, vi } from "vitest"

vi.hoisted(() => vi.stubGlobal("navigator", { languages: ["en-GB"], onLine: true }))

import { Held } from "./held.svelte"

interface Row {
	id: string
	state: string
}

it("brings rows up to date in place, and moves nothing until it is told to", async () => {
	let server: Row[] = [
		{ id: "a", state: "waiting" },
		{ id: "b", state: "waiting" },
	]
	const held = new Held<Row>(
		async () => server,
		({ id }) => id,
	)
	await held.load()
	server = [
		{ id: "c", state: "waiting" },
		{ id: "b", state: "claimed" },
	]
	await held.look()
	expect(held.rows).toEqual([
		{ id: "a", state: "waiting" },
		{ id: "b", state: "claimed" },
	])
	expect([held.arrived, [...held.gone]]).toEqual([1, ["a"]])
	held.reveal()
	expect(held.rows.map(({ id }) => id)).toEqual(["c", "b"])
	expect([held.arrived, held.gone.size]).toEqual([0, 0])
})

it("shows what comes into an empty list", async () => {
	let server: Row[] = []
	const held = new Held<Row>(
		async () => server,
		({ id }) => id,
	)
	await held.load()
	server = [{ id: "a", state: "waiting" }]
	await held.look()
	expect(held.rows).toEqual(server)
})

// One's own act is also somebody's news: the look for it must not hide what one waits to see.
it("shows what was asked for, also when a look overtakes the load", async () => {
	let server: Row[] = [{ id: "a", state: "active" }]
	const held = new Held<Row>(
		async () => server,
		({ id }) => id,
	)
	await held.load()
	server = [{ id: "b", state: "active" }, ...server]
	const [loading, looking] = [held.load(), held.look()]
	await Promise.all([loading, looking])
	expect(held.rows.map(({ id }) => id)).toEqual(["b", "a"])
	expect(held.arrived).toBe(0)
})

it("keeps rows where the person has just put them", async () => {
	const server: Row[] = [
		{ id: "a", state: "active" },
		{ id: "b", state: "active" },
	]
	const held = new Held<Row>(
		async () => server,
		({ id }) => id,
	)
	await held.load()
	const loading = held.load()
	held.put([...held.rows].reverse())
	await loading
	expect(held.rows.map(({ id }) => id)).toEqual(["b", "a"])
})

it("keeps what is on screen when the network is lost, and says so when the server refuses", async () => {
	let fail: unknown = null
	const held = new Held<Row>(
		async () => {
			if (fail) throw fail
			return [{ id: "a", state: "waiting" }]
		},
		({ id }) => id,
	)
	await held.load()
	fail = { status: 0 }
	await held.look()
	expect(held.status).toBe("ready")
	fail = { status: 403, response: { data: { code: "operator_only" } } }
	await held.look()
	expect([held.status, held.error?.code]).toEqual(["error", "operator_only"])
})

// Several rows change by one act: news of the first must not bring the old order back, and the focus out of its row.
it("shows nothing that is half of what the person is putting", async () => {
	let server = ["a", "b", "c"]
	const held = new Held<Row>(
		async () => server.map((id) => ({ id, state: "" })),
		({ id }) => id,
	)
	await held.load()
	const seen: string[] = []
	const see = () => seen.push(held.rows.map(({ id }) => id).join(""))
	await held.keep([...held.rows].reverse(), async () => {
		server = ["b", "c", "a"]
		await held.load()
		see()
		server = ["c", "b", "a"]
	})
	see()
	expect(seen).toEqual(["cba", "cba"])
})
