// What the states of listings and claims look like.
import type { Claim, Listing } from "./verbs"

export const stateTones: Record<Listing["open"], "brand" | "danger" | "neutral"> = {
	open: "brand",
	closed: "danger",
	unknown: "neutral",
}

export const claimTones: Record<Claim["state"], "info" | "brand" | "danger"> = {
	open: "info",
	approved: "brand",
	refused: "danger",
}
