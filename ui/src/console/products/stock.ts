/** From how many units down a shelf counts as low. */
export const lowStock = 5

export interface Level {
	id: string
	product: string
	place: string
	org: string
	quantity: number
}

/** The reasons that a person may give for a change of stock; the words are the catalogue's. */
export const reasons = ["delivery", "count", "damaged", "expired", "return", "theft"] as const
export type StockReason = (typeof reasons)[number]
