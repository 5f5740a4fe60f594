import { expect, test, vi } from "vitest"
import { storageApi } from "./storage"

test("what is written is read at once and sent to the host behind", () => {
	const cast = vi.fn()
	const { synchronous: storage } = storageApi({ old: '{"d":[1,2]}' }, { cast })
	expect(storage.getStorageSync("old")).toEqual([1, 2])
	expect(storage.getStorageSync("nothing")).toBe("")
	storage.setStorageSync("a", { x: 1 })
	expect(storage.getStorageSync("a")).toEqual({ x: 1 })
	expect(cast).toHaveBeenLastCalledWith("setStorage", { key: "a", value: '{"d":{"x":1}}' })
	storage.removeStorageSync("a")
	expect(storage.getStorageInfoSync().keys).toEqual(["old"])
	expect(cast).toHaveBeenLastCalledWith("setStorage", { key: "a", value: null })
})

test("a value over the limit is refused in WeChat’s words, and nothing is sent", () => {
	const cast = vi.fn()
	const { synchronous: storage, later } = storageApi({}, { cast })
	expect(() => storage.setStorageSync("a", "x".repeat(1_000_001))).toThrow(
		"setStorageSync:fail exceed storage max size",
	)
	expect(() => later.setStorage?.({ key: "", data: 1 })).toThrow(/^parameter error/)
	expect(cast).not.toHaveBeenCalled()
})
