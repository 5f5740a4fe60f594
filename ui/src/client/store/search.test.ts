import { afterEach, beforeEach, expect, it, vi } from "vitest"

vi.hoisted(() => vi.stubGlobal("navigator", { languages: ["en-GB"], onLine: true }))

import { StoreSearch } from "./search.svelte"
import { type Found, queryOf, type StoreQuery, searchPath } from "./store"

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const query = (q: string, more: Partial<StoreQuery> = {}): StoreQuery => ({
	q,
	category: "",
	kind: "",
	sort: "",
	certified: false,
	...more,
})
const page = (...appids: string[]) =>
	({ items: appids.map((appid) => ({ appid })), total_hint: 9, page: 1, more: true }) as Found

function searching() {
	const asked: { q: string; page: number; signal: AbortSignal; answer: (found: Found) => void }[] =
		[]
	const search = new StoreSearch(
		({ q }, { page: number, signal }) =>
			new Promise((answer) => asked.push({ q, page: number, answer, signal })),
	)
	return { search, asked }
}

it("asks at once when it is opened, and after a pause while somebody types", async () => {
	const { search, asked } = searching()
	search.ask(query(""))
	expect(asked.map(({ q }) => q)).toEqual([""])
	for (const words of ["m", "ma", "mar"]) {
		search.ask(query(words))
		vi.advanceTimersByTime(100)
	}
	expect(asked).toHaveLength(1)
	expect(asked[0]?.signal?.aborted).toBe(true)
	vi.advanceTimersByTime(100)
	expect(asked.map(({ q }) => q)).toEqual(["", "mar"])
})

it("never shows the answer to older words over the answer to newer ones", async () => {
	const { search, asked } = searching()
	search.ask(query("a"))
	search.ask(query("a", { category: "games" }))
	asked[1]?.answer(page("new"))
	await vi.waitFor(() => expect(search.items.map(({ appid }) => appid)).toEqual(["new"]))
	asked[0]?.answer(page("old"))
	await Promise.resolve()
	expect(search.items.map(({ appid }) => appid)).toEqual(["new"])
})

it("adds further pages without showing a program twice", async () => {
	const { search, asked } = searching()
	search.ask(query("a"))
	asked[0]?.answer(page("one", "two"))
	await vi.waitFor(() => expect(search.pending).toBe(false))
	search.grow()
	search.grow()
	expect(asked.map((one) => one.page)).toEqual([1, 2])
	asked[1]?.answer({ ...page("two", "three"), more: false })
	await vi.waitFor(() =>
		expect(search.items.map(({ appid }) => appid)).toEqual(["one", "two", "three"]),
	)
	search.grow()
	expect(asked).toHaveLength(2)
})

it("keeps what is found and says what failed", async () => {
	const failing = new StoreSearch(() => Promise.reject(new TypeError("no network")))
	failing.ask(query("a"))
	await vi.waitFor(() => expect(failing.error).not.toBeNull())
	expect(failing.pending).toBe(false)
	expect(failing.answered).toBe(false)
})

it("reads from an address what it writes into one, and nothing that it does not know", () => {
	const asked = query("marché", { category: "food", kind: "game", sort: "new", certified: true })
	expect(queryOf(new URL(searchPath(asked), "https://plaza").searchParams)).toEqual(asked)
	expect(searchPath(query(""))).toBe("/store/search")
	expect(queryOf(new URLSearchParams("kind=virus&sort=worst"))).toEqual(query(""))
})
