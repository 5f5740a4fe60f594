/** Friends: who said so themselves, both of them. */
import { send } from "../../lib/api"

export interface Friend {
	id: string
	name: string
	since: string
}

export interface Invite {
	code: string
	/** The path of the page that accepts it. */
	url: string
	expires: string
	uses_left: number
}

export interface Friends {
	friends: Friend[]
	blocked: Friend[]
	/** One's own open invitations. */
	invites: Invite[]
}

/** Who invites. */
export interface Inviter {
	name: string
	expires: string
	mine: boolean
	friend: boolean
}

export const friends = () => send<Friends>("/api/contacts")
export const invite = () => send<Invite>("/api/contacts/invite", { method: "POST", body: {} })
export const withdraw = (code: string) =>
	send<void>(`/api/contacts/invites/${encodeURIComponent(code)}`, { method: "DELETE" })
export const inviter = (code: string) =>
	send<Inviter>(`/api/contacts/invites/${encodeURIComponent(code)}`)
export const accept = (code: string) => send<Friend>("/api/contacts/accept", { body: { code } })

const act = (id: string, what: string) =>
	send<void>(`/api/contacts/${id}${what}`, { method: "POST", body: {} })

export const remove = (id: string) => send<void>(`/api/contacts/${id}`, { method: "DELETE" })
export const restore = (id: string) => act(id, "/restore")
export const block = (id: string) => act(id, "/block")
export const unblock = (id: string) => act(id, "/unblock")
