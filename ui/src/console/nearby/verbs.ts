// One function for each act about listings, and what the server answers. All of them throw a Refusal.
import { client, send } from "../../lib/api"
import { language } from "../../lib/i18n/locale.svelte"
import { refusalFrom } from "../../lib/refusal"

export interface Exception {
	/** 2026-12-24, in the zone of the place. */
	date: string
	/** "10:00-14:00", or "off". */
	hours: string
	note: string
}

export interface Photo {
	id: string
	url: string
	width: number
	height: number
}

/** A listing as its merchant and the operator see it. */
export interface Listing {
	id: string
	name: string
	names: Record<string, string> | null
	category: string
	category_name: string
	lat: number
	lon: number
	address: string
	phone: string
	website: string
	cuisine: string
	open: "open" | "closed" | "unknown"
	hours: string
	hours_valid: boolean
	happy_hours: string
	timezone: string
	exceptions: Exception[] | null
	photos: Photo[] | null
	photo: string
	place: string
	program: { appid: string; name: string; path: string } | null
	program_id: string
	org: string
	org_name: string
	certified: boolean
	hidden: boolean
	source: string
	source_id: string
	attribution: string
	claim: Claim | null
	created: string
	updated: string
}

/** What shall change of a listing; what is left out stays. */
export interface Edit {
	name: string
	names: Record<string, string>
	category: string
	lat: number
	lon: number
	address: string
	phone: string
	website: string
	cuisine: string
	hours: string
	happy_hours: string
	exceptions: Exception[]
	place: string
	program: string
	program_path: string
	hidden: boolean
}

export interface Brief {
	id: string
	name: string
	category: string
	category_name: string
	address: string
	lat: number
	lon: number
	hours: string
	source: string
	source_id: string
	org: string
	org_name: string
	photos: number
}

export interface Claim {
	id: string
	state: "open" | "approved" | "refused"
	listing: Brief
	org: string
	org_name: string
	certified: boolean
	asked_by: string
	note: string
	reason: string
	created: string
	decided_at: string
}

export interface Double {
	listing: Brief
	other: Brief
	/** Metres between them. */
	distance: number
}

export interface Merge {
	from: Brief
	into: Brief
	since: string
}

export interface RowError {
	row: number
	source_id: string
	field: string
	code: string
	message: string
}

export interface Report {
	id: string
	state: "waiting" | "running" | "done" | "failed"
	format: string
	source: string
	dry_run: boolean
	rows: number
	done: number
	created: number
	updated: number
	unchanged: number
	kept: number
	skipped: number
	unread: number
	failed: number
	errors: RowError[] | null
	failure: string
	created_at: string
}

export interface Centre {
	lat: number
	lon: number
	label: string
}

export interface Settings {
	tiles: "none" | "file" | "template"
	template: string
	attribution: string
	min_zoom: number
	max_zoom: number
	center: Centre
	file: string
	file_problem: string
}

export interface Tiles {
	kind: "none" | "tiles"
	url: string
	attribution: string
	min_zoom: number
	max_zoom: number
	center: Centre
}

export interface Kind {
	key: string
	name: string
	icon: string
	count: number
}

/** A listing as everybody finds it. */
export interface Found {
	id: string
	name: string
	category_name: string
	address: string
	org: string
	org_name: string
	distance: number
}

const lang = () => language.current
const act = <T>(path: string, body: unknown = {}) => send<T>(path, { method: "POST", body })

// The merchant's

export const mine = async (org: string) =>
	(await send<{ items: Listing[] }>("/api/nearby/mine", { query: { org, lang: lang() } })).items

export const myClaims = async (org: string) =>
	(await send<{ items: Claim[] }>("/api/nearby/mine/claims", { query: { org } })).items

/** One of them, for those who may change it. */
export const managed = (id: string) =>
	send<Listing>(`/api/nearby/listings/${id}/manage`, { query: { lang: lang() } })

export const create = (org: string, edit: Partial<Edit>) =>
	send<Listing>("/api/nearby/listings", {
		method: "POST",
		body: { org, ...edit },
		query: { lang: lang() },
	})

export const save = (id: string, edit: Partial<Edit>) =>
	send<Listing>(`/api/nearby/listings/${id}`, {
		method: "PATCH",
		body: edit,
		query: { lang: lang() },
	})

export const claim = (id: string, org: string, note: string) =>
	act<Claim>(`/api/nearby/listings/${id}/claim`, { org, note })

/** The picture is the body, as it is: the SDK sends JSON or forms. */
export async function addPhoto(id: string, file: File): Promise<Photo> {
	const pb = await client()
	const answer = await fetch(`/api/nearby/listings/${id}/photos`, {
		method: "POST",
		headers: { Authorization: pb.authStore.token, "Content-Type": file.type || "image/jpeg" },
		body: file,
	}).catch(() => {
		throw refusalFrom({ status: 0 })
	})
	const told = await answer.json().catch(() => ({}))
	if (!answer.ok) throw refusalFrom({ status: answer.status, response: told })
	return told as Photo
}

export const removePhoto = (id: string, photo: string) =>
	send<void>(`/api/nearby/listings/${id}/photos/${photo}`, { method: "DELETE" })

export const kinds = async (q: string) =>
	(await send<{ items: Kind[] }>("/api/nearby/categories", { query: { q, lang: lang() } })).items

/** Places of that name anywhere in town. */
export const findPlaces = async (q: string) =>
	(
		await send<{ items: Found[] }>("/api/nearby", {
			query: { q, radius: 50_000, limit: 12, lang: lang() },
		})
	).items

export const tiles = () => send<Tiles>("/api/nearby/map")

// The operator's

export const listings = (query: { q?: string; state?: string; sort?: string; page: number }) =>
	send<{ items: Listing[]; more: boolean }>("/api/nearby/listings", {
		query: { ...query, lang: lang() },
	})

export const claims = (state: string) =>
	send<{ items: Claim[]; more: boolean }>("/api/nearby/claims", {
		query: { state, lang: lang() },
	})
export const approve = (id: string) => act<Claim>(`/api/nearby/claims/${id}/approve`)
export const refuse = (id: string, reason: string) =>
	act<Claim>(`/api/nearby/claims/${id}/refuse`, { reason })

export const doubles = () =>
	send<{ items: Double[] | null; merged: Merge[] | null; more: boolean }>("/api/nearby/doubles", {
		query: { lang: lang() },
	})
export const merge = (id: string, into: string) =>
	act<unknown>(`/api/nearby/listings/${id}/merge`, { into })
export const unmerge = (id: string) => act<unknown>(`/api/nearby/listings/${id}/unmerge`)

export function importFile(
	file: File,
	how: { format: string; source: string; dry: boolean },
): Promise<Report> {
	const form = new FormData()
	form.set("file", file)
	const query = { format: how.format, source: how.source, dry_run: String(how.dry) }
	return send<Report>("/api/nearby/import", { method: "POST", body: form, query })
}
export const imported = (id: string) => send<Report>(`/api/nearby/imports/${id}`)
export const imports = async () =>
	(await send<{ items: Report[] | null }>("/api/nearby/imports")).items ?? []

/** What people say is wrong with a listing. */
export interface Reported {
	listing: string
	name: string
	address: string
	org_name: string
	kind: "closed" | "hours" | "position" | "details"
	people: number
	since: string
}

export const reported = () => send<Reported[]>("/api/nearby/reports")
export const settle = (listing: string, kind: string) =>
	act<void>(`/api/nearby/listings/${listing}/reports/settle`, { kind })

export const settings = () => send<Settings>("/api/nearby/settings")
export const setSettings = (change: Partial<Settings>) =>
	send<Settings>("/api/nearby/settings", { method: "PATCH", body: change })
