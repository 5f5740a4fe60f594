// One page of orders that stays true: changed rows change in their place, new ones are counted until asked for.
import { filter, list } from "../../lib/api"
import { pocketbase } from "../../lib/live.svelte"
import type { Order, OrderStatus } from "../../lib/records"
import { Rows } from "../../lib/table/rows.svelte"
import { shop } from "../shop.svelte"

export const tabs = ["", "open", "awaiting_approval", "paid", "checked", "closed"] as const
/** "lively" is no tab of its own: everything but what came to nothing, for the overview. */
export type Tab = (typeof tabs)[number] | "lively"

export interface View {
	tab: Tab
	q: string
	place: string
	/** Instants between which the order was last priced; "" is open. */
	from: string
	to: string
	sort: string
	page: number
}

const closed: readonly OrderStatus[] = ["abandoned", "refunded"]

export function inTab(tab: Tab, status: OrderStatus): boolean {
	if (tab === "lively") return !closed.includes(status)
	return tab === "" || tab === status || (tab === "closed" && closed.includes(status))
}

export function isTab(text: string): text is (typeof tabs)[number] {
	return (tabs as readonly string[]).includes(text)
}

async function expression(org: string, view: View): Promise<string> {
	const parts = ["org = {:org}"]
	if (view.tab === "closed") parts.push('(status = "abandoned" || status = "refunded")')
	else if (view.tab === "lively") parts.push('status != "abandoned" && status != "refunded"')
	else if (view.tab) parts.push("status = {:tab}")
	if (view.place) parts.push("place = {:place}")
	if (view.from) parts.push("priced_at >= {:from}")
	if (view.to) parts.push("priced_at < {:to}")
	if (view.q)
		parts.push(
			"(number ~ {:q} || customer_name ~ {:q} || exit_code ~ {:q} || id = {:q} || lines ~ {:q})",
		)
	return filter(parts.join(" && "), { org, ...view })
}

export const fetchOrders = async (org: string, view: View, perPage: number) =>
	list<Order>("orders", {
		filter: await expression(org, view),
		sort: view.sort,
		expand: "place",
		page: view.page,
		perPage,
	})

export class OrderPage extends Rows<Order> {
	/** Orders of this view that came since it was fetched and are not on it. */
	arrivals = $state(0)
	/** How often a row changed, for who sums over them. */
	changes = $state(0)
	view: View = $state.raw({
		tab: "",
		q: "",
		place: "",
		from: "",
		to: "",
		sort: "-priced_at",
		page: 1,
	})

	#perPage: number
	#arrived = new Set<string>()
	#insert: boolean

	/** With `insert` a new order goes on top at once: for a list that nobody points into. */
	constructor(view: View, perPage: number, insert = false) {
		super()
		this.view = view
		this.#perPage = perPage
		this.#insert = insert
	}

	async show(view: View): Promise<void> {
		this.view = view
		this.#arrived.clear()
		this.arrivals = 0
		const org = shop.org?.id ?? ""
		await this.load(() => fetchOrders(org, view, this.#perPage))
	}

	/** Follows the shop's orders for as long as the component lives; call it while the component initialises. */
	follow(): void {
		const org = shop.org?.id ?? ""
		$effect(() => {
			let stop: (() => void) | undefined
			let left = false
			const again = pocketbase.connected(() => {
				if (this.status !== "loading") void this.show(this.view)
			})
			void pocketbase
				.subscribe<Order>({ collection: "orders", filter: `org = "${org}"` }, (action, order) =>
					this.#heard(action, order),
				)
				.then(
					(end) => {
						if (left) end()
						else stop = end
					},
					() => undefined, // the banner tells that the connection is lost; the page works without
				)
			if (this.#insert) void this.show(this.view)
			return () => {
				left = true
				stop?.()
				again()
			}
		})
	}

	#heard(action: string, order: Order): void {
		this.changes++
		if (action === "delete") return
		if (this.put(order)) return
		if (this.view.place && order.place !== this.view.place) return
		if (!inTab(this.view.tab, order.status)) return
		if (this.#insert) {
			this.rows = [order, ...this.rows].slice(0, this.#perPage)
			return
		}
		this.#arrived.add(order.id)
		this.arrivals = this.#arrived.size
	}
}
