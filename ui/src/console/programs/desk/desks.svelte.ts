// The desks that a person may open: programs' own pages for those who work for their organisation.
import { send } from "../../../lib/api"

export interface Desk {
	appid: string
	name: string
	names: Record<string, string> | null
	icon: string
	color: string
	/** The organisation's id; empty when the program is the person's own. */
	org: string
	org_name: string
	role: "owner" | "manager" | "cashier"
}

class Desks {
	#all: Desk[] = $state.raw([])
	/** Whether the server has told them. */
	known = $state(false)

	/** Those of one organisation, and the person's own. */
	of(org: string | undefined): Desk[] {
		return this.#all.filter((desk) => desk.org === "" || desk.org === org)
	}

	find(appid: string): Desk | null {
		return this.#all.find((desk) => desk.appid === appid) ?? null
	}

	/** Nothing depends on them but the way there: without an answer the old ones stay. */
	async load(): Promise<void> {
		try {
			this.#all = await send<Desk[]>("/api/desks")
			this.known = true
		} catch {
			// The next look will tell.
		}
	}

	forget(): void {
		this.#all = []
		this.known = false
	}
}

export const desks = new Desks()
