import { describe, expect, test } from "vitest"
import { headAndPieces } from "./stream"

const words = new TextEncoder()
const head = { status: 200, header: { a: "b" }, url: "u", cookies: [], length: 5 }

/** An answer as it is sent, cut into parts of any size. */
function answer(pieces: string[], end: string, size: number, cut = 0) {
	const parts: number[] = [...words.encode(`${JSON.stringify(head)}\n`)]
	for (const piece of pieces) parts.push(0, 0, 0, piece.length, ...words.encode(piece))
	parts.push(0, 0, 0, 0, ...words.encode(end))
	const all = Uint8Array.from(parts.slice(0, parts.length - cut))
	let at = 0
	return {
		async read() {
			if (at >= all.length) return { done: true }
			const value = all.slice(at, at + size)
			at += size
			return { done: false, value }
		},
	}
}

async function whole(reader: ReturnType<typeof answer>) {
	const pieces = await headAndPieces(reader)
	let text = ""
	for (let piece = await pieces.next(); piece; piece = await pieces.next())
		text += new TextDecoder().decode(piece)
	return { head: pieces.head, text }
}

describe("an answer that comes in pieces", () => {
	test.each([1, 3, 7, 1000])("is the same however it is cut: %i bytes at a time", async (size) => {
		expect(await whole(answer(["hel", "lo"], "{}", size))).toEqual({ head, text: "hello" })
		expect(await whole(answer([], "{}", size))).toEqual({ head, text: "" })
	})

	test("that fails on the way is a refusal", async () => {
		const end = JSON.stringify({ status: 424, message: "m", data: { code: "network_timeout" } })
		await expect(whole(answer(["hel"], end, 4))).rejects.toMatchObject({
			data: { code: "network_timeout" },
		})
	})

	test.each([1, 4, 8])("that is cut off %i bytes before its end is broken", async (cut) => {
		await expect(whole(answer(["hello"], "{}", 5, cut))).rejects.toThrow()
	})
	test("of which nothing came is broken, too", async () => {
		await expect(headAndPieces({ read: async () => ({ done: true }) })).rejects.toThrow(
			"interrupted",
		)
		await expect(headAndPieces(undefined)).rejects.toThrow("interrupted")
	})
})
