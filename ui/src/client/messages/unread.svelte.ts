// How many messages wait to be read: one number for the whole app, kept true by realtime.

import { client, list } from "../../lib/api"

class Unread {
	count = $state(0)
	#user = ""

	/** Begins to count for this person; a second call for the same one changes nothing. */
	async follow(user: string): Promise<void> {
		if (user === this.#user) return
		this.#user = user
		this.count = 0
		if (user === "") return
		const pb = await client()
		await pb.collection("notifications").subscribe("*", () => void this.look())
		await this.look()
	}

	async look(): Promise<void> {
		const found = await list<{ id: string }>("notifications", {
			filter: "read = false",
			perPage: 1,
			fields: "id",
		}).catch(() => null)
		if (found) this.count = found.totalItems
	}
}

export const unread = new Unread()
