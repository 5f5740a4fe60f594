// What makers do about what runs by itself. All of it throws a Refusal.
import { send } from "../../../lib/api"
import type { Trigger, Triggers } from "./triggers"

const base = (appid: string) => `/api/mp/${encodeURIComponent(appid)}/triggers`
const act = (appid: string, id: string, verb: "run" | "pause" | "resume") =>
	send<Trigger>(`${base(appid)}/${encodeURIComponent(id)}/${verb}`, { method: "POST", body: {} })

export const triggersOf = (appid: string) => send<Triggers>(base(appid))
export const runNow = (appid: string, id: string) => act(appid, id, "run")
export const setPaused = (appid: string, id: string, paused: boolean) =>
	act(appid, id, paused ? "pause" : "resume")
