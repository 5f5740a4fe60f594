import type { BillStatus } from "../../lib/bills"

export const statusTone: Record<BillStatus, "neutral" | "brand" | "warn" | "info"> = {
	open: "warn",
	paid: "brand",
	partly_refunded: "info",
	refunded: "info",
	closed: "neutral",
	expired: "neutral",
}
