/** Who is signed in. Read from the SDK's own storage, so that the first paint does not wait for the SDK. */
import { client } from "./api"
import type { User } from "./records"
import { refusalFrom } from "./refusal"

const storageKey = "pocketbase_auth"

interface Stored {
	token?: string
	record?: User | null
}

function stored(): Stored {
	try {
		return JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Stored
	} catch {
		return {}
	}
}

/** When a token ends, in milliseconds; 0 for what is no token. */
export function tokenEnd(token: string): number {
	try {
		const payload = token.split(".")[1] ?? ""
		const claims = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as {
			exp?: number
		}
		return (claims.exp ?? 0) * 1000
	} catch {
		return 0
	}
}

function userOf({ token = "", record }: Stored): User | null {
	return record && tokenEnd(token) > Date.now() ? record : null
}

class Session {
	user: User | null = $state.raw(userOf(stored()))

	constructor() {
		// Another tab signed in or out: never go on showing the other person's data.
		addEventListener("storage", (event) => {
			if (event.key !== storageKey && event.key !== null) return
			const now = userOf(stored())
			if (now?.id !== this.user?.id) location.reload()
		})
	}

	async signIn(email: string, password: string): Promise<void> {
		const pb = await client()
		try {
			const answer = await pb.collection("users").authWithPassword(email, password)
			this.user = answer.record as unknown as User
		} catch (error) {
			throw refusalFrom(error)
		}
	}

	async signUp(name: string, email: string, password: string, language: string): Promise<void> {
		const pb = await client()
		try {
			await pb
				.collection("users")
				.create({ name, email, password, passwordConfirm: password, language })
		} catch (error) {
			throw refusalFrom(error)
		}
		await this.signIn(email, password)
	}

	/** Renews the token quietly; a refused one signs out, a lost network changes nothing. */
	async refresh(): Promise<void> {
		if (this.user === null) return
		const pb = await client()
		try {
			// Not the SDK's authRefresh: when the page is left while the answer comes in, it reads an empty one,
			// keeps that as the new token, and the person is signed out on the next page.
			const answer = await pb.send<{ token?: string; record?: User }>(
				"/api/collections/users/auth-refresh",
				{ method: "POST" },
			)
			if (!answer.token || !answer.record) return
			pb.authStore.save(answer.token, answer.record as never)
			this.user = answer.record
		} catch (error) {
			const { status } = refusalFrom(error)
			if (status === 401 || status === 403 || status === 404) await this.signOut()
		}
	}

	/** Forgets the person and everything that was on screen for them. */
	async signOut(): Promise<void> {
		const pb = await client()
		await pb.realtime.unsubscribe()
		pb.authStore.clear()
		this.user = null
	}

	/** The profile changed here; keep the copy that the next start reads. */
	async changed(user: User): Promise<void> {
		const pb = await client()
		pb.authStore.save(pb.authStore.token, { ...pb.authStore.record, ...user } as never)
		this.user = { ...this.user, ...user }
	}
}

export const session = new Session()
