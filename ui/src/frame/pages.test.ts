import { expect, test, vi } from "vitest"
import { EventChannel, parseUrl } from "./pages"

test("a url is split as WeChat splits it: relative or absolute, values not decoded", () => {
	expect(parseUrl("/pages/a/a?x=1&y=a%20b&z", "pages/b/b")).toEqual({
		path: "pages/a/a",
		query: { x: "1", y: "a%20b", z: "" },
	})
	expect(parseUrl("../c/c?u=http://x?y=1", "pages/b/b")).toEqual({
		path: "pages/c/c",
		query: { u: "http://x?y=1" },
	})
	expect(parseUrl("d", "pages/b/b").path).toBe("pages/b/d")
})

test("pages talk to the one that opened them", () => {
	const channel = new EventChannel()
	const [always, once] = [vi.fn(), vi.fn()]
	channel.on("picked", always).once("picked", once)
	channel.emit("picked", 1).emit("picked", 2)
	channel.off("picked").emit("picked", 3)
	expect(always.mock.calls).toEqual([[1], [2]])
	expect(once.mock.calls).toEqual([[1]])
})
