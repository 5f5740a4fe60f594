import { expect, test } from "vitest"
import { storageOf } from "./webstorage"

test("a storage in memory is used like a browser's", () => {
	const written: unknown[] = []
	const { storage } = storageOf((...change) => written.push(change))
	storage.setItem("a", "1")
	storage.b = 2
	expect([storage.a, storage.getItem("b"), storage.getItem("c"), storage.c]).toEqual([
		"1",
		"2",
		null,
		undefined,
	])
	expect([storage.length, storage.key(1), storage.key(2)]).toEqual([2, "b", null])
	expect(Object.keys(storage)).toEqual(["a", "b"])
	expect(["a" in storage, "c" in storage, "getItem" in storage]).toEqual([true, false, true])
	delete storage.a
	storage.removeItem("never")
	storage.clear()
	expect([storage.length, storage.getItem("b")]).toEqual([0, null])
	expect(written).toEqual([
		["a", "1"],
		["b", "2"],
		["a", null],
		["never", null],
		["b", null],
	])
})

test("what was kept comes later, and takes nothing back", () => {
	const { storage, fill } = storageOf(() => {})
	storage.setItem("new", "page's")
	storage.removeItem("gone")
	fill([
		["new", "old"],
		["gone", "old"],
		["kept", "old"],
	])
	expect([storage.new, storage.gone, storage.kept]).toEqual(["page's", undefined, "old"])
	const written: unknown[] = []
	const cleared = storageOf((...change) => written.push(change))
	cleared.storage.clear()
	cleared.fill([["kept", "old"]])
	expect([cleared.storage.length, written]).toEqual([0, [["kept", null]]])
})

test("a storage that is full says so and stays as it was", () => {
	const { storage } = storageOf(() => {})
	storage.setItem("a", "x".repeat(4_000_000))
	expect(() => storage.setItem("b", "x".repeat(1_000_000))).toThrow("full")
	expect(storage.getItem("b")).toBe(null)
	storage.setItem("a", "small")
	storage.setItem("b", "x".repeat(4_900_000))
})
