import { beforeEach, expect, test, vi } from "vitest"
import { byDay, forget, remember, remembered } from "./kept"

const store = new Map<string, string>()
beforeEach(() => {
	store.clear()
	vi.stubGlobal("localStorage", {
		getItem: (key: string) => store.get(key) ?? null,
		setItem: (key: string, value: string) => store.set(key, value),
		removeItem: (key: string) => store.delete(key),
	})
})

const noon = new Date(2026, 1, 10, 12).getTime()
const minutes = 60_000

test("a sitting goes on over short pauses and ends with a long one", () => {
	expect(remember("ana", "tiles", "Tiles", 600, noon)).toBe(600)
	expect(remember("ana", "quiz", "Quiz", 600, noon + 20 * minutes - 6 * minutes)).toBe(1200)
	expect(remember("ana", "tiles", "Tiles", 60, noon + 40 * minutes)).toBe(60)
	// A clock that was put back is no pause.
	expect(remember("ana", "tiles", "Tiles", 60, noon)).toBe(120)
})

test("days are kept by game, each person's apart, and forgotten after eight", () => {
	for (let day = 0; day < 12; day++) {
		remember("ana", "tiles", "Tiles", 60 + day, noon + day * 24 * 60 * minutes)
	}
	remember("ana", "quiz", "Quiz", 300, noon + 11 * 24 * 60 * minutes)
	const days = byDay(remembered("ana"))
	expect(days.map(({ day }) => day)).toEqual(
		[21, 20, 19, 18, 17, 16, 15, 14].map((day) => `2026-02-${day}`),
	)
	expect(days[0]).toMatchObject({ seconds: 371, games: [{ appid: "quiz" }, { appid: "tiles" }] })
	expect(remembered("ben")).toEqual([])
	forget("ana")
	expect(remembered("ana")).toEqual([])
})

test("what cannot be read begins anew", () => {
	for (const broken of ["", "null", "{}", "[1]", '{"days":null}', "x"]) {
		store.set("plaza.playtime.ana", broken)
		expect(remember("ana", "tiles", "Tiles", 5, noon)).toBe(5)
	}
})
