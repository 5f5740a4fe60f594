import type { BillStatus } from "../../lib/bills"
import { t } from "../words"

export const billTone: Record<BillStatus, "neutral" | "brand" | "warn" | "info"> = {
	open: "warn",
	paid: "brand",
	partly_refunded: "info",
	refunded: "info",
	closed: "neutral",
	expired: "neutral",
}

export const billWords = (status: BillStatus) => t(`bills.status_${status}`)
