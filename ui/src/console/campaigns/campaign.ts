// What a campaign is on screen: its record, the state its dates give it, and the form that edits it.

export const kinds = ["sale", "percent", "fixed", "bxgy", "order_percent", "order_fixed"] as const
export type Kind = (typeof kinds)[number]
export type Status = "draft" | "active" | "paused" | "ended"
/** The status with the schedule taken into account: an active one may still lie ahead or be over. */
export type Phase = "active" | "scheduled" | "paused" | "draft" | "ended"

export interface Campaign {
	id: string
	org: string
	name: string
	kind: Kind
	percent_bp: number
	amount: number
	buy: number
	get: number
	products: string[] | null
	categories: string[] | null
	min_spend: number
	priority: number
	exclusive_group: string
	timezone: string
	starts_at: string
	ends_at: string
	weekdays: number[] | null
	start_time: string
	end_time: string
	status: Status
	live: boolean
	created: string
	updated: string
}

export type Draft = Omit<Campaign, "id" | "live" | "created" | "updated">

export function phase(
	campaign: Pick<Campaign, "status" | "starts_at" | "ends_at">,
	now: Date,
): Phase {
	if (campaign.status !== "active" && campaign.status !== "paused") return campaign.status
	if (campaign.ends_at && instant(campaign.ends_at) <= now.getTime()) return "ended"
	if (campaign.status === "paused") return "paused"
	return campaign.starts_at && instant(campaign.starts_at) > now.getTime() ? "scheduled" : "active"
}

export function instant(at: string): number {
	return new Date(at.replace(" ", "T")).getTime()
}

export function blank(org: string, timezone: string): Draft {
	return {
		org,
		name: "",
		kind: "sale",
		percent_bp: 2000,
		amount: 0,
		buy: 2,
		get: 1,
		products: [],
		categories: [],
		min_spend: 0,
		priority: 0,
		exclusive_group: "",
		timezone,
		starts_at: "",
		ends_at: "",
		weekdays: [],
		start_time: "",
		end_time: "",
		status: "draft",
	}
}

/** Twenty percent off everything, on working days from five to seven. */
export function happyHour(org: string, timezone: string, name: string): Draft {
	return {
		...blank(org, timezone),
		name,
		weekdays: [1, 2, 3, 4, 5],
		start_time: "17:00",
		end_time: "19:00",
		status: "active",
	}
}

/** A copy that starts nothing by itself. */
export function copyOf(campaign: Campaign, name: string): Draft {
	const { id: _, live: __, created: ___, updated: ____, ...rest } = campaign
	return { ...rest, name, status: "draft" }
}

/** Clears what the chosen kind does not use, so that the server is not told two things at once. */
export function tidied(draft: Draft): Draft {
	const percent = draft.kind === "percent" || draft.kind === "order_percent"
	const sale = draft.kind === "sale"
	const amount = draft.kind === "fixed" || draft.kind === "order_fixed" || sale
	return {
		...draft,
		name: draft.name.trim(),
		amount: amount ? draft.amount : 0,
		percent_bp: percent || (sale && draft.amount === 0) ? draft.percent_bp : 0,
		buy: draft.kind === "bxgy" ? draft.buy : 0,
		get: draft.kind === "bxgy" ? draft.get : 0,
	}
}

export type Problem = { field: keyof Draft; code: string }

/** What can be seen to be wrong before the server is asked; the server says the rest. */
export function problems(draft: Draft): Problem[] {
	const found: Problem[] = []
	const add = (field: keyof Draft, code: string) => found.push({ field, code })
	if (draft.name.trim() === "") add("name", "required")
	const tidy = tidied(draft)
	const takesPercent = ["percent", "order_percent"].includes(draft.kind)
	if (takesPercent && !(tidy.percent_bp >= 1 && tidy.percent_bp <= 10_000))
		add("percent_bp", "percent_range")
	if (
		draft.kind === "sale" &&
		tidy.amount === 0 &&
		!(tidy.percent_bp >= 1 && tidy.percent_bp <= 10_000)
	)
		add("percent_bp", "percent_range")
	if (["fixed", "order_fixed"].includes(draft.kind) && !(tidy.amount > 0))
		add("amount", "amount_positive")
	if (draft.kind === "bxgy" && !(tidy.buy >= 1)) add("buy", "at_least_one")
	if (draft.kind === "bxgy" && !(tidy.get >= 1)) add("get", "at_least_one")
	if (draft.starts_at && draft.ends_at && instant(draft.ends_at) <= instant(draft.starts_at))
		add("ends_at", "end_before_start")
	if (draft.start_time && draft.start_time === draft.end_time) add("end_time", "empty_window")
	return found
}
