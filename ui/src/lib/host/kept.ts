// Values by name that outlive the page, in a database of the browser. Without one, nothing is kept and nothing fails.

export class Kept<T> {
	readonly #name: string
	readonly #store: string
	#opening: Promise<IDBDatabase | null> | undefined

	/** One database with one store in it. */
	constructor(name: string, store: string) {
		this.#name = name
		this.#store = store
	}

	async read(key: string): Promise<T | undefined> {
		const store = await this.#open("readonly")
		return store && (await answer<T | undefined>(store.get(key)))
	}

	async write(key: string, value: T): Promise<void> {
		const store = await this.#open("readwrite")
		if (store) await answer(store.put(value, key))
	}

	async remove(key: string): Promise<void> {
		const store = await this.#open("readwrite")
		if (store) await answer(store.delete(key))
	}

	async clear(): Promise<void> {
		const store = await this.#open("readwrite")
		if (store) await answer(store.clear())
	}

	async #open(mode: IDBTransactionMode): Promise<IDBObjectStore | undefined> {
		this.#opening ??= open(this.#name, this.#store)
		try {
			return (await this.#opening)?.transaction(this.#store, mode).objectStore(this.#store)
		} catch {
			return undefined // the browser closed it, or is about to
		}
	}
}

function open(name: string, store: string): Promise<IDBDatabase | null> {
	return new Promise((resolve) => {
		try {
			const request = indexedDB.open(name, 1)
			request.onupgradeneeded = () => request.result.createObjectStore(store)
			request.onsuccess = () => resolve(request.result)
			request.onerror = () => resolve(null)
			request.onblocked = () => resolve(null)
		} catch {
			resolve(null)
		}
	})
}

/** What the request answers; one that fails, for want of space, answers nothing. */
function answer<T>(request: IDBRequest<T>): Promise<T | undefined> {
	return new Promise((resolve) => {
		request.onsuccess = () => resolve(request.result)
		request.onerror = () => resolve(undefined)
	})
}
