/** The store as the server tells it: what is shown first, what a search finds, one program's page. */
import { send } from "../../lib/api"
import type { Locale } from "../../lib/i18n/locale.svelte"
import type { Program, ProgramCard } from "../../lib/records"

export interface Category {
	id: string
	names: Partial<Record<string, string>>
	count: number
}

/** A program that the operator shows first, under a title of its own. */
export type Featured = ProgramCard & {
	title: string
	titles?: Partial<Record<string, string>> | null
}

export interface Front {
	banner: Featured[]
	picks: Featured[]
	new: ProgramCard[]
	rising: ProgramCard[]
	categories: Category[]
}

export const sorts = ["", "new", "rising"] as const
export type Sort = (typeof sorts)[number]

export interface StoreQuery {
	q: string
	category: string
	kind: Program["kind"] | ""
	sort: Sort
	certified: boolean
}

export interface Found {
	items: ProgramCard[]
	/** How many there are, roughly. */
	total_hint: number
	page: number
	more: boolean
	/** Where the next page begins, however deep the list. */
	after?: string
	/** The words that were searched for in place of a typing error. */
	corrected?: string
}

export interface Release {
	number: number
	name: string
	note: string
	released_at: string
	size: number
}

export interface Rating {
	id: string
	stars: number
	text: string
	language: string
	version: number
	name: string
	reply: string
	replied_at: string
	updated: string
	/** Part of the average; one's own first has to be an account of some days. */
	counted: boolean
	mine: boolean
}

export interface Detail extends ProgramCard {
	versions: Release[] | null
	scopes: string[] | null
	domains: string[] | null
	languages: string[] | null
	screenshots: string[] | null
	/** How many people gave one star, two stars, … */
	ratings_histogram: number[]
	my_rating: Rating | null
	can_rate: boolean
	agency: { name: string; certified: boolean } | null
	released_at: string
	size: number
	/** The person's own report of it, which the operator has not closed yet. */
	report_open: boolean
}

export const reportKinds = [
	"harmful",
	"misleading",
	"broken",
	"privacy",
	"rights",
	"other",
] as const
export type ReportKind = (typeof reportKinds)[number]

export const ratingSorts = ["helpful", "new", "high", "low"] as const
export type RatingSort = (typeof ratingSorts)[number]

const page = (appid: string) => `/api/store/${encodeURIComponent(appid)}`

export const front = (lang: Locale) => send<Front>("/api/store/front", { query: { lang } })

export const detail = (appid: string, lang: Locale) =>
	send<Detail>(page(appid), { query: { lang } })

export const ratings = (appid: string, number: number, sort: RatingSort) =>
	send<{ items: Rating[]; more: boolean }>(`${page(appid)}/ratings`, {
		query: { page: number, sort },
	})

export const rate = (appid: string, stars: number, text: string) =>
	send<Rating>(`${page(appid)}/rating`, { method: "PUT", body: { stars, text } })

export const takeRatingBack = (appid: string) =>
	send<void>(`${page(appid)}/rating`, { method: "DELETE" })

export const report = (appid: string, kind: ReportKind, text: string, rating = "") =>
	send<unknown>(`${page(appid)}/report`, { body: { kind, text, ...(rating ? { rating } : {}) } })

/** Which page of what is found: by its number, and from where the one before it ended. */
export interface Turn {
	page: number
	after: string
	lang: Locale
	signal: AbortSignal
}

export function search(
	{ certified, ...query }: StoreQuery,
	{ page: number, after, lang, signal }: Turn,
): Promise<Found> {
	const asked = { ...query, certified: certified ? "true" : "", page: number, after, lang }
	const said = Object.entries(asked).filter(([, value]) => value !== "")
	return send<Found>("/api/store", { query: Object.fromEntries(said), signal })
}

/** The address of a search; what is not asked for is not in it. */
export function searchPath(query: Partial<StoreQuery>): string {
	const params = new URLSearchParams()
	for (const [name, value] of Object.entries(query)) if (value) params.set(name, String(value))
	return `/store/search${params.size > 0 ? `?${params}` : ""}`
}

/** The query that an address asks for; values that the store does not know are none. */
export function queryOf(params: URLSearchParams): StoreQuery {
	const kind = params.get("kind") ?? ""
	const sort = params.get("sort") ?? ""
	return {
		q: params.get("q") ?? "",
		category: params.get("category") ?? "",
		kind: kind === "app" || kind === "game" || kind === "web" ? kind : "",
		sort: (sorts as readonly string[]).includes(sort) ? (sort as Sort) : "",
		certified: params.get("certified") === "true",
	}
}
