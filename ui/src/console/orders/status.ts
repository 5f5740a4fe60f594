import type { Order, OrderStatus } from "../../lib/records"

export const statusTone: Record<OrderStatus, "neutral" | "brand" | "warn" | "danger" | "info"> = {
	open: "info",
	awaiting_approval: "warn",
	paid: "brand",
	checked: "neutral",
	abandoned: "neutral",
	refunded: "danger",
}

/** When the order last meant something: paid, or else last priced. */
export const orderTime = (order: Order) => order.paid_at || order.priced_at || order.created

export const units = (order: Order) =>
	(order.lines ?? []).reduce((all, line) => all + line.quantity, 0)
