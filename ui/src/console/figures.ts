// Sums over paid orders, by day of the shop's zone. Pure: the orders are fetched elsewhere.
import { dayKey } from "../lib/time"

export interface Sale {
	id: string
	total: number
	points_earned: number
	paid_at: string
	discount_total: number
}

export interface Sum {
	sales: number
	orders: number
	points: number
	discounted: number
}

const nothing: Sum = { sales: 0, orders: 0, points: 0, discounted: 0 }

export function sum(orders: Sale[]): Sum {
	return orders.reduce(
		(all, order) => ({
			sales: all.sales + order.total,
			orders: all.orders + 1,
			points: all.points + order.points_earned,
			discounted: all.discounted + (order.discount_total > 0 ? 1 : 0),
		}),
		nothing,
	)
}

/** The days up to and with the one of `now`, oldest first, as "2026-11-24". */
export function lastDays(now: Date, zone: string, length: number, before = 0): string[] {
	const today = Date.parse(`${dayKey(now, zone)}T12:00:00Z`)
	return Array.from({ length }, (_, i) =>
		new Date(today - (length - 1 - i + before) * 86_400_000).toISOString().slice(0, 10),
	)
}

export function byDay(orders: Sale[], zone: string): Map<string, Sum> {
	const days = new Map<string, Sale[]>()
	for (const order of orders) {
		const day = dayKey(order.paid_at, zone)
		days.set(day, [...(days.get(day) ?? []), order])
	}
	return new Map([...days].map(([day, of]) => [day, sum(of)]))
}

/** A period is worth comparing with when the shop sold on most of its days: one late first day is no base. */
export function comparable(sums: Map<string, Sum>, days: string[]): boolean {
	return days.filter((day) => sums.has(day)).length > days.length / 2
}

/** Today's orders and those of the same weekday a week ago until the same time, so that a morning is compared with a morning. */
export function todayAndLastWeek(orders: Sale[], now: Date, zone: string) {
	const at = (order: Sale) => new Date(order.paid_at.replace(" ", "T")).getTime()
	const weekAgo = now.getTime() - 7 * 86_400_000
	const today = dayKey(now, zone)
	const then = dayKey(weekAgo, zone)
	return {
		today: sum(orders.filter((order) => dayKey(order.paid_at, zone) === today)),
		lastWeek: sum(
			orders.filter((order) => dayKey(order.paid_at, zone) === then && at(order) <= weekAgo),
		),
	}
}

interface Discounted {
	total: number
	lines: { discounts?: { campaign: string; amount: number }[] | null }[] | null
	discounts: { campaign: string; amount: number }[] | null
}

export interface Use {
	orders: number
	sales: number
	given: number
}

/** How often each campaign lowered a price, in orders of what total, and what it gave away. */
export function byCampaign(orders: Discounted[]): Map<string, Use> {
	const uses = new Map<string, Use>()
	for (const order of orders) {
		const given = new Map<string, number>()
		// The order's own list has one sum per campaign; lines tell only when it is missing.
		const list = order.discounts?.length
			? order.discounts
			: (order.lines ?? []).flatMap((line) => line.discounts ?? [])
		for (const { campaign, amount } of list)
			given.set(campaign, (given.get(campaign) ?? 0) + amount)
		for (const [campaign, amount] of given) {
			const use = uses.get(campaign) ?? { orders: 0, sales: 0, given: 0 }
			uses.set(campaign, {
				orders: use.orders + 1,
				sales: use.sales + order.total,
				given: use.given + amount,
			})
		}
	}
	return uses
}
