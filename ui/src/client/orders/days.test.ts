import { expect, test } from "vitest"
import type { Order, OrderStatus, Place } from "../../lib/records"
import { arrange, shopTime, zoneName } from "./days"

function order(id: string, status: OrderStatus, paid: string, zone = "UTC", lines = 1): Order {
	return {
		id,
		status,
		paid_at: paid,
		created: "2026-11-01 08:00:00.000Z",
		lines: Array(lines).fill({ quantity: 1 }),
		expand: { place: { timezone: zone } as Place },
	} as Order
}

test("a basket that is still to be paid comes before every receipt", () => {
	const { open, days } = arrange([
		order("new", "paid", "2026-11-24 10:00:00Z"),
		order("basket", "open", ""),
		order("waiting", "awaiting_approval", ""),
	])
	expect(open.map(({ id }) => id)).toEqual(["basket", "waiting"])
	expect(days.map(({ key }) => key)).toEqual(["2026-11-24"])
})

test("receipts stand by the shop's day, the latest first, whatever order they come in", () => {
	const { days } = arrange([
		order("early", "checked", "2026-11-22 09:00:00Z"),
		order("late", "paid", "2026-11-23 23:30:00Z", "Europe/Paris"),
		order("noon", "refunded", "2026-11-24 12:00:00Z"),
	])
	expect(days.map(({ key, orders }) => [key, orders.map(({ id }) => id)])).toEqual([
		["2026-11-24", ["noon", "late"]],
		["2026-11-22", ["early"]],
	])
})

test("an empty basket is not shown", () => {
	expect(arrange([order("empty", "open", "", "UTC", 0)])).toEqual({ open: [], days: [] })
})

test("a shop's zone is named only where its clock differs from this device's", () => {
	const here = Intl.DateTimeFormat().resolvedOptions().timeZone
	expect(shopTime("2026-11-24 10:00:00Z", "en-GB", here)).not.toMatch(/[A-Z]/)
	expect(shopTime("2026-11-24 10:00:00Z", "en-GB", "Pacific/Kiritimati")).toMatch(/ GMT\+14$/)
	expect(zoneName("2026-07-01 10:00:00Z", "en-GB", "Europe/Paris")).toBe("CEST")
})
