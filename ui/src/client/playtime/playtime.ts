/** What the house knows of play: something for accounts with a limit alone. */
import { send } from "../../lib/api"
import type { Played } from "./kept"

/** Where an account with a limit stands in its day. */
export interface Standing {
	limited: boolean
	minutes: number
	/** Seconds. */
	used: number
	left: number
	resets_at: string
}

export interface Week {
	standing: Standing
	zone: string
	since?: string
	days: Played[]
}

export interface Terms {
	minutes: number
	zone: string
	pin: string
	new_pin?: string
}

export const week = () => send<Week>("/api/playtime")
export const limit = (terms: Terms) =>
	send<Standing>("/api/playtime/limit", { method: "PUT", body: terms })
export const endLimit = (pin: string) =>
	send<Standing>("/api/playtime/limit/end", { body: { pin } })
export const beat = (appid: string, ended: boolean) =>
	send<Standing>("/api/playtime/beat", { body: { appid, ended } })
