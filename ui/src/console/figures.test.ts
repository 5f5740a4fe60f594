import { expect, it } from "vitest"
import { byCampaign, byDay, comparable, lastDays, sum, todayAndLastWeek } from "./figures"

const zone = "Europe/Paris"
const sale = (paid_at: string, total = 100) => ({
	id: paid_at,
	total,
	points_earned: 1,
	paid_at,
	discount_total: 0,
})

it("names days of the shop, across a change of the clock", () => {
	expect(lastDays(new Date("2026-10-26T00:30:00Z"), zone, 3)).toEqual([
		"2026-10-24",
		"2026-10-25",
		"2026-10-26",
	])
	expect(lastDays(new Date("2026-11-24T23:30:00Z"), zone, 2, 14)).toEqual([
		"2026-11-10",
		"2026-11-11",
	])
})

it("counts an order on the shop's day", () => {
	const days = byDay([sale("2026-11-23 23:30:00.000Z"), sale("2026-11-24 10:00:00.000Z", 50)], zone)
	expect(days.get("2026-11-24")).toEqual({ sales: 150, orders: 2, points: 2, discounted: 0 })
	expect(days.size).toBe(1)
})

it("compares a morning with a morning", () => {
	const now = new Date("2026-11-24T10:00:00Z")
	const { today, lastWeek } = todayAndLastWeek(
		[
			sale("2026-11-24 09:00:00.000Z"),
			sale("2026-11-17 09:59:00.000Z", 70),
			sale("2026-11-17 15:00:00.000Z"),
			sale("2026-11-16 09:00:00.000Z"),
		],
		now,
		zone,
	)
	expect(today.sales).toBe(100)
	expect(lastWeek.sales).toBe(70)
})

it("compares with a period only if the shop was open for most of it", () => {
	const days = lastDays(new Date("2026-11-24T12:00:00Z"), zone, 3)
	const open = (...of: string[]) =>
		byDay(
			of.map((day) => sale(`${day} 12:00:00.000Z`)),
			zone,
		)
	expect(comparable(open("2026-11-23", "2026-11-24"), days)).toBe(true)
	expect(comparable(open("2026-11-24"), days)).toBe(false)
})

it("sums nothing to nothing", () => {
	expect(sum([])).toEqual({ sales: 0, orders: 0, points: 0, discounted: 0 })
})

it("counts an order once per campaign", () => {
	const uses = byCampaign([
		{
			total: 900,
			lines: [
				{ discounts: [{ campaign: "a", amount: 50 }] },
				{ discounts: [{ campaign: "a", amount: 30 }] },
			],
			discounts: [
				{ campaign: "a", amount: 80 },
				{ campaign: "b", amount: 20 },
			],
		},
		{ total: 100, lines: [{ discounts: [{ campaign: "a", amount: 10 }] }], discounts: null },
	])
	expect(uses.get("a")).toEqual({ orders: 2, sales: 1000, given: 90 })
	expect(uses.get("b")).toEqual({ orders: 1, sales: 900, given: 20 })
})
