/**
 * One payment as the sheet shows it. Money is never optimistic: the sheet says "processing" until the server
 * has answered, and a lost answer is asked for again under the same key, so that nobody pays twice.
 */
import * as api from "../../lib/api"
import type { Order, Points, Wallet } from "../../lib/records"
import { type Refusal, refusalFrom } from "../../lib/refusal"

export type Step = "loading" | "ready" | "paying" | "done" | "failed"
export type Method = "wallet" | "card"

export class PaymentSession {
	step: Step = $state("loading")
	order: Order | null = $state.raw(null)
	wallet: Wallet | null = $state.raw(null)
	points: Points | null = $state.raw(null)
	method: Method = $state("wallet")
	/** Points that the person wants to spend. */
	spend = $state(0)
	/** The total that was on screen before the price changed. */
	previousTotal: number | null = $state(null)
	error: Refusal | null = $state.raw(null)

	#orderID: string
	#key = ""
	#keyOf = ""

	constructor(orderID: string) {
		this.#orderID = orderID
		void this.load()
	}

	get balance(): number {
		const account = this.wallet?.accounts.find(({ currency }) => currency === this.order?.currency)
		return account ? account.balance - account.held : 0
	}

	/** What one point pays, in minor units; 0 where points pay nothing. */
	get pointValue(): number {
		const { spendable = 0, value = 0 } = this.points ?? {}
		return spendable > 0 ? value / spendable : 0
	}

	/** As many points as this order can use. */
	get spendable(): number {
		if (this.order === null || this.points === null || this.pointValue <= 0) return 0
		const needed = Math.floor(this.order.total / this.pointValue)
		return Math.max(0, Math.min(this.points.spendable, needed))
	}

	get pointsPay(): number {
		return Math.floor(this.spend * this.pointValue)
	}

	/** What is left to pay in money. */
	get due(): number {
		return (this.order?.total ?? 0) - this.pointsPay
	}

	get short(): number {
		return this.method === "wallet" ? Math.max(0, this.due - this.balance) : 0
	}

	async load(): Promise<void> {
		this.step = "loading"
		this.error = null
		try {
			const order = await api.one<Order>("orders", this.#orderID, "org,place")
			const [wallet, points] = await Promise.all([
				api.wallet(),
				// A shop without a loyalty programme refuses this; paying goes on without points.
				api.pointsAt(order.org).catch(() => null),
			])
			this.order = order
			this.wallet = wallet
			this.points = points
			this.step = order.status === "paid" || order.status === "checked" ? "done" : "ready"
		} catch (error) {
			this.error = refusalFrom(error)
			this.step = "failed"
		}
	}

	async pay(): Promise<void> {
		const { order } = this
		if (order === null || this.step === "paying") return
		this.step = "paying"
		this.error = null
		const payment: api.Payment = {
			method: this.method,
			total: order.total,
			...(this.spend > 0 ? { points: this.spend } : {}),
		}
		try {
			// The answer names the shop by its id only.
			this.order = { ...order, ...(await api.pay(order.id, payment, this.#keyFor(payment))) }
			this.step = "done"
		} catch (error) {
			await this.#refused(refusalFrom(error))
		}
	}

	/** Puts money into the wallet without leaving the sheet. */
	async topUp(amount: number, key: string): Promise<void> {
		if (this.order === null) return
		this.wallet = await api.topUp(amount, this.order.currency, key)
		this.error = null
	}

	// The same intention keeps its key however often it is sent; another method or price is another one.
	#keyFor(payment: api.Payment): string {
		const body = JSON.stringify(payment)
		if (body !== this.#keyOf) {
			this.#key = api.intention()
			this.#keyOf = body
		}
		return this.#key
	}

	async #refused(refusal: Refusal): Promise<void> {
		this.step = "ready"
		if (refusal.code === "price_changed") {
			this.previousTotal = Number(refusal.data.previous_total ?? this.order?.total ?? 0)
			this.order = { ...this.order, ...(refusal.data.order as Order) }
			this.spend = Math.min(this.spend, this.spendable)
			return
		}
		this.error = refusal
		if (refusal.code === "insufficient_funds")
			this.wallet = await api.wallet().catch(() => this.wallet)
		if (refusal.code === "order_not_open") {
			// Another attempt may have succeeded meanwhile: then this is no failure at all.
			const order = await api.order(this.#orderID).catch(() => null)
			if (order?.status === "paid" || order?.status === "checked") {
				this.order = order
				this.error = null
				this.step = "done"
			}
		}
	}
}
