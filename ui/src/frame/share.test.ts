import { expect, test } from "vitest"
import type { Caller } from "./program"
import { sharedBy } from "./share"

const page = (onShareAppMessage?: unknown) =>
	({ route: "pages/home/home", onShareAppMessage }) as unknown as Caller

const own = { title: "", path: "/pages/home/home?sky=dawn&at=7", imageUrl: "" }
const query = { sky: "dawn", at: "7" }

test("a page without an answer of its own shares itself with its query", () => {
	expect(sharedBy(page(), query)).toEqual(own)
	expect(sharedBy(page(), {})).toEqual({ ...own, path: "/pages/home/home" })
})

test("a page's answer counts where it says something", () => {
	const told = page(() => ({ title: "Dawn", path: "", imageUrl: 7, more: true }))
	expect(sharedBy(told, query)).toEqual({ ...own, title: "Dawn" })
	expect(
		sharedBy(
			page(({ from }: { from: string }) => ({ title: from })),
			query,
		).title,
	).toBe("menu")
})

// A promise would come too late for the person who waits with a finger on the button.
test("what throws, or is no answer, is as if nobody had been asked", () => {
	const broken = page(() => {
		throw new Error("broken")
	})
	for (const each of [
		broken,
		page("text"),
		page(() => null),
		page(() => "text"),
		page(async () => ({ title: "late" })),
	])
		expect(sharedBy(each, query)).toEqual(own)
})
