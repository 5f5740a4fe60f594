/** Bills of mini programs as the server tells them, and its verbs for who pays. */
import { send } from "../../lib/api"

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
