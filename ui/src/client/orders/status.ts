/** What the state of an order is called and how it looks. */
import type { OrderStatus } from "../../lib/records"
import { t } from "../words"

export function statusWords(status: OrderStatus): string {
	return t(`status.${status}`)
}

export const statusTone: Record<OrderStatus, "neutral" | "brand" | "warn" | "danger" | "info"> = {
	open: "info",
	awaiting_approval: "warn",
	paid: "brand",
	checked: "neutral",
	abandoned: "neutral",
	refunded: "danger",
}
