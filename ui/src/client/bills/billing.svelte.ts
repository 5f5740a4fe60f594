/**
 * One bill as the sheet shows it. As with orders, money is never optimistic: the sheet says "paid" when the server
 * has, and a lost answer is asked for again under the same key.
 */
import * as api from "../../lib/api"
import { type Bill, bill as fetchBill, isPaid, payBill } from "../../lib/bills"
import type { Wallet } from "../../lib/records"
import { type Refusal, refusalFrom } from "../../lib/refusal"
import type { Method, Step } from "../pay/payment.svelte"

/** Refusals that no other try of this person changes. */
const FINAL = [
	"bill_not_found",
	"bill_not_open",
	"bill_expired",
	"individual_cap",
	"program_taken_down",
	"program_deleted",
	"program_not_found",
	"tier_not_allowed",
]

export class Billing {
	step: Step = $state("loading")
	bill: Bill | null = $state.raw(null)
	wallet: Wallet | null = $state.raw(null)
	method: Method = $state("wallet")
	/** Whether this Plaza is a demonstration: there money is simulated, by card and by topping up. */
	demo = $state(false)
	error: Refusal | null = $state.raw(null)
	/** Why it can never be paid; "" as long as it may be. */
	hopeless = $state("")

	// Bills take no points.
	readonly spendable = 0
	readonly pointValue = 0
	spend = 0

	#id: string
	#keys: Partial<Record<Method, string>> = {}

	constructor(id: string) {
		this.#id = id
		void this.load()
	}

	get balance(): number {
		const account = this.wallet?.accounts.find(({ currency }) => currency === this.bill?.currency)
		return account ? account.balance - account.held : 0
	}

	get short(): number {
		return this.method === "wallet" ? Math.max(0, (this.bill?.amount ?? 0) - this.balance) : 0
	}

	async load(): Promise<void> {
		this.step = "loading"
		this.error = null
		this.hopeless = ""
		try {
			const [bill, wallet, about] = await Promise.all([
				fetchBill(this.#id),
				api.wallet(),
				api.about().catch(() => null),
			])
			this.wallet = wallet
			this.demo = about?.demo === true
			this.#show(bill)
		} catch (error) {
			this.error = refusalFrom(error)
			this.#judge(this.error.code)
			this.step = "failed"
		}
	}

	/** Looks again: something has happened to the bill elsewhere. */
	async look(): Promise<void> {
		if (this.step !== "ready" && this.step !== "done") return
		const bill = await fetchBill(this.#id).catch(() => null)
		if (bill !== null && (this.step === "ready" || this.step === "done")) this.#show(bill)
	}

	#show(bill: Bill): void {
		this.bill = bill
		// Somebody who may see the bill need not be the one whom it asks.
		if (!bill.mine) this.hopeless = "bill_not_found"
		else if (bill.status === "closed") this.hopeless = "bill_not_open"
		else if (bill.status === "expired") this.hopeless = "bill_expired"
		this.step = isPaid(bill) && bill.mine ? "done" : "ready"
	}

	async pay(): Promise<void> {
		if (this.bill === null || this.step !== "ready" || this.hopeless !== "") return
		this.step = "paying"
		this.error = null
		// The same intention keeps its key however often it is sent; another method is another one.
		this.#keys[this.method] ??= api.intention()
		try {
			this.bill = await payBill(this.#id, this.method, this.#keys[this.method] ?? "")
			this.step = "done"
		} catch (error) {
			this.error = refusalFrom(error)
			this.step = "ready"
			this.#judge(this.error.code)
			if (this.error.code === "insufficient_funds")
				this.wallet = await api.wallet().catch(() => this.wallet)
			// Another sheet may have been quicker: then this is no failure at all.
			if (this.error.code === "bill_not_open") await this.look()
		}
	}

	#judge(code: string): void {
		if (FINAL.includes(code)) this.hopeless = code
	}

	/** Puts money into the wallet without leaving the sheet. */
	async topUp(amount: number, key: string): Promise<void> {
		if (this.bill === null) return
		this.wallet = await api.topUp(amount, this.bill.currency, key)
		this.error = null
	}
}
