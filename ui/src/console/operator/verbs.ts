// One function for each act of the operator, and what the server answers. All of them throw a Refusal.
import { create, filter, list, send, update } from "../../lib/api"
import { language } from "../../lib/i18n/locale.svelte"
import type { Org, Program, ProgramCard } from "../../lib/records"
import type { Diff, Finding, Report, Version } from "../programs/program"
import type { Certification, Message, Review as Submission, Takedown } from "../programs/verbs"

const act = <T>(path: string, body: Record<string, unknown> = {}) =>
	send<T>(path, { method: "POST", body })

// Reviews

export interface Risk {
	code: string
	points: number
	detail?: string[]
}

export interface Review extends Submission {
	program: string
	risk: number
	claimed_by: string
	claimed_until: string
	decided_by: string
	expand?: { version?: Version }
}

/** A submission as the list shows it. */
export interface Queued {
	review: Review
	program: ProgramCard & { id: string; status: Program["status"] }
	version: Version
	/** Since the submission, or until the decision. */
	age_seconds: number
	overdue: boolean
	risk: number
	risks: Risk[]
	/** "" when nobody has it now. */
	claimed_by_name: string
	decided_by_name: string
	/** Who asks makes it, and may not judge it. */
	own: boolean
	diff: Diff & { files_before: number; files_after: number }
	warnings: number
	report: Report | null
}

/** One submission with all that a reviewer needs. */
export interface Reviewing extends Queued {
	files_added: string[]
	files_changed: string[]
	files_removed: string[]
	test_account: string
	/** What its maker speaks. */
	language: string
	thread: Message[]
}

export const pageOfReviews = 100

export const reviews = (state: "open" | "decided", page = 1) =>
	send<Queued[]>("/api/reviews", {
		query: { state, page, per_page: pageOfReviews, lang: language.current },
	})
export const review = (id: string) =>
	send<Reviewing>(`/api/reviews/${id}`, { query: { lang: language.current } })
export const claim = (id: string) => act<Reviewing>(`/api/reviews/${id}/claim`)
export const unclaim = (id: string) => act<Reviewing>(`/api/reviews/${id}/unclaim`)

const ofVersion = ({ program, version }: Pick<Queued, "program" | "version">) =>
	`/api/mp/${encodeURIComponent(program.appid)}/versions/${version.number}`

export const approve = (one: Queued, note: string) =>
	act<Review>(`${ofVersion(one)}/approve`, { note })

export interface Rejection {
	rule: string
	reason: string
	findings: Pick<Finding, "file" | "line" | "message">[]
	screenshot: File | null
}

export function reject(one: Queued, { screenshot, ...said }: Rejection): Promise<Review> {
	if (screenshot === null) return act<Review>(`${ofVersion(one)}/reject`, said)
	const form = new FormData()
	form.set("rule", said.rule)
	form.set("reason", said.reason)
	form.set("findings", JSON.stringify(said.findings))
	form.set("screenshot", screenshot)
	return send<Review>(`${ofVersion(one)}/reject`, { method: "POST", body: form })
}

/** What was said of the program's earlier submissions, latest first. */
export const earlierReviews = async (program: string, than: string) =>
	(
		await list<Review>("programs_reviews", {
			filter: await filter("program = {:program} && id != {:than}", { program, than }),
			sort: "-submitted_at",
			expand: "version",
			perPage: 20,
		})
	).items

// Certification

export interface Certifying {
	certification: Certification
	org: Pick<Org, "id" | "name" | "slug" | "kind" | "country" | "certified"> & {
		certified_agency: boolean
		certified_until: string
		created: string
	}
	applied_by_name: string
	decided_by_name: string
	age_seconds: number
	own: boolean
	/** The end of the seal that an application would renew; "" when there is none. */
	renews: string
}

export const certifications = (state: string, page = 1) =>
	send<Certifying[]>("/api/certifications", { query: { state, page } })
export const certify = (id: string, until: string, note: string) =>
	act<Certification>(`/api/certifications/${id}/certify`, { until, note })
export const refuse = (id: string, reason: string) =>
	act<Certification>(`/api/certifications/${id}/refuse`, { reason })
export const revoke = (id: string, reason: string) =>
	act<Certification>(`/api/certifications/${id}/revoke`, { reason })

// Takedowns

export type Scope = Takedown["scope"]

export interface TakedownView extends Takedown {
	appid: string
	/** Of the program, or of the organisation. */
	name: string
	number: number
	org: string
	author: string
	appealed_by: string
	decided_at: string
}

export interface NewTakedown {
	scope: Scope
	appid: string
	number: number
	org: string
	rule: string
	reason: string
	notice: string
}

export const takedowns = () => send<TakedownView[]>("/api/takedowns")
export const takeDown = (what: NewTakedown) => act<Takedown>("/api/takedowns", { ...what })
export const restore = (id: string, answer: string) =>
	act<Takedown>(`/api/takedowns/${id}/restore`, { answer })
export const uphold = (id: string, answer: string) =>
	act<Takedown>(`/api/takedowns/${id}/uphold`, { answer })

// Reports

export interface Complaint {
	id: string
	kind: "harmful" | "misleading" | "broken" | "privacy" | "rights" | "other"
	text: string
	version: number
	state: "open" | "closed"
	answer: string
	created: string
	updated: string
	reporter: string
	/** The house raised it: closing decides on ratings that came in a burst. */
	house: boolean
	/** Open reports of the program, this one too. */
	open: number
	/** Ratings of the program that wait. */
	held: number
	program: (ProgramCard & { id: string; status: Program["status"] }) | null
	rating: { id: string; stars: number; text: string; name: string; language: string } | null
}

export interface Complaints {
	items: Complaint[]
	total: number
	page: number
	more: boolean
}

export const complaints = (state: string, page = 1) =>
	send<Complaints>("/api/reports", { query: { state, page, lang: language.current } })
export const closeComplaint = (id: string, answer: string, hide: boolean) =>
	act<Complaint>(`/api/reports/${id}/close`, { answer, hide_rating: hide })

// Programs and organisations to choose from

/** Programs that the store would find, or whose name or id has the words. */
export async function programsLike(words: string, signal?: AbortSignal): Promise<ProgramCard[]> {
	const found = await send<{ items: ProgramCard[] }>("/api/store", {
		query: { q: words, per_page: 8, lang: language.current },
		...(signal ? { signal } : {}),
	})
	return found.items
}

export const anyProgramsLike = async (words: string) =>
	(
		await list<Program>("programs", {
			filter: await filter('status != "deleted" && (name ~ {:words} || appid ~ {:words})', {
				words,
			}),
			sort: "name",
			expand: "org",
			perPage: 8,
		})
	).items

export const orgsLike = async (words: string) =>
	(
		await list<Org>("orgs", {
			filter: await filter('kind != "host" && (name ~ {:words} || slug ~ {:words})', { words }),
			sort: "name",
			perPage: 8,
		})
	).items

// Featuring

export const slots = ["banner", "picks"] as const
export type Slot = (typeof slots)[number]

export interface Feature {
	id: string
	program: string
	slot: Slot
	titles: Record<string, string> | null
	position: number
	starts_at: string
	/** "" goes on. */
	ends_at: string
	expand?: { program?: Program & { org: string; expand?: { org?: Org } } }
}

export const features = async () =>
	(
		await list<Feature>("store_features", {
			sort: "slot,position,-starts_at",
			expand: "program.org",
			perPage: 200,
		})
	).items
export const saveFeature = (id: string, feature: Omit<Feature, "id" | "expand">) =>
	id
		? update<Feature>("store_features", id, { ...feature })
		: create<Feature>("store_features", { ...feature })

// Policy

export interface Tier {
	live: boolean
	scopes: string[]
	money: boolean
	push: boolean
	people: number
}

export interface Category {
	id: string
	names: Record<string, string>
	certified?: boolean
}

export interface Rule {
	id: string
	titles: Record<string, string>
	texts: Record<string, string>
}

export interface Individuals {
	bill_max: number
	day_max: number
	month_max: number
}

export interface Policy {
	number: number
	categories: Category[]
	limits: Record<string, number>
	tiers: Record<string, Tier>
	rules: Rule[]
	appeal_days: number
	rating_account_days: number
	/** What a single person may take through programs of their own, in minor units; zeros are nothing. */
	individuals?: Individuals
}

export interface PolicyVersion {
	id: string
	number: number
	policy: Policy
	note: string
	author: string
	created: string
}

export const currentPolicy = () => send<Policy>("/api/store/policy")
export const policies = async () =>
	(await list<PolicyVersion>("programs_policies", { sort: "-number", perPage: 50 })).items
export const setPolicy = (policy: Policy, note: string) =>
	act<PolicyVersion>("/api/policy", { policy, note })

// Audit

export interface Act {
	id: string
	at: string
	actor: string
	act: string
	subject: string
	detail: unknown
}
