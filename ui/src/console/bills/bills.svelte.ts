// One page of bills that stays true: changed rows change in their place, new ones are counted until asked for.
import { filter, list } from "../../lib/api"
import type { BillRow, BillStatus } from "../../lib/bills"
import { pocketbase } from "../../lib/live.svelte"
import { Rows } from "../../lib/table/rows.svelte"

export const tabs = ["", "open", "paid", "refunded", "closed"] as const
export type Tab = (typeof tabs)[number]

/** Whose bills: an organisation's, or one program's. */
export type Scope = { org: string } | { program: string }

export interface View {
	tab: Tab
	q: string
	/** The id of the program; "" is all of them. */
	program: string
	sort: string
	page: number
}

const states: Record<Tab, readonly BillStatus[]> = {
	"": [],
	open: ["open"],
	paid: ["paid"],
	refunded: ["partly_refunded", "refunded"],
	closed: ["closed", "expired"],
}

export function isTab(text: string): text is Tab {
	return (tabs as readonly string[]).includes(text)
}

export const inTab = (tab: Tab, status: BillStatus) => tab === "" || states[tab].includes(status)

async function expression(scope: Scope, view: View): Promise<string> {
	const parts = "org" in scope ? ["org = {:org}"] : ["program = {:own}"]
	if (view.tab)
		parts.push(`(${states[view.tab].map((state) => `status = "${state}"`).join(" || ")})`)
	if (view.program) parts.push("program = {:program}")
	if (view.q)
		parts.push("(title ~ {:q} || reference ~ {:q} || id = {:q} || openid = {:q} || detail ~ {:q})")
	const values = "org" in scope ? { org: scope.org } : { own: scope.program }
	return filter(parts.join(" && "), { ...values, q: view.q, program: view.program })
}

export const fetchBills = async (scope: Scope, view: View, perPage: number) =>
	list<BillRow>("bills", {
		filter: await expression(scope, view),
		sort: view.sort,
		page: view.page,
		perPage,
	})

export class BillPage extends Rows<BillRow> {
	/** Bills of this view that came since it was fetched and are not on it. */
	arrivals = $state(0)

	#scope: Scope
	#perPage: number
	#arrived = new Set<string>()
	#view: View = { tab: "", q: "", program: "", sort: "-created", page: 1 }

	constructor(scope: Scope, perPage: number) {
		super()
		this.#scope = scope
		this.#perPage = perPage
	}

	async show(view: View): Promise<void> {
		this.#view = view
		this.#arrived.clear()
		this.arrivals = 0
		await this.load(() => fetchBills(this.#scope, view, this.#perPage))
	}

	/** Follows the bills for as long as the component lives; call it while the component initialises. */
	follow(): void {
		const scope = this.#scope
		const filter = "org" in scope ? `org = "${scope.org}"` : `program = "${scope.program}"`
		$effect(() => {
			let stop: (() => void) | undefined
			let left = false
			const again = pocketbase.connected(() => {
				if (this.status !== "loading") void this.show(this.#view)
			})
			pocketbase
				.subscribe<BillRow>({ collection: "bills", filter }, (action, bill) =>
					this.#heard(action, bill),
				)
				.then(
					(end) => {
						if (left) end()
						else stop = end
					},
					() => undefined, // the banner tells that the connection is lost; the page works without
				)
			return () => {
				left = true
				stop?.()
				again()
			}
		})
	}

	#heard(action: string, bill: BillRow): void {
		if (action === "delete" || this.put(bill)) return
		if (this.#view.program && bill.program !== this.#view.program) return
		if (!inTab(this.#view.tab, bill.status)) return
		this.#arrived.add(bill.id)
		this.arrivals = this.#arrived.size
	}
}
