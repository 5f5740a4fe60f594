/** Bills of mini programs as the server tells them, and its verbs for who pays and who is paid. */
import { send } from "./api"

export type BillStatus = "open" | "paid" | "partly_refunded" | "refunded" | "closed" | "expired"

/** A part of a bill that was given back. */
export interface Refund {
	key: string
	amount: number
	reason: string
	source: "program" | "backend" | "payee" | "operator"
	created: string
}

export interface Bill {
	id: string
	status: BillStatus
	amount: number
	refunded: number
	currency: string
	title: string
	detail: string
	reference: string
	openid: string
	method: string
	trial: boolean
	created: string
	expires_at: string
	paid_at: string
	payee: { name: string; id: string; kind: "org" | "person"; certified: boolean }
	program: {
		appid: string
		name: string
		names: Record<string, string>
		icon: string
		color: string
	}
	refunds: Refund[]
	mine: boolean
	may_refund: boolean
}

export const bill = (id: string) => send<Bill>(`/api/bills/${encodeURIComponent(id)}`)

/** Pays under the sheet's own key, so that a retry of a lost answer cannot charge twice. */
export const payBill = (id: string, method: string, key: string) =>
	send<Bill>(`/api/bills/${encodeURIComponent(id)}/pay`, { body: { method }, key })

/** Whether it was paid, whatever was given back since. */
export const isPaid = ({ status }: Pick<Bill, "status">) =>
	status === "paid" || status === "partly_refunded" || status === "refunded"

/** Gives a paid bill back, or a part of it; without an amount all that is left. */
export const refundBill = (id: string, amount: number, reason: string, key: string) =>
	send<Bill>(`/api/bills/${encodeURIComponent(id)}/refund`, { body: { amount, reason }, key })

/** A bill as lists and realtime events carry it. */
export interface BillRow {
	id: string
	program: string
	appid: string
	program_name: string
	org: string
	owner: string
	payee: string
	openid: string
	status: BillStatus
	amount: number
	refunded: number
	currency: string
	title: string
	detail: string
	reference: string
	method: string
	trial: boolean
	expires_at: string
	paid_at: string
	closed_at: string
	created: string
	updated: string
}
