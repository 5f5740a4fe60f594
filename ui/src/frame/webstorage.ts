// localStorage and sessionStorage of a web program. Its origin has none, and programs that were written for another
// place touch them before they ask anything: these are in memory, and the host keeps what is local.

import { LIMITS } from "../lib/host/protocol"

/** What the host keeps of localStorage, among what the program keeps otherwise. */
export const LOCAL = "local:"

/** Characters of all keys and values (browsers have five million, too). */
const MOST = 5_000_000

export interface Kept {
	storage: Storage
	/** Adds what was kept before; what the page has meanwhile set or removed stays as it is. */
	fill(entries: Iterable<[key: string, value: string]>): void
}

/** A Storage in memory; `write` hears of every change. */
export function storageOf(write: (key: string, value: string | null) => void): Kept {
	const values = new Map<string, string>()
	/** What the page decided before the host told what there was. */
	const decided = new Set<string>()
	let cleared = false
	let size = 0

	const put = (key: string, value: string) => {
		remove(key)
		values.set(key, value)
		size += key.length + value.length
	}
	const remove = (key: string) => {
		size -= values.has(key) ? key.length + (values.get(key)?.length ?? 0) : 0
		values.delete(key)
	}
	const methods = {
		getItem: (key: string) => values.get(String(key)) ?? null,
		setItem: (name: string, data: string) => {
			const [key, value] = [String(name), String(data)]
			const after = size + value.length - (values.get(key)?.length ?? -key.length)
			if (after > MOST) throw new DOMException("The storage is full.", "QuotaExceededError")
			decided.add(key)
			put(key, value)
			write(key, value)
		},
		removeItem: (name: string) => {
			const key = String(name)
			decided.add(key)
			remove(key)
			write(key, null)
		},
		clear: () => {
			cleared = true
			for (const key of [...values.keys()]) methods.removeItem(key)
		},
		key: (at: number) => [...values.keys()][at] ?? null,
	}
	const storage = new Proxy(methods, {
		get: (target, name) => {
			if (name === "length") return values.size
			if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name)
			return values.get(name)
		},
		set: (target, name, value) => {
			if (typeof name === "symbol") return Reflect.set(target, name, value)
			methods.setItem(name, value)
			return true
		},
		has: (target, name) => name in target || values.has(String(name)),
		deleteProperty: (_, name) => {
			methods.removeItem(String(name))
			return true
		},
		ownKeys: () => [...new Set([...values.keys(), ...Object.keys(methods)])],
		getOwnPropertyDescriptor: (target, name) => {
			const value = values.get(String(name))
			return value === undefined
				? {
						...Object.getOwnPropertyDescriptor(target, name),
						enumerable: false,
						configurable: true,
					}
				: { value, enumerable: true, configurable: true, writable: true }
		},
	}) as unknown as Storage

	return {
		storage,
		fill(entries) {
			for (const [key, value] of entries) {
				if (cleared) write(key, null)
				else if (!decided.has(key)) put(key, value)
			}
		},
	}
}

/** Whether the host can keep it. */
export function keepable(key: string, value: string): boolean {
	return LOCAL.length + key.length <= LIMITS.words && value.length < LIMITS.storedValue / 2
}
