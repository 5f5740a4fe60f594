// The orders that wait for a person of the shop: an age to approve. Followed live, for the badge and the overview.
import { Live, type LiveQuery, pocketbase } from "../../lib/live.svelte"
import type { Order } from "../../lib/records"

const isWaiting = (order: Order) => order.status === "awaiting_approval"

// The subscription hears every order of the shop, so that one which stops waiting is taken out; the fetch asks for those that wait.
const source = {
	...pocketbase,
	fetch: <T>(query: LiveQuery) =>
		pocketbase.fetch<T>({ ...query, filter: `${query.filter} && status = "awaiting_approval"` }),
}

class Waiting {
	#live: Live<Order> | null = $state.raw(null)

	get orders(): Order[] {
		return this.#live?.items ?? []
	}

	follow(org: string): () => void {
		const live = new Live<Order>(
			{ collection: "orders", filter: `org = "${org}"`, sort: "-created", expand: "place" },
			{ keep: isWaiting },
			source,
		)
		this.#live = live
		void live.start()
		return () => live.stop()
	}
}

export const waiting = new Waiting()
