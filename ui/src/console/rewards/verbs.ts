// One function for each act about rewards, and what the server answers. All of them throw a Refusal.
import { send } from "../../lib/api"

export interface Reward {
	id: string
	name: string
	/** Points. */
	cost: number
	/** What it would cost, in minor units; 0 is not said. */
	value: number
	/** null is no limit, 0 is none at all. */
	stock: number | null
	each_person: number | null
	/** Held and handed over. */
	taken: number
	/** "2026-11-24 12:00:00.000Z", or "". */
	opens: string
	ends: string
	archived: boolean
}

export type Draft = Omit<Reward, "id" | "taken"> & { id?: string }

export interface Voucher {
	id: string
	name: string
	code: string
	state: "held" | "redeemed" | "released" | "lapsed"
	points: number
	created: string
	expires: string
	closed: string
}

const path = (org: string, rest: string) => `/api/loyalty/${org}/${rest}`

/** The instant that the server writes with a space. */
export const at = (stamp: string) => new Date(stamp.replace(" ", "T"))

/** The end is the first instant after: the last day is that of the moment before. */
export const lastMoment = (ends: string) => new Date(at(ends).getTime() - 1)

export const rewardsOf = (org: string) => send<Reward[]>(path(org, "rewards"))
export const vouchersOf = (org: string) => send<Voucher[]>(path(org, "given"))
export const saveReward = (org: string, { id, ...body }: Draft, key: string) =>
	send<Reward>(path(org, id ? `rewards/${id}` : "rewards"), {
		method: id ? "PUT" : "POST",
		body,
		headers: { "Idempotency-Key": key },
	})
export const redeem = (org: string, code: string) =>
	send<Voucher>(path(org, "redeem"), { method: "POST", body: { code } })
