// Storage of one program on this device. All of it came with the launch, so reading is immediate; writing goes
// to the host behind the program's back.

import { LIMITS } from "../../lib/host/protocol"
import type { HostPort } from "../port"
import type { Implementation } from "./api"

/** The synchronous half and what `asynchronous` makes the other half of. */
export function storageApi(first: Record<string, string>, port: Pick<HostPort, "cast">) {
	const kept = new Map(Object.entries(first))
	let size = [...kept].reduce((sum, [key, value]) => sum + key.length + value.length, 0)

	const set = (key: string, data: unknown, name: string): void => {
		if (typeof key !== "string" || key === "")
			throw new Error(`${name}:fail parameter error: parameter.key should be a string`)
		const value = JSON.stringify({ d: data }) ?? "{}"
		const now = size - measure(key) + key.length + value.length
		if (value.length > LIMITS.storedValue || now > LIMITS.storage)
			throw new Error(`${name}:fail exceed storage max size`)
		size = now
		kept.set(key, value)
		port.cast("setStorage", { key, value })
	}
	const measure = (key: string) => (kept.has(key) ? key.length + (kept.get(key)?.length ?? 0) : 0)
	const get = (key: string): unknown => {
		const value = kept.get(key)
		return value === undefined ? "" : ((JSON.parse(value) as { d?: unknown }).d ?? "")
	}
	const remove = (key: string): void => {
		size -= measure(key)
		kept.delete(key)
		port.cast("setStorage", { key, value: null })
	}
	const clear = (): void => {
		kept.clear()
		size = 0
		port.cast("setStorage", { clear: true })
	}
	const info = () => ({
		keys: [...kept.keys()],
		currentSize: Math.ceil(size / 1024),
		limitSize: Math.floor(LIMITS.storage / 1024),
	})

	const synchronous = {
		setStorageSync: (key: string, data: unknown) => set(key, data, "setStorageSync"),
		getStorageSync: get,
		removeStorageSync: remove,
		clearStorageSync: clear,
		getStorageInfoSync: info,
		batchSetStorageSync: (list: { key: string; value: unknown }[]) => {
			for (const { key, value } of list) set(key, value, "batchSetStorageSync")
		},
		batchGetStorageSync: (keys: string[]) => keys.map(get),
	}
	const later: Record<string, Implementation> = {
		setStorage: ({ key, data }) => plainly(() => set(key as string, data, "setStorage")),
		getStorage: ({ key }) => {
			if (!kept.has(key as string)) throw new Error("data not found")
			return { data: get(key as string) }
		},
		removeStorage: ({ key }) => remove(key as string),
		clearStorage: clear,
		getStorageInfo: info,
		batchSetStorage: ({ kvList }) =>
			plainly(() => {
				for (const { key, value } of kvList as { key: string; value: unknown }[])
					set(key, value, "batchSetStorage")
			}),
		batchGetStorage: ({ keyList }) => ({ dataList: (keyList as string[]).map(get) }),
	}
	return { synchronous, later }
}

/** The asynchronous form puts the API's name in front itself. */
function plainly(run: () => void): void {
	try {
		run()
	} catch (error) {
		throw new Error((error as Error).message.replace(/^\w+:fail /, ""))
	}
}
