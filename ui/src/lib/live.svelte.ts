/**
 * Records that stay true: fetched once, changed by realtime, fetched again whenever the connection was lost.
 *
 * The subscription is made before the fetch, so no change falls between the two; what arrives in between is
 * applied on top. `connection` tells the person when what they see may be old.
 */
import type { RecordModel, RecordSubscription } from "pocketbase"
import { untrack } from "svelte"
import { client } from "./api"
import { type Refusal, refusalFrom } from "./refusal"

export type ConnectionState = "idle" | "live" | "lost"

class Connection {
	state: ConnectionState = $state("idle")
	/** Since when it has been lost, in milliseconds of this device. */
	since = $state(0)
	online = $state(typeof navigator === "undefined" ? true : navigator.onLine)

	lost(): void {
		if (this.state === "lost") return
		this.state = "lost"
		this.since = Date.now()
	}
}

export const connection = new Connection()

/** Where live state comes from; a test puts its own in place of PocketBase. */
export interface Source {
	fetch<T>(query: LiveQuery): Promise<T[]>
	/** Answers a function that ends the subscription. */
	subscribe<T>(query: LiveQuery, changed: (action: string, record: T) => void): Promise<() => void>
	/** Called every time that the connection stands (again). */
	connected(callback: () => void): () => void
}

export interface LiveQuery {
	collection: string
	/** One record … */
	id?: string
	/** … or those that fit. */
	filter?: string
	sort?: string
	expand?: string
	perPage?: number
}

const connectedCallbacks = new Set<() => void>()
let watching: Promise<void> | undefined

async function watchConnection(): Promise<void> {
	const pb = await client()
	pb.realtime.onDisconnect = (active) => {
		if (active.length > 0) connection.lost()
		else connection.state = "idle"
	}
	addEventListener("offline", () => {
		connection.online = false
		connection.lost()
	})
	addEventListener("online", () => {
		connection.online = true
		// A short cut may leave the stream standing: then nothing will announce that it is back, and what was
		// missed meanwhile is unknown. A stream that broke is opened again by the SDK.
		if (pb.realtime.isConnected) stands()
	})
	await pb.realtime.subscribe("PB_CONNECT", stands)
}

function stands(): void {
	connection.state = "live"
	for (const callback of connectedCallbacks) callback()
}

export const pocketbase: Source = {
	async fetch<T>({ collection, id, filter, sort, expand, perPage = 50 }: LiveQuery) {
		const pb = await client()
		const options = { ...(expand ? { expand } : {}) }
		if (id !== undefined) return [await pb.collection(collection).getOne<T>(id, options)]
		const page = await pb.collection(collection).getList<T>(1, perPage, {
			...options,
			...(filter ? { filter } : {}),
			...(sort ? { sort } : {}),
		})
		return page.items
	},
	async subscribe<T>(query: LiveQuery, changed: (action: string, record: T) => void) {
		const pb = await client()
		watching ??= watchConnection().catch((error) => {
			watching = undefined
			throw error
		})
		await watching
		const heard = (event: RecordSubscription<RecordModel>) =>
			changed(event.action, event.record as unknown as T)
		const stop = await pb.collection(query.collection).subscribe(query.id ?? "*", heard, {
			...(query.filter ? { filter: query.filter } : {}),
			...(query.expand ? { expand: query.expand } : {}),
		})
		// A server that cannot be told forgets the subscription with the connection.
		return () => void stop().catch(() => {})
	},
	connected(callback) {
		connectedCallbacks.add(callback)
		return () => connectedCallbacks.delete(callback)
	},
}

export type LiveStatus = "loading" | "ready" | "error"

export interface LiveOptions<T> {
	/** Says whether a changed record still belongs here; false takes it out. */
	keep?: (record: T) => boolean
	/** Where a record goes; without it new ones come first. */
	compare?: (a: T, b: T) => number
	/** New records wait in `arrivals` until `reveal()`, so that nothing moves under the pointer. */
	hold?: boolean
}

/** A followed query. Components use `follow`; this class knows no component. */
export class Live<T extends { id: string }> {
	items: T[] = $state.raw([])
	arrivals: T[] = $state.raw([])
	status: LiveStatus = $state("loading")
	error: Refusal | null = $state.raw(null)
	/** When the items were last known to be true, in milliseconds of this device. */
	fetchedAt = $state(0)

	#query: LiveQuery
	#options: LiveOptions<T>
	#source: Source
	#stops: (() => void)[] = []
	#stopped = false
	#fetching = 0
	#during = new Map<string, T | null>()

	constructor(query: LiveQuery, options: LiveOptions<T> = {}, source: Source = pocketbase) {
		this.#query = query
		this.#options = options
		this.#source = source
	}

	/** The record of a query by id, or the first one. */
	get value(): T | null {
		return this.items[0] ?? null
	}

	async start(): Promise<void> {
		this.#stops.push(
			this.#source.connected(() => {
				if (this.fetchedAt > 0) void this.refetch()
			}),
		)
		try {
			const stop = await this.#source.subscribe<T>(this.#query, (action, record) =>
				this.#changed(action, record),
			)
			if (this.#stopped) stop()
			else this.#stops.push(stop)
		} catch {
			// Without realtime the screen still works; the banner says that it may be old.
			connection.lost()
		}
		await this.refetch()
	}

	stop(): void {
		this.#stopped = true
		for (const stop of this.#stops.splice(0)) stop()
	}

	/** Fetches again: on Retry, and by itself after every reconnection. */
	async refetch(): Promise<void> {
		const turn = ++this.#fetching
		this.#during.clear()
		if (this.error !== null) {
			this.error = null
			if (this.fetchedAt === 0) this.status = "loading"
		}
		try {
			const items = await this.#source.fetch<T>(this.#query)
			if (turn !== this.#fetching || this.#stopped) return
			this.items = items
			this.arrivals = []
			this.fetchedAt = Date.now()
			this.status = "ready"
			for (const [id, record] of this.#during) this.#place(id, record)
		} catch (error) {
			if (turn !== this.#fetching || this.#stopped) return
			this.error = refusalFrom(error)
			// A lost network keeps what is on screen; any other answer is about the data itself.
			if (this.fetchedAt === 0 || this.error.status > 0) this.status = "error"
		} finally {
			if (turn === this.#fetching) this.#fetching = 0
		}
	}

	/** Shows what arrived since the list was last arranged. */
	reveal(): void {
		const arrived = this.arrivals
		this.arrivals = []
		for (const record of arrived) this.#insert(record)
	}

	/** Puts a record in that an own act has just answered, without waiting for the event. */
	put(record: T): void {
		this.#changed("update", record)
	}

	#changed(action: string, record: T): void {
		if (this.#stopped) return
		const gone = action === "delete" || (this.#options.keep && !this.#options.keep(record))
		if (this.#fetching > 0) this.#during.set(record.id, gone ? null : record)
		if (this.fetchedAt > 0) this.#place(record.id, gone ? null : record)
	}

	#place(id: string, record: T | null): void {
		const without = (list: T[]) => list.filter((item) => item.id !== id)
		if (record === null) {
			this.items = without(this.items)
			this.arrivals = without(this.arrivals)
			return
		}
		const known = this.items.findIndex((item) => item.id === id)
		if (known >= 0) this.items = this.items.with(known, merged(this.items[known] as T, record))
		else if (this.#options.hold) this.arrivals = [record, ...without(this.arrivals)]
		else this.#insert(record)
	}

	#insert(record: T): void {
		const rest = this.items.filter((item) => item.id !== record.id)
		const { compare } = this.#options
		this.items = compare ? [...rest, record].sort(compare) : [record, ...rest]
	}
}

// A verb's answer or an event may lack what the first fetch expanded.
function merged<T>(before: T, after: T): T {
	const known = before as { expand?: object }
	return known.expand && !(after as { expand?: object }).expand
		? { ...after, expand: known.expand }
		: after
}

/**
 * Follows a query for as long as the component lives; call it while the component initialises.
 * The query may read state: another query starts afresh. Null follows nothing.
 */
export function follow<T extends { id: string }>(
	query: () => LiveQuery | null,
	options: LiveOptions<T> = {},
): { readonly current: Live<T> | null } {
	const key = $derived(JSON.stringify(query()))
	const live = $derived.by(() => {
		const wanted = JSON.parse(key) as LiveQuery | null
		return wanted === null ? null : new Live<T>(wanted, options)
	})
	$effect(() => {
		const started = live
		void started?.start()
		return () => started?.stop()
	})
	return {
		get current() {
			return live
		},
	}
}

/** Follows one record. */
export function followRecord<T extends { id: string }>(
	collection: string,
	id: () => string | null,
	expand?: string,
): { readonly current: Live<T> | null } {
	return follow<T>(() => {
		const wanted = id()
		return wanted === null ? null : { collection, id: wanted, ...(expand ? { expand } : {}) }
	})
}

/**
 * Calls changed when a record is another than was heard of last: for screens that ask the server what a change means.
 * It calls at the first hearing, too, for what such a screen fetched until then may be older than the subscription.
 */
export function followChanges(
	collection: string,
	id: () => string | null,
	changed: () => void,
): void {
	const followed = followRecord<{ id: string; updated: string }>(collection, id)
	const updated = $derived(followed.current?.value?.updated ?? "")
	let heard = ""
	$effect(() => {
		if (updated !== "" && updated !== heard) untrack(changed)
		heard = updated
	})
}
