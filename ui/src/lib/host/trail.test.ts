import { expect, test, vi } from "vitest"
import { Trail } from "./trail"

function browser() {
	const entries: unknown[] = [{ plaza: true }]
	let at = 0
	const history = {
		get state() {
			return entries[at]
		},
		pushState(state: unknown) {
			entries.splice(++at, entries.length, state)
		},
		replaceState(state: unknown) {
			entries[at] = state
		},
		go(delta: number) {
			at = Math.max(0, at + delta)
			trail.popped(entries[at])
		},
	}
	let time = 10_000
	const back = vi.fn()
	const trail: Trail = new Trail(history, back, () => time)
	return { trail, history, back, at: () => at, wait: (ms: number) => (time += ms) }
}

test("each page below the top has an entry, and Back asks the program to close one", () => {
	const { trail, history, back, at } = browser()
	trail.follow(1)
	trail.follow(2)
	trail.follow(3)
	expect(at()).toBe(2)
	history.go(-1)
	expect(back).toHaveBeenCalledTimes(1)
	trail.follow(2)
	expect(at()).toBe(1)
})

test("when the program closes a page itself, its entry goes without asking again", () => {
	const { trail, back, at } = browser()
	trail.follow(3)
	trail.follow(1)
	expect(at()).toBe(0)
	expect(back).not.toHaveBeenCalled()
})

test("a page that opens while the browser still goes back gets its entry after that", () => {
	// Browsers go back later than they are told to, to where that was from the entry of then.
	const entries: unknown[] = [{ plaza: true }]
	let at = 0
	const later: number[] = []
	const history = {
		get state() {
			return entries[at]
		},
		pushState: (state: unknown) => void entries.splice(++at, entries.length, state),
		replaceState: (state: unknown) => void entries.splice(at, 1, state),
		go: (delta: number) => void later.push(at + delta),
	}
	const goes = () => {
		for (const target of later.splice(0)) {
			at = target
			trail.popped(entries[at])
		}
	}
	const back = vi.fn()
	const trail: Trail = new Trail(history, back, () => 10_000)
	trail.follow(2)
	trail.follow(1)
	trail.follow(2)
	goes()
	expect(at).toBe(1)
	trail.goBack()
	goes()
	expect(at).toBe(0)
	expect(back).toHaveBeenCalledTimes(1)
})

test("a program that opens a page on every Back does not keep the person", () => {
	const { trail, history, at, wait } = browser()
	trail.follow(2)
	trail.follow(3)
	for (let press = 0; press < 2; press++) {
		history.go(-1)
		wait(50)
		trail.follow(4)
	}
	expect(at()).toBe(0)
})

test("leaving takes every entry away first", async () => {
	const { trail, at, back } = browser()
	trail.follow(4)
	await trail.leave()
	expect(at()).toBe(0)
	expect(back).not.toHaveBeenCalled()
})

test("a page opened from a sheet takes the sheet's entry", () => {
	const { trail, history, at } = browser()
	history.pushState({ plaza: true, overlay: 7 })
	trail.follow(2)
	expect(at()).toBe(1)
	expect(history.state).toEqual({ plaza: true, program: 1 })
})

test("a program that is hidden leaves the history alone, and has its entries again when it is back", () => {
	const { trail, history, at, back } = browser()
	trail.show(0)
	trail.follow(3)
	expect(at()).toBe(2)
	history.pushState({ plaza: true })
	trail.hide()
	trail.follow(5)
	history.go(-1)
	expect(at()).toBe(2)
	expect(back).not.toHaveBeenCalled()
	// The browser stands on the second entry of before.
	trail.show(3)
	expect(at()).toBe(2)
	history.go(-1)
	expect(back).toHaveBeenCalledTimes(1)
})

test("one that comes back at another address gets entries for the pages that it has open", () => {
	const { trail, history, at } = browser()
	trail.hide()
	history.pushState({ plaza: true })
	trail.show(3)
	expect(at()).toBe(3)
	expect(history.state).toEqual({ plaza: true, program: 2 })
})

test("after a reload the entries of before go when the program has fewer pages", () => {
	const { trail, history, at } = browser()
	history.pushState({ plaza: true, program: 1 })
	trail.show(0)
	trail.follow(1)
	expect(at()).toBe(0)
})

test("nothing is entered between leaving and the next page", async () => {
	const { trail, at } = browser()
	trail.show(0)
	trail.follow(2)
	await trail.leave()
	trail.follow(2)
	expect(at()).toBe(0)
})
