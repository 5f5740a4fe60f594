/** What programs keep about the person who is signed in. */
import { client, send } from "../../lib/api"
import { refusalFrom } from "../../lib/refusal"

export interface Holding {
	appid: string
	name: string
	names: Record<string, string> | null
	icon: string
	color: string
	/** "deleted" when the program has ended. */
	status: string
	documents: number
	files: number
	/** On leaderboards. */
	scores: number
	bytes: number
}

export const holdings = () => send<Holding[]>("/api/kept")

const path = (appid: string) => `/api/mp/${encodeURIComponent(appid)}/data`

export const erase = (appid: string) => send<unknown>(path(appid), { method: "DELETE" })

/** Saves a zip of all that the program keeps, and answers its name. */
export async function take(appid: string): Promise<string> {
	const { authStore } = await client()
	const answer = await fetch(path(appid), { headers: { Authorization: authStore.token } }).catch(
		() => Promise.reject(refusalFrom({ status: 0 })),
	)
	if (!answer.ok)
		throw refusalFrom({ status: answer.status, response: await answer.json().catch(() => ({})) })
	const link = document.createElement("a")
	link.href = URL.createObjectURL(await answer.blob())
	link.download = `${appid}-data.zip`
	link.click()
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // the browser may still be reading it
	return link.download
}
