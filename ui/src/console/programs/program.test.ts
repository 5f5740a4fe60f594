import { describe, expect, it } from "vitest"
import { actsOf, type Standing, stepsOf } from "./acts"
import { appidFrom, validAppid } from "./appid"
import {
	errorsFirst,
	position,
	refusedReport,
	reportOf,
	type State,
	sizeInWords,
	type Version,
} from "./program"
import { direction, outcome, wholePercent } from "./rollout"

const version = (state: State, more: Partial<Version> = {}): Version => ({
	id: `v${state}`,
	number: 2,
	name: "",
	kind: "app",
	size: 1000,
	bundle_size: 1000,
	note: "",
	scopes: [],
	domains: [],
	state,
	reviewed: false,
	created: "",
	released_at: "",
	scheduled_at: "",
	scheduled_percent: 0,
	...more,
})
const maker: Standing = {
	makes: true,
	operator: false,
	ended: false,
}

describe("ids", () => {
	it("are guessed from names, with their accents folded", () => {
		expect(appidFrom("Café de l’Été")).toBe("cafe-de-l-ete")
		expect(appidFrom("My Game.zip")).toBe("my-game")
		expect(appidFrom("--Trim me!--")).toBe("trim-me")
	})

	it("are not guessed from what leaves nothing", () => {
		expect(appidFrom("咖啡")).toBe("")
		expect(appidFrom("a")).toBe("")
		expect(validAppid(appidFrom("x".repeat(90)))).toBe(true)
	})
})

describe("acts", () => {
	it("are the server's, with the one first that a maker came for", () => {
		const fresh = version("checked", { next_acts: ["submit", "release", "schedule"] })
		expect(actsOf(fresh, maker)).toEqual({
			next: "submit",
			others: ["release", "schedule", "trial"],
		})
		expect(actsOf(version("approved", { next_acts: ["release", "schedule"] }), maker).next).toBe(
			"release",
		)
		expect(actsOf(version("rejected", { next_acts: ["submit"] }), maker)).toEqual({
			next: "review",
			others: ["submit", "trial"],
		})
	})

	it("change the percentage of what is out already", () => {
		const rolling = version("rolling_out", { next_acts: ["release", "schedule"] })
		expect(actsOf(rolling, maker)).toEqual({ next: "percent", others: ["trial"] })
	})

	it("are none for those who only look, but the operator's way back", () => {
		const before = version("superseded", { released_at: "x", next_acts: ["rollback"] })
		expect(actsOf(before, { ...maker, makes: false }).others).toEqual([])
		expect(actsOf(before, { ...maker, makes: false, operator: true }).others).toEqual(["rollback"])
		expect(actsOf(before, { ...maker, ended: true }).others).toEqual([])
	})
})

describe("the state line", () => {
	const here = (v: Version, claimed = false) => stepsOf(v, claimed).find((step) => step.here)?.word

	it("says where a version stands", () => {
		expect(here(version("checked"))).toBe("draft")
		expect(here(version("in_review"))).toBe("waiting")
		expect(here(version("in_review"), true)).toBe("review")
		expect(here(version("rejected"))).toBe("changes")
		expect(here(version("rolling_out"))).toBe("rolling_out")
	})

	it("does not claim a review that was skipped", () => {
		const done = (v: Version) => stepsOf(v, false).map((step) => step.done)
		expect(done(version("released", { released_at: "x" }))).toEqual([
			true,
			false,
			false,
			false,
			false,
		])
		expect(done(version("released", { released_at: "x", reviewed: true }))).toEqual([
			true,
			true,
			true,
			true,
			false,
		])
	})
})

describe("reports", () => {
	const warning = { file: "a.js", severity: "warning", code: "w", message: "" } as const
	const error = {
		file: "b.wxml",
		line: 3,
		column: 7,
		severity: "error",
		code: "e",
		message: "",
	} as const

	it("put first what stops the package, and say where", () => {
		expect(errorsFirst([warning, error])).toEqual([error, warning])
		expect(position(error)).toBe("b.wxml:3:7")
		expect(position({ ...warning, column: 4 })).toBe("a.js")
	})

	it("are read from a refusal in either shape", () => {
		expect(refusedReport({ findings: [error] })?.findings).toEqual([error])
		expect(refusedReport({ report: { findings: [error] } })?.uses).toEqual([])
		expect(refusedReport({ code: "too_large" })).toBeNull()
		expect(reportOf(null).findings).toEqual([])
	})

	it("write sizes as people do", () => {
		expect(sizeInWords(1700, "en-GB")).toBe("1.7 kB")
		expect(sizeInWords(1_440_000, "en-GB")).toBe("1.4 MB")
	})
})

describe("roll-outs", () => {
	it("take whole percentages alone", () => {
		expect([wholePercent("20 %".replace(" ", "")), wholePercent("0"), wholePercent(100)]).toEqual([
			20, 0, 100,
		])
		expect([
			wholePercent(""),
			wholePercent("1.5"),
			wholePercent("101"),
			wholePercent("-1"),
		]).toEqual([null, null, null, null])
	})

	it("say who gets what", () => {
		expect(outcome(100, 3)).toBe("everybody")
		expect(outcome(0, 3)).toBe("testers")
		expect(outcome(20, 3)).toBe("some")
		expect(outcome(20, null)).toBe("some_first")
		expect([direction(20, 50), direction(20, 5), direction(5, 5)]).toEqual([
			"more",
			"fewer",
			"same",
		])
	})
})
