// What is being typed about a listing, and what of it differs from what the server has.
import type { Edit, Exception, Listing } from "./verbs"

export interface Draft {
	name: string
	names: Record<string, string>
	category: string
	address: string
	phone: string
	website: string
	cuisine: string
	hours: string
	happy_hours: string
	exceptions: Exception[]
	lat: number
	lon: number
	place: string
	program: string
	program_path: string
	hidden: boolean
}

export function draftOf(listing: Listing): Draft {
	return {
		name: listing.name,
		names: { ...listing.names },
		category: listing.category,
		address: listing.address,
		phone: listing.phone,
		website: listing.website,
		cuisine: listing.cuisine,
		hours: listing.hours,
		happy_hours: listing.happy_hours,
		exceptions: (listing.exceptions ?? []).map((each) => ({ ...each })),
		lat: listing.lat,
		lon: listing.lon,
		place: listing.place,
		program: listing.program_id,
		program_path: listing.program?.path ?? "",
		hidden: listing.hidden,
	}
}

export const emptyDraft = (lat: number, lon: number): Draft => ({
	name: "",
	names: {},
	category: "",
	address: "",
	phone: "",
	website: "",
	cuisine: "",
	hours: "",
	happy_hours: "",
	exceptions: [],
	lat,
	lon,
	place: "",
	program: "",
	program_path: "",
	hidden: false,
})

/** The fields that differ. A position goes whole: half of one is no place. */
export function changes(before: Draft, after: Draft): Partial<Edit> {
	const keys = Object.keys(after) as (keyof Draft)[]
	const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
	if (changed.includes("lat") !== changed.includes("lon")) changed.push("lat", "lon")
	return Object.fromEntries(changed.map((key) => [key, after[key]])) as Partial<Edit>
}
