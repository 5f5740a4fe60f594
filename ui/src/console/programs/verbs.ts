// One function for each act on a program. All of them throw a Refusal.
import { client, filter, list, one, send } from "../../lib/api"
import type { Program } from "../../lib/records"
import { refusalFrom } from "../../lib/refusal"
import type { Finding, Listed, Version } from "./program"
import type { Plan } from "./rollout"
import type { Domains, Hosts } from "./settings/domains"

const base = (appid: string) => `/api/mp/${encodeURIComponent(appid)}`
const act = <T>(path: string, body: Record<string, unknown> = {}) =>
	send<T>(path, { method: "POST", body })
const ofVersion = (appid: string, number: number) => `${base(appid)}/versions/${number}`

// Programs

export async function programOf(appid: string): Promise<Listed | null> {
	const found = await list<Listed>("programs", {
		filter: await filter("appid = {:appid}", { appid }),
		expand: "org,agency,release,rollout",
		perPage: 1,
	})
	return found.items[0] ?? null
}

export interface Draft {
	appid: string
	name: string
	names: Record<string, string>
	description: string
	category: string
	kind: Program["kind"]
	/** An organisation's program; left out for one's own. */
	org?: string
}

export const makeProgram = (draft: Draft) => act<Listed>("/api/mp", { ...draft })

export const available = (appid: string, signal?: AbortSignal) =>
	send<{ available: boolean; reason?: string }>(`${base(appid)}/available`, {
		...(signal ? { signal } : {}),
	})

export const endProgram = (appid: string) => send<unknown>(base(appid), { method: "DELETE" })
export const setAgency = (appid: string, org: string) =>
	act<unknown>(`${base(appid)}/agency`, { org })

export const domainsOf = (appid: string) => send<Domains>(`${base(appid)}/domains`)

/** Changes the makers' own list; what the manifest names stays. */
export const changeDomains = (appid: string, change: { add?: Hosts; remove?: Hosts }) =>
	act<Domains>(`${base(appid)}/domains`, change)

// Versions

const light =
	"id,number,name,kind,size,bundle_size,note,scopes,domains,state,reviewed,created,released_at,scheduled_at,scheduled_percent"

/** All versions, latest first, each with what changed and what may be done with it. */
export const versionsForMakers = async (appid: string) =>
	(await send<{ versions: Version[] }>(`${base(appid)}/versions`)).versions

/** The same for whoever only looks. */
export const versionsOf = async (program: string) =>
	(
		await list<Version>("programs_versions", {
			filter: await filter("program = {:program}", { program }),
			sort: "-number",
			fields: light,
			perPage: 200,
		})
	).items

export const versionWithReport = (id: string) => one<Version>("programs_versions", id)

/**
 * Sends a package. `progress` hears the share that has left this device; after 1 the server is checking.
 * Not the SDK's fetch, because only the older request tells how far an upload is.
 */
export async function upload(
	appid: string,
	query: { org?: string; note?: string },
	zip: Blob,
	progress: (share: number) => void,
): Promise<Version> {
	const { token } = (await client()).authStore
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest()
		request.open("POST", `${base(appid)}/versions?${new URLSearchParams(query)}`)
		request.setRequestHeader("Authorization", token)
		request.setRequestHeader("Content-Type", "application/zip")
		request.responseType = "json"
		request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0)
		request.upload.onload = () => progress(1)
		request.onload = () => {
			const { status, response } = request
			if (status >= 200 && status < 300) resolve(response as Version)
			else reject(refusalFrom({ status, response: response ?? {} }))
		}
		request.onerror = () => reject(refusalFrom({ status: 0 }))
		request.send(zip)
	})
}

export const submit = (appid: string, number: number, notes: string, account: string) =>
	act<Review>(`${ofVersion(appid, number)}/submit`, { notes, test_account: account })
export const withdraw = (appid: string, number: number) =>
	act<unknown>(`${ofVersion(appid, number)}/withdraw`)
export const release = (appid: string, number: number, { percent, at }: Plan) =>
	act<Version>(`${ofVersion(appid, number)}/release`, { percent, ...(at ? { at } : {}) })
export const unschedule = (appid: string, number: number) =>
	act<unknown>(`${ofVersion(appid, number)}/unschedule`)
export const rollback = (appid: string, number: number, reason: string) =>
	act<unknown>(`${ofVersion(appid, number)}/rollback`, { reason })

// Review

export interface Review {
	id: string
	version: string
	state: "waiting" | "claimed" | "approved" | "rejected" | "withdrawn"
	notes: string
	test_account: string
	submitted_at: string
	decided_at: string
	rule: string
	reason: string
	findings: Finding[] | null
	screenshot: string
	collectionId?: string
}

export interface Message {
	id: string
	/** The version that it was about. */
	number: number
	side: "creator" | "reviewer"
	text: string
	author_name: string
	created: string
}

export interface ReviewStatus {
	review: Review | null
	/** Place in the queue, from 1; 0 when it waits in none. */
	position: number
	waiting: number
	median_seconds: number
	thread: Message[] | null
}

export const reviewOf = (appid: string) => send<ReviewStatus>(`${base(appid)}/review`)
export const say = (review: string, text: string) =>
	act<Message>(`/api/reviews/${review}/messages`, { text })

/** The address of a protected file, good for a few minutes. */
export async function protectedFile(collection: string, id: string, name: string): Promise<string> {
	const pb = await client()
	try {
		const token = await pb.files.getToken()
		return pb.files.getURL({ id, collectionName: collection, collectionId: collection }, name, {
			token,
		})
	} catch (error) {
		throw refusalFrom(error)
	}
}

// Templates of messages

export interface Template {
	code: string
	title: string
	fields: { name: string; label: string }[]
	/** Messages that people have agreed to and not got yet. */
	tickets: number
	sent: number
}

export const templatesOf = (appid: string) => send<Template[]>(`${base(appid)}/messages/templates`)
export const setTemplate = (
	appid: string,
	{ code, title, fields }: Pick<Template, "code" | "title" | "fields">,
) => act<Template[]>(`${base(appid)}/messages/templates`, { code, title, fields })
export const removeTemplate = (appid: string, code: string) =>
	send<unknown>(`${base(appid)}/messages/templates/${encodeURIComponent(code)}`, {
		method: "DELETE",
	})

// Testers, keys, links

export interface Tester {
	id: string
	user: string
	name: string
	email: string
	created: string
}

export const testersOf = (appid: string) => send<Tester[]>(`${base(appid)}/testers`)
export const addTester = (appid: string, email: string) =>
	act<Tester[]>(`${base(appid)}/testers`, { email })
export const removeTester = (appid: string, id: string) =>
	send<unknown>(`${base(appid)}/testers/${id}`, { method: "DELETE" })

/** A key is for uploading, or for the program's own server. */
export type KeyKind = "upload" | "server"

export interface ProgramKey {
	id: string
	name: string
	kind: KeyKind
	/** Who made it; for whom a key for uploading acts. */
	author: string
	created: string
	used_at: string
	revoked_at: string
	/** Only in the answer that made it. */
	key?: string
}

export const keysOf = (appid: string) => send<ProgramKey[]>(`${base(appid)}/keys`)
export const makeKey = (appid: string, kind: KeyKind, name: string) =>
	act<ProgramKey>(`${base(appid)}/keys`, { kind, name })
export const revokeKey = (appid: string, id: string) =>
	send<unknown>(`${base(appid)}/keys/${id}`, { method: "DELETE" })

export interface Link {
	code: string
	/** What the QR code says. */
	url: string
	name: string
	path: string
	query: string
	scene: number
	place: string
	/** A trial version's number; 0 for whatever the person gets. */
	version: number
	opens: number
	created: string
	expires_at: string
	revoked_at: string
}

export interface NewLink {
	name: string
	path: string
	query: string
	scene: number
	place: string
	version?: number
	expires_at?: string
}

export const linksOf = (appid: string, page = 1) =>
	send<{ links: Link[]; page: number; more: boolean }>(`${base(appid)}/links`, { query: { page } })
export const makeLink = (appid: string, link: NewLink) =>
	act<Link>(`${base(appid)}/links`, { ...link })
export const revokeLink = (appid: string, code: string) =>
	send<unknown>(`${base(appid)}/links/${code}`, { method: "DELETE" })
/** The address of the code's picture, on this server under whatever name it was reached. */
export const qrOf = (code: string) => `/api/links/${code}/qr.svg`

// Ratings

export interface Rating {
	id: string
	stars: number
	text: string
	language: string
	version: number
	/** A first name and an initial. */
	name: string
	reply: string
	replied_at: string
	created: string
	updated: string
	/** It is part of the average: those of new accounts wait. */
	counted: boolean
}

export interface Ratings {
	items: Rating[]
	total: number
	page: number
	more: boolean
}

export const ratingsOf = (appid: string, page: number, sort: string) =>
	send<Ratings>(`/api/store/${encodeURIComponent(appid)}/ratings`, { query: { page, sort } })
export const storePage = (appid: string) =>
	send<{ rating: number; ratings: number; ratings_histogram: number[] | null }>(
		`/api/store/${encodeURIComponent(appid)}`,
	)
export const reply = (rating: string, text: string) =>
	send<Rating>(`/api/store/ratings/${rating}/reply`, { method: "PUT", body: { text } })
export const reportRating = (appid: string, rating: string, kind: string, text: string) =>
	act<unknown>(`/api/store/${encodeURIComponent(appid)}/report`, { kind, text, rating })

// Policy

export interface Policy {
	number: number
	categories: { id: string; names: Record<string, string>; certified?: boolean }[]
	limits: { package_bytes: number; main_bytes: number; total_bytes: number; files: number }
	tiers: Record<
		string,
		{ live: boolean; scopes: string[]; money: boolean; push: boolean; people: number }
	>
	rules: { id: string; titles: Record<string, string>; texts: Record<string, string> }[]
	appeal_days: number
}

let policyLoading: Promise<Policy> | undefined

/** The operator's rules; read once, asked again after a failure. */
export function policy(): Promise<Policy> {
	policyLoading ??= send<Policy>("/api/store/policy").catch((error) => {
		policyLoading = undefined
		throw error
	})
	return policyLoading
}

// Takedowns

export interface Takedown {
	id: string
	scope: "version" | "program" | "org"
	rule: string
	reason: string
	notice: string
	state: "active" | "appealed" | "upheld" | "restored"
	appeal: string
	appealed_at: string
	appeal_due: string
	answer: string
	created: string
}

export const takedownsOf = async (program: string) =>
	(
		await list<Takedown>("programs_takedowns", {
			filter: await filter("program = {:program}", { program }),
			sort: "-created",
			perPage: 20,
		})
	).items
export const appeal = (takedown: string, text: string) =>
	act<Takedown>(`/api/takedowns/${takedown}/appeal`, { text })

// Certification

export interface Certification {
	id: string
	org: string
	kind: "business" | "agency"
	state: "applied" | "certified" | "refused" | "expired" | "revoked"
	legal_name: string
	registration: string
	country: string
	documents: string[]
	reason: string
	created: string
	decided_at: string
	expires_at: string
}

export const certificationsOf = async (org: string) =>
	(
		await list<Certification>("certifications", {
			filter: await filter("org = {:org}", { org }),
			sort: "-created",
			perPage: 20,
		})
	).items
export const applyForCertification = (org: string, form: FormData) =>
	send<Certification>(`/api/orgs/${org}/certification`, { method: "POST", body: form })
