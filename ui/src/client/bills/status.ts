import { t } from "../words"
import type { BillStatus } from "./bill"

export const billTone: Record<BillStatus, "neutral" | "brand" | "warn" | "info"> = {
	open: "warn",
	paid: "brand",
	partly_refunded: "info",
	refunded: "info",
	closed: "neutral",
	expired: "neutral",
}

export const billWords = (status: BillStatus) => t(`bills.status_${status}`)
