/** The PocketBase client, loaded when first needed, and one typed function per verb of the server. */
import type PocketBase from "pocketbase"
import type {
	About,
	Decision,
	ExitCheck,
	MyPrograms,
	Offers,
	Order,
	Place,
	Points,
	Product,
	Program,
	ProgramLink,
	User,
	Wallet,
} from "./records"
import { refusalFrom } from "./refusal"

let loading: Promise<PocketBase> | undefined

/** The one client of this page. The SDK is not part of the first paint. */
export function client(): Promise<PocketBase> {
	loading ??= import("pocketbase").then(({ default: SDK }) => {
		const pb = new SDK(location.origin)
		// Screens decide what is stale; a cancelled twin of a request would only look like an error.
		pb.autoCancellation(false)
		return pb
	})
	return loading
}

/** A fresh Idempotency-Key: make one per intention (an opened payment sheet), not per attempt. */
export function intention(): string {
	return crypto.randomUUID()
}

interface SendOptions {
	method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
	body?: unknown
	query?: Record<string, string | number | undefined>
	key?: string
	headers?: Record<string, string>
	/** Gives the request up; the Refusal's code is then "aborted". */
	signal?: AbortSignal
}

/** Sends to a verb of the server; throws a Refusal. */
export async function send<T>(path: string, options: SendOptions = {}): Promise<T> {
	const pb = await client()
	const headers: Record<string, string> = { ...options.headers }
	if (options.key) headers["Idempotency-Key"] = options.key
	try {
		return await pb.send<T>(path, {
			method: options.method ?? (options.body === undefined ? "GET" : "POST"),
			headers,
			...(options.body === undefined ? {} : { body: options.body as BodyInit }),
			...(options.query ? { query: options.query } : {}),
			...(options.signal ? { signal: options.signal } : {}),
		})
	} catch (error) {
		throw refusalFrom(error)
	}
}

const post = <T>(path: string, body: unknown, key: string = intention()) =>
	send<T>(path, { body, key })

// The server itself

export const about = () => send<About>("/api/plaza")
export const serverTime = () => send<{ now: string }>("/api/clock")
export const moveClock = (change: { at: string } | { reset: true }) =>
	post<{ now: string }>("/api/demo/clock", change)

// Orders

export const startOrder = (place: string, channel: Order["channel"] = "scan") =>
	post<Order>("/api/orders", { place, channel })
export const order = (id: string) => send<Order>(`/api/orders/${id}`)
export const scan = (id: string, code: string, quantity = 1) =>
	post<Order>(`/api/orders/${id}/scan`, { code, quantity })
export const setLine = (id: string, line: string, quantity: number) =>
	post<Order>(`/api/orders/${id}/lines`, { line, quantity })
export const cancelOrder = (id: string) => post<Order>(`/api/orders/${id}/cancel`, {})
export const approveAge = (id: string) => post<Order>(`/api/orders/${id}/approve-age`, {})
export const exitCheck = (code: string, place?: string) =>
	post<ExitCheck>("/api/exit-checks", { code, place })

export interface Payment {
	method: "wallet" | "card" | "cash"
	points?: number
	/** The total on screen: a repeated request cannot pay a price that nobody saw. */
	total?: number
}

/** Pays under the sheet's own key, so that a retry of a lost answer cannot charge twice. */
export const pay = (id: string, payment: Payment, key: string) =>
	post<Order>(`/api/orders/${id}/pay`, payment, key)

// Wallet and points

export const wallet = (before?: number) => send<Wallet>("/api/wallet", { query: { before } })
export const topUp = (amount: number, currency: string, key: string) =>
	post<Wallet>("/api/wallet/topup", { amount, currency }, key)
export const allPoints = async () => {
	const answer = await send<Points[] | { items: Points[] }>("/api/loyalty")
	return Array.isArray(answer) ? answer : answer.items
}
export const pointsAt = (org: string) => send<Points>(`/api/loyalty/${org}`)

/** What a shop sells for less right now. */
export const offersAt = (place: string) => send<Offers>(`/api/places/${place}/offers`)

// Programs

export const setConsent = ({ appid, scope, state, duration, session }: Decision) =>
	post<unknown>(`/api/mp/${appid}/consents`, { scope, state, duration, session })

/** Everything that the person has decided, for programs that are gone too. */
export const decisions = () => send<Decision[]>("/api/consents")

/** Takes a decision back: the program loses what was allowed and must ask again. */
export const withdraw = (appid: string, scope: string) =>
	send<void>(`/api/mp/${appid}/consents/${scope}`, { method: "DELETE" })

/** What this person used last and keeps at hand. */
export const myPrograms = () => send<MyPrograms>("/api/mp/mine")

/** Keeps these programs at hand, in this order. */
export const keepPrograms = (favorites: string[]) =>
	send<MyPrograms>("/api/mp/mine", { method: "PUT", body: { favorites } })

/** Forgets that one program, or every program, was used. */
export const forgetRecents = (appid = "") =>
	send<void>(`/api/mp/mine/recents${appid && `/${appid}`}`, { method: "DELETE" })

export const programLink = (code: string) =>
	send<ProgramLink>(`/api/links/${encodeURIComponent(code)}`)

// Records

/** One page of a collection; throws a Refusal. */
export async function list<T>(
	collection: string,
	options: {
		page?: number
		perPage?: number
		filter?: string
		sort?: string
		expand?: string
		fields?: string
	} = {},
): Promise<{ items: T[]; totalItems: number; totalPages: number; page: number; perPage: number }> {
	const { page = 1, perPage = 50, ...rest } = options
	try {
		const pb = await client()
		return await pb.collection(collection).getList<T>(page, perPage, rest)
	} catch (error) {
		throw refusalFrom(error)
	}
}

/** One record; throws a Refusal. */
export async function one<T>(collection: string, id: string, expand?: string): Promise<T> {
	try {
		const pb = await client()
		return await pb.collection(collection).getOne<T>(id, expand ? { expand } : {})
	} catch (error) {
		throw refusalFrom(error)
	}
}

export async function create<T>(collection: string, body: Record<string, unknown>): Promise<T> {
	try {
		const pb = await client()
		return await pb.collection(collection).create<T>(body)
	} catch (error) {
		throw refusalFrom(error)
	}
}

export async function update<T>(
	collection: string,
	id: string,
	body: Record<string, unknown>,
): Promise<T> {
	try {
		const pb = await client()
		return await pb.collection(collection).update<T>(id, body)
	} catch (error) {
		throw refusalFrom(error)
	}
}

/** Puts values into a PocketBase filter with their quotes escaped: `filter("org = {:org}", {org})`. */
export async function filter(expression: string, values: Record<string, unknown>): Promise<string> {
	return (await client()).filter(expression, values)
}

/** The program in which people shop, when this Plaza has it. */
export async function marketProgram(): Promise<string | null> {
	const found = await programByID("market").catch(() => null)
	return found?.status === "live" ? found.appid : null
}

/** A program's row by its appid; null when there is none that this person may see. */
export async function programByID(appid: string): Promise<Program | null> {
	const found = await list<Program>("programs", {
		filter: await filter("appid = {:appid}", { appid }),
		perPage: 1,
	})
	return found.items[0] ?? null
}

export const places = async () =>
	(await list<Place>("places", { sort: "name", expand: "org", perPage: 200 })).items

/** The product that a shop sells under a code of 14 digits; null when it sells none. */
export async function productByCode(org: string, gtin14: string): Promise<Product | null> {
	const found = await list<Product>("products", {
		filter: await filter("org = {:org} && gtin = {:gtin} && archived = false", {
			org,
			gtin: gtin14,
		}),
		perPage: 1,
	})
	return found.items[0] ?? null
}

export const updateProfile = (id: string, change: Partial<Pick<User, "name" | "language">>) =>
	update<User>("users", id, change)
