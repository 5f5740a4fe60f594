// What programs have told the person, over the API.

import { send } from "../../lib/api"

export interface Notice {
	id: string
	appid: string
	name: string
	names?: Record<string, string>
	icon: string
	color: string
	title: string
	lines: { label: string; value: string }[]
	page: string
	read: boolean
	created: string
	/** Whether the program can be opened now. */
	open: boolean
	/** Whether the person has ended messages of this kind. */
	muted: boolean
}

export interface Notices {
	items: Notice[]
	unread: number
	/** What the next page begins after; empty at the end. */
	next: string
}

export const notices = (before = ""): Promise<Notices> =>
	send("/api/notifications", before ? { query: { before } } : {})

/** Marks one message as read, or all without an id. */
export const markRead = (id = ""): Promise<void> =>
	send("/api/notifications/read", { body: { id } })

export const removeNotice = (id: string): Promise<void> =>
	send(`/api/notifications/${id}`, { method: "DELETE" })

/** Ends the messages of a program, or lets it ask again. */
export const mute = (appid: string, muted: boolean): Promise<void> =>
	send("/api/notifications/mute", { body: { appid, muted } })

/** Where a message leads: the page that it names, in its program. */
export function leadsTo({ appid, page }: Notice): string {
	return `/p/${appid}?scene=1107${page ? `&path=${encodeURIComponent(page)}` : ""}`
}
