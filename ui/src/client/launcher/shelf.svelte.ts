/**
 * The programs that a person used last and those they keep at hand. The server has them; the copy on this
 * device is what the next start draws before the server has answered, and what there is without a network.
 */
import { forgetRecents, keepPrograms, myPrograms } from "../../lib/api"
import type { MyPrograms, ProgramCard } from "../../lib/records"
import { Refusal, refusalFrom } from "../../lib/refusal"
import { session } from "../../lib/session.svelte"

const copyKey = "plaza.shelf"
/** Where the lists were kept before the server had them. */
const oldKeys = { favorites: "plaza.programs.mine", recents: "plaza.programs.recent" }

const nothing: MyPrograms = { recents: [], favorites: [], badges: {} }

interface Copy {
	user: string
	mine: MyPrograms
}

class Shelf {
	#mine: MyPrograms | null = $state.raw(null)
	/** Whose lists these are: another person never sees them, not for a moment. */
	#user = $state("")
	error: Refusal | null = $state.raw(null)
	/** The lists are the server's, not only this device's copy of them. */
	#fresh = false

	/** The lists of whoever is signed in; null while nothing is known of them. */
	get mine(): MyPrograms | null {
		return session.user !== null && session.user.id === this.#user ? this.#mine : null
	}

	keeps(appid: string): boolean {
		return this.mine?.favorites.some((one) => one.appid === appid) ?? false
	}

	/** Whether the person opened it before, as far as the lists tell. */
	used(appid: string): boolean {
		const { recents, favorites } = this.mine ?? nothing
		return [...recents, ...favorites].some((one) => one.appid === appid)
	}

	/** What is known of a program before anything is asked. */
	card(appid: string): ProgramCard | undefined {
		const { recents, favorites } = this.mine ?? nothing
		return [...recents, ...favorites].find((one) => one.appid === appid)
	}

	async load(): Promise<void> {
		const user = session.user?.id ?? ""
		if (user === "") return
		if (this.#user !== user) {
			this.#user = user
			this.#mine = copyOf(user)
			this.#fresh = false
		}
		this.error = null
		try {
			const mine = await moved(await myPrograms())
			if (this.#user !== user) return
			this.#set(mine)
			this.#fresh = true
		} catch (error) {
			if (this.#user === user) this.error = refusalFrom(error)
		}
	}

	/** The favourites as the server has them: what is put in order must be whole, or the rest would be lost. */
	async favorites(): Promise<ProgramCard[]> {
		if (!this.#fresh || this.mine === null) await this.load()
		if (this.mine === null || !this.#fresh)
			throw this.error ?? new Refusal("offline", 0, {}, "Offline")
		return this.mine.favorites
	}

	/** Keeps these programs, in this order; the lists are as before when the server refuses. */
	async keep(favorites: ProgramCard[]): Promise<void> {
		const before = this.mine ?? nothing
		this.#set({ ...before, favorites })
		try {
			await keepPrograms(favorites.map(({ appid }) => appid))
		} catch (error) {
			this.#set({ ...(this.mine ?? nothing), favorites: before.favorites })
			throw error
		}
	}

	/** Forgets one program, or all, as recently used. */
	async forget(appid = ""): Promise<void> {
		const before = this.mine ?? nothing
		const recents = appid === "" ? [] : before.recents.filter((one) => one.appid !== appid)
		this.#set({ ...before, recents })
		try {
			await forgetRecents(appid)
		} catch (error) {
			this.#set({ ...(this.mine ?? nothing), recents: before.recents })
			throw error
		}
	}

	/** The person signs out: the next one on this device finds nothing of theirs. */
	clear(): void {
		this.#mine = null
		this.#user = ""
		try {
			localStorage.removeItem(copyKey)
		} catch {
			// Then there was no copy either.
		}
	}

	#set(mine: MyPrograms): void {
		this.#mine = mine
		try {
			localStorage.setItem(copyKey, JSON.stringify({ user: this.#user, mine } satisfies Copy))
		} catch {
			// Without storage the next start waits for the server.
		}
	}
}

function copyOf(user: string): MyPrograms | null {
	const copy = read(copyKey) as Copy | null
	return copy?.user === user && Array.isArray(copy.mine?.recents) ? copy.mine : null
}

/** Favourites that this device kept by itself go to the server once; then the old lists are gone. */
async function moved(mine: MyPrograms): Promise<MyPrograms> {
	const old = read(oldKeys.favorites)
	let appids = Array.isArray(old) ? old.filter((appid) => typeof appid === "string") : []
	if (mine.favorites.length > 0) appids = []
	let next = mine
	while (appids.length > 0) {
		try {
			await keepPrograms(appids)
			next = await myPrograms()
			break
		} catch (error) {
			const { status, data } = refusalFrom(error)
			// Only a lost network is worth another try later; a program that is gone stays behind.
			if (status === 0) return mine
			const others = appids.filter((appid) => appid !== data.appid)
			appids = others.length < appids.length ? others : []
		}
	}
	forgetOld()
	return next
}

function read(key: string): unknown {
	try {
		return JSON.parse(localStorage.getItem(key) ?? "null")
	} catch {
		return null // what cannot be read is as good as nothing
	}
}

function forgetOld(): void {
	try {
		for (const key of Object.values(oldKeys)) localStorage.removeItem(key)
	} catch {
		// They are never read again once the server has favourites.
	}
}

export const shelf = new Shelf()
