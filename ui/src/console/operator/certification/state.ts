import { moment } from "../../../lib/time"
import type { Certification } from "../../programs/verbs"

export const tones = {
	applied: "info",
	certified: "brand",
	refused: "danger",
	expired: "warn",
	revoked: "danger",
} as const

/** A seal that ends within so many days should be renewed. */
export const soonDays = 60

/** Days until the seal ends, rounded up; null when it does not, or has ended. */
export function daysLeft({ state, expires_at }: Certification, now: number): number | null {
	const end = moment(expires_at)
	if (state !== "certified" || end === null) return null
	return Math.max(0, Math.ceil((end.getTime() - now) / 86_400_000))
}
