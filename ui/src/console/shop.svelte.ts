// Whose console this is: the shops a person works for, the one and the place they look at.
import { about, list } from "../lib/api"
import type { About, Org, Place, Staff } from "../lib/records"
import { type Refusal, refusalFrom } from "../lib/refusal"

const storageKey = "plaza.console.shop"

interface Chosen {
	org: string
	place: string
}

function stored(): Chosen {
	try {
		const { org = "", place = "" } = JSON.parse(localStorage.getItem(storageKey) ?? "{}")
		return { org: String(org), place: String(place) }
	} catch {
		return { org: "", place: "" }
	}
}

class Shop {
	status: "loading" | "ready" | "error" = $state("loading")
	error: Refusal | null = $state.raw(null)
	jobs: Staff[] = $state.raw([])
	places: Place[] = $state.raw([])
	about: About | null = $state.raw(null)

	#chosen: Chosen = $state.raw(stored())

	job = $derived(this.jobs.find((job) => job.org === this.#chosen.org) ?? this.jobs[0] ?? null)
	org: Org | null = $derived(this.job?.expand?.org ?? null)
	orgPlaces = $derived(this.places.filter((place) => place.org === this.org?.id))
	/** The chosen place; null is all of them. */
	place = $derived(this.orgPlaces.find((place) => place.id === this.#chosen.place) ?? null)
	/** Where a door or a shelf is meant: the chosen place, or the only one there is. */
	standing = $derived(
		this.place ?? (this.orgPlaces.length === 1 ? (this.orgPlaces[0] ?? null) : null),
	)
	/** The shop's zone; who works for none has the device's. */
	zone = $derived(
		this.place?.timezone ||
			this.org?.timezone ||
			Intl.DateTimeFormat().resolvedOptions().timeZone ||
			"UTC",
	)
	currency = $derived(this.org?.currency ?? "EUR")
	/** Cashiers look and check; owners and managers change. */
	manages = $derived(this.job?.role === "owner" || this.job?.role === "manager")
	demo = $derived(this.about?.demo ?? false)

	async load(user: string): Promise<void> {
		this.status = "loading"
		this.error = null
		try {
			const [staff, server] = await Promise.all([
				list<Staff>("staff", {
					filter: `user = "${user}"`,
					expand: "org",
					sort: "created",
					perPage: 100,
				}),
				about(),
			])
			this.about = server
			this.jobs = staff.items
			const ours = staff.items.map((job) => `org = "${job.org}"`).join(" || ")
			this.places = ours
				? (await list<Place>("places", { filter: ours, sort: "name", perPage: 200 })).items
				: []
			this.status = "ready"
		} catch (error) {
			this.error = refusalFrom(error)
			this.status = "error"
		}
	}

	choose(org: string, place = ""): void {
		this.#chosen = { org, place }
		try {
			localStorage.setItem(storageKey, JSON.stringify(this.#chosen))
		} catch {
			// Without storage the choice lasts as long as the page.
		}
	}
}

export const shop = new Shop()
