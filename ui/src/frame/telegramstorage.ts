// CloudStorage and DeviceStorage, with Telegram's limits, over what the host keeps for the program on this device.

type Answer<T> = ((error: string | null, result?: T) => void) | undefined

/** The storage of the bridge. */
interface Store {
	get(key: string): Promise<unknown>
	set(key: string, value: unknown): Promise<void>
	remove(key: string): Promise<void>
	keys(): Promise<string[]>
}

const CLOUD = "telegram:cloud:"
const DEVICE = "telegram:device:"
const KEY = /^[\w-]{1,128}$/
const VALUE = 4_096
const ITEMS = 1_024
const DEVICE_SIZE = 5_000_000

const answered = <T>(answer: Answer<T>, promise: Promise<T>) => {
	promise.then(
		(result) => answer?.(null, result),
		(error: unknown) => answer?.(error instanceof Error ? error.message : String(error)),
	)
}
const text = (value: unknown) => (typeof value === "string" ? value : "")

export function cloudStorage(store: Store): Record<string, unknown> {
	const checked = (keys: unknown) => {
		const list = (Array.isArray(keys) ? keys : [keys]).map(String)
		if (!list.every((key) => KEY.test(key))) throw new Error("KEY_INVALID")
		return list
	}
	const keys = async () =>
		(await store.keys())
			.filter((key) => key.startsWith(CLOUD))
			.map((key) => key.slice(CLOUD.length))
	const api = {
		setItem(key: string, value: string, answer?: Answer<boolean>) {
			const set = async () => {
				checked(key)
				if (String(value).length > VALUE) throw new Error("VALUE_INVALID")
				const there = await keys()
				if (!there.includes(key) && there.length >= ITEMS) throw new Error("QUOTA_EXCEEDED")
				await store.set(CLOUD + key, String(value))
				return true
			}
			answered(answer, set())
			return api
		},
		getItem(key: string, answer: Answer<string>) {
			const get = async () => text(await store.get(CLOUD + checked(key)[0]))
			answered(answer, get())
			return api
		},
		getItems(wanted: string[], answer: Answer<Record<string, string>>) {
			const get = async () =>
				Object.fromEntries(
					await Promise.all(
						checked(wanted).map(async (key) => [key, text(await store.get(CLOUD + key))]),
					),
				)
			answered(answer, get())
			return api
		},
		removeItem: (key: string, answer?: Answer<boolean>) => api.removeItems([key], answer),
		removeItems(wanted: string[], answer?: Answer<boolean>) {
			const remove = async () => {
				for (const key of checked(wanted)) await store.remove(CLOUD + key)
				return true
			}
			answered(answer, remove())
			return api
		},
		getKeys(answer: Answer<string[]>) {
			answered(answer, keys())
			return api
		},
	}
	return api
}

export function deviceStorage(store: Store): Record<string, unknown> {
	const keys = async () => (await store.keys()).filter((key) => key.startsWith(DEVICE))
	const api = {
		setItem(key: string, value: unknown, answer?: Answer<boolean>) {
			const set = async () => {
				if (value === null) await store.remove(DEVICE + key)
				else if (typeof value !== "string") throw new Error("VALUE_INVALID")
				else if (String(key).length + value.length > DEVICE_SIZE) throw new Error("QUOTA_EXCEEDED")
				else await store.set(DEVICE + key, value)
				return true
			}
			answered(answer, set())
		},
		getItem(key: string, answer: Answer<string | null>) {
			const get = async () => ((await store.get(DEVICE + key)) as string | undefined) ?? null
			answered(answer, get())
		},
		removeItem: (key: string, answer?: Answer<boolean>) => api.setItem(key, null, answer),
		clear(answer?: Answer<boolean>) {
			const clear = async () => {
				for (const key of await keys()) await store.remove(key)
				return true
			}
			answered(answer, clear())
		},
	}
	return api
}

/** There is no safe place in a browser: every call answers so. */
export function secureStorage(): Record<string, unknown> {
	const no = (...args: unknown[]) => {
		const answer = args.at(-1)
		if (typeof answer === "function") queueMicrotask(() => answer("UNSUPPORTED"))
	}
	return { setItem: no, getItem: no, restoreItem: no, removeItem: no, clear: no }
}
