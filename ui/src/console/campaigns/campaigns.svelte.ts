// The acts on campaigns, and what a draft would do before it is one.
import { create, send, update } from "../../lib/api"
import type { Refusal } from "../../lib/refusal"
import { inWords, refusalFrom } from "../../lib/refusal"
import { toasts } from "../../lib/toasts.svelte"
import { shop } from "../shop.svelte"
import { t } from "../words"
import { type Campaign, copyOf, type Draft, type Status, tidied } from "./campaign"

export interface Preview {
	active_now: boolean
	windows: { start: string; end: string }[]
	cost: number
	before: { subtotal: number; total: number }
	after: { subtotal: number; total: number }
	replay?: { orders: number; hit: number; before: number; after: number; cost: number }
	conflicts: { campaign: string; name: string; code: string; text: string; from: string }[]
}

export const replayed = 100

export const saveCampaign = (id: string | null, draft: Draft) =>
	id
		? update<Campaign>("campaigns", id, { ...tidied(draft) })
		: create<Campaign>("campaigns", { ...tidied(draft) })

/** Changes the status at once, with a way back for those that are running. */
export async function setStatus(
	campaigns: Campaign[],
	status: Status,
	undoable = true,
): Promise<Campaign[]> {
	const changed: Campaign[] = []
	try {
		for (const { id } of campaigns)
			changed.push(await update<Campaign>("campaigns", id, { status }))
		const before = campaigns[0]?.status ?? "paused"
		toasts.show(
			t(status === "active" ? "campaigns.started" : "campaigns.stopped", words(campaigns)),
			{
				...(undoable ? { undo: () => void setStatus(campaigns, before, false) } : {}),
			},
		)
	} catch (error) {
		toasts.show(inWords(error), { tone: "bad" })
	}
	return changed
}

const words = (campaigns: { name: string }[]) => ({
	count: campaigns.length,
	name: campaigns[0]?.name ?? "",
})

export async function duplicate(campaigns: Campaign[]): Promise<Campaign[]> {
	const copies: Campaign[] = []
	try {
		for (const campaign of campaigns) {
			const name = t("campaigns.copy_name", { name: campaign.name }).slice(0, 80)
			copies.push(await create<Campaign>("campaigns", { ...copyOf(campaign, name) }))
		}
		toasts.show(t("campaigns.duplicated", words(campaigns)), { tone: "good" })
	} catch (error) {
		toasts.show(inWords(error), { tone: "bad" })
	}
	return copies
}

/** What the server says of a draft; the answer to an older draft is dropped. */
export class Trial {
	value: Preview | null = $state.raw(null)
	error: Refusal | null = $state.raw(null)
	pending = $state(false)
	#turn = 0

	async ask(id: string | null, draft: Draft): Promise<void> {
		const turn = ++this.#turn
		this.pending = true
		try {
			const value = await send<Preview>("/api/campaigns/preview", {
				body: {
					org: shop.org?.id,
					campaign: { ...tidied(draft), ...(id ? { id } : {}) },
					orders: replayed,
				},
			})
			if (turn !== this.#turn) return
			this.value = value
			this.error = null
		} catch (error) {
			if (turn !== this.#turn) return
			this.error = refusalFrom(error)
			this.value = null
		} finally {
			if (turn === this.#turn) this.pending = false
		}
	}

	clear(): void {
		this.#turn++
		this.value = null
		this.error = null
		this.pending = false
	}
}
