// How many messages wait to be read: one number for the whole app. It is asked for when the app is opened or looked
// at again, so that no open app holds a connection for it alone; the list of messages follows them live.

import { list } from "../../lib/api"

class Unread {
	count = $state(0)
	#user = ""

	/** Whose messages are counted from now on; nobody's for "". */
	async follow(user: string): Promise<void> {
		this.#user = user
		this.count = 0
		await this.look()
	}

	async look(): Promise<void> {
		const user = this.#user
		if (user === "") return
		const found = await list<{ id: string }>("notifications", {
			filter: "read = false",
			perPage: 1,
			fields: "id",
		}).catch(() => null)
		if (found && user === this.#user) this.count = found.totalItems
	}
}

export const unread = new Unread()
