/** How a person's orders are laid out: what is still to be paid, then the rest by the shop's own day. */
import type { Order } from "../../lib/records"
import { dayKey, formatTime, moment } from "../../lib/time"

export interface Day {
	key: string
	orders: Order[]
}

/** When the order counts as made: when it was paid, or begun. */
export function madeAt(order: Order): string {
	return order.paid_at || order.created
}

export function isOpen(order: Order): boolean {
	return order.status === "open" || order.status === "awaiting_approval"
}

/** The zone of the shop; the device's (undefined) when the place is not known. */
export function zoneOf(order: Order): string | undefined {
	return order.expand?.place?.timezone || undefined
}

export function itemsIn(order: Order): number {
	return order.lines.reduce((sum, line) => sum + line.quantity, 0)
}

/** Baskets first, then days, the latest first; empty baskets are nobody's concern. */
export function arrange(orders: readonly Order[]): { open: Order[]; days: Day[] } {
	const filled = orders
		.filter((order) => order.lines?.length > 0)
		.toSorted((a, b) => time(b) - time(a))
	const days: Day[] = []
	for (const order of filled) {
		if (isOpen(order)) continue
		const key = dayKey(madeAt(order), zoneOf(order))
		const day = days.find((one) => one.key === key)
		if (day) day.orders.push(order)
		else days.push({ key, orders: [order] })
	}
	return { open: filled.filter(isOpen), days }
}

function time(order: Order): number {
	return moment(madeAt(order))?.getTime() ?? 0
}

/** The time at the shop, with its zone named where the clock on the wall differs from this device's. */
export function shopTime(at: string, locale: string, zone: string | undefined): string {
	const there = formatTime(at, locale, zone)
	return zone === undefined || there === formatTime(at, locale)
		? there
		: `${there} ${zoneName(at, locale, zone)}`
}

/** The zone as people abbreviate it at that moment: "CET", "UTC+1". */
export function zoneName(at: string, locale: string, zone: string): string {
	const date = moment(at)
	if (date === null) return ""
	const parts = new Intl.DateTimeFormat(locale, {
		hour: "numeric",
		timeZone: zone,
		timeZoneName: "short",
	}).formatToParts(date)
	return parts.find(({ type }) => type === "timeZoneName")?.value ?? ""
}
