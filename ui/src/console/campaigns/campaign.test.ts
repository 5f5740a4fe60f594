import { expect, it } from "vitest"
import { blank, copyOf, happyHour, phase, problems, tidied } from "./campaign"

const now = new Date("2026-11-24T12:00:00Z")

it("lets the dates speak before the status", () => {
	const at = (status: "active" | "paused" | "draft", starts_at = "", ends_at = "") =>
		phase({ status, starts_at, ends_at }, now)
	expect(at("active")).toBe("active")
	expect(at("active", "2026-11-25 00:00:00.000Z")).toBe("scheduled")
	expect(at("active", "", "2026-11-24 12:00:00.000Z")).toBe("ended")
	expect(at("paused", "2026-11-25 00:00:00.000Z")).toBe("paused")
	expect(at("draft", "", "2020-01-01 00:00:00.000Z")).toBe("draft")
})

it("has a happy hour that needs nothing more", () => {
	expect(problems(happyHour("org", "Europe/Paris", "Happy hour"))).toEqual([])
})

it("sends only what the kind uses", () => {
	const draft = { ...blank("org", "UTC"), name: " Two for one ", kind: "bxgy" as const, amount: 5 }
	expect(tidied(draft)).toMatchObject({
		name: "Two for one",
		amount: 0,
		percent_bp: 0,
		buy: 2,
		get: 1,
	})
	expect(tidied({ ...draft, kind: "sale" })).toMatchObject({ amount: 5, percent_bp: 0, buy: 0 })
	expect(tidied({ ...draft, kind: "sale", amount: 0 })).toMatchObject({ percent_bp: 2000 })
})

it("names the field that is wrong", () => {
	const draft = { ...blank("org", "UTC"), name: "x" }
	expect(problems({ ...draft, name: "  " })).toEqual([{ field: "name", code: "required" }])
	expect(problems({ ...draft, percent_bp: 10_001 })).toEqual([
		{ field: "percent_bp", code: "percent_range" },
	])
	expect(problems({ ...draft, kind: "order_fixed", amount: 0 })).toEqual([
		{ field: "amount", code: "amount_positive" },
	])
	expect(
		problems({ ...draft, starts_at: "2026-11-25 00:00:00Z", ends_at: "2026-11-25 00:00:00Z" }),
	).toEqual([{ field: "ends_at", code: "end_before_start" }])
	expect(problems({ ...draft, start_time: "17:00", end_time: "17:00" })).toEqual([
		{ field: "end_time", code: "empty_window" },
	])
})

it("copies as a draft", () => {
	const original = {
		...blank("org", "UTC"),
		id: "1",
		live: true,
		created: "",
		updated: "",
		status: "active" as const,
	}
	const copy = copyOf(original, "Again")
	expect(copy).toMatchObject({ name: "Again", status: "draft" })
	expect(copy).not.toHaveProperty("id")
})
