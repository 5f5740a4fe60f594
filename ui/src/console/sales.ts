// Paid orders of a shop, fetched lean, for sums. More than a cap is left out and said so, never guessed.
import { filter, list } from "../lib/api"
import type { Order } from "../lib/records"
import type { Sale } from "./figures"

const perPage = 500
const cap = 20

export interface Fetched<T> {
	orders: T[]
	/** False when there were more than could be fetched. */
	complete: boolean
}

async function paidSince<T>(
	org: string,
	since: Date,
	place: string,
	fields: string,
	more: string,
): Promise<Fetched<T>> {
	const where = [
		`org = {:org} && paid_at >= {:since} && (status = "paid" || status = "checked")`,
		place && "place = {:place}",
		more,
	]
	const expression = await filter(where.filter(Boolean).join(" && "), { org, since, place })
	const orders: T[] = []
	for (let page = 1; page <= cap; page++) {
		const part = await list<T>("orders", {
			filter: expression,
			sort: "-paid_at",
			fields,
			perPage,
			page,
		})
		orders.push(...part.items)
		if (page >= part.totalPages) return { orders, complete: true }
	}
	return { orders, complete: false }
}

export const sales = (org: string, since: Date, place = "") =>
	paidSince<Sale>(org, since, place, "id,total,points_earned,paid_at,discount_total", "")

export type CampaignSale = Sale & Pick<Order, "lines" | "discounts">

/** Only the orders that a campaign touched, with what it took off. */
export const campaignSales = (org: string, since: Date, place = "") =>
	paidSince<CampaignSale>(
		org,
		since,
		place,
		"id,total,points_earned,paid_at,discount_total,discounts",
		"discount_total > 0",
	)
