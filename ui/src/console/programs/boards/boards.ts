// What makers see of their leaderboards, and do about them. All of it throws a Refusal.
import { client, send } from "../../../lib/api"
import { refusalFrom } from "../../../lib/refusal"
import { spoken } from "../look"

export interface Prize {
	from: number
	to: number
	points: number
}

export interface Board {
	id: string
	names: Record<string, string> | null
	sort: "asc" | "desc"
	operator: "best" | "set" | "incr" | "decr"
	authoritative: boolean
	needs_play: boolean
	tournament: {
		starts: string
		minutes: number
		attempts?: number
		size?: number
		join?: boolean
		prizes?: Prize[]
	} | null
	season: string
	starts: string | null
	ends: string | null
	running: boolean
	next: string | null
	players: number
	/** The released version declares it. */
	live: boolean
}

export interface Score {
	id: number
	rank: number
	score: number
	at: string
	name: string
	openid: string
	hidden: "" | "removed" | "banned"
	submits: number
	log: boolean
}

export interface Scores {
	season: string
	players: number
	entries: Score[]
	next_cursor: string
}

export interface Season {
	season: string
	starts: string | null
	ends: string | null
	running: boolean
	closed: boolean
	players: number
	entrants: number
	/** Points. */
	paid: number
	unpaid: number
	hidden: number
}

export interface Try {
	id: number
	at: string
	name: string
	openid: string
	score: string
	reason: string
	detail: string
	play: string
}

export type PrizeState = "paid" | "no_programme" | "no_organisation" | "over_limit"

export interface Given {
	season: string
	rank: number
	name: string
	openid: string
	points: number
	state: PrizeState
	at: string
}

export interface Ban {
	id: number
	name: string
	openid: string
	reason: string
	at: string
}

export const titleOf = (board: Board) => spoken(board.names ?? undefined, board.id)

/** A board of one program. */
export class BoardApi {
	#path: string

	constructor(appid: string, board: string) {
		this.#path = `/api/mp/${encodeURIComponent(appid)}/leaderboards/${encodeURIComponent(board)}`
	}

	#get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
		const filled = Object.entries(query).filter(([, value]) => value !== "")
		return send<T>(`${this.#path}${path}?${new URLSearchParams(filled)}`)
	}

	#act(path: string, body: unknown = {}): Promise<unknown> {
		return send(`${this.#path}${path}`, { method: "POST", body })
	}

	scores = (season: string, cursor: string, hidden = false) =>
		this.#get<Scores>("/scores", {
			season,
			cursor,
			limit: "50",
			hidden: hidden ? "true" : "",
		})
	seasons = () => this.#get<{ seasons: Season[] }>("/seasons")
	refused = (before: number) =>
		this.#get<{ tries: Try[]; next: number }>("/refused", { before: before ? String(before) : "" })
	prizes = () => this.#get<{ prizes: Given[] }>("/prizes")
	bans = () => this.#get<{ bans: Ban[] }>("/bans")
	log = (score: number) => this.#get<{ log: string }>(`/scores/${score}/log`)
	remove = (score: number, reason: string) => this.#act(`/scores/${score}/remove`, { reason })
	restore = (score: number) => this.#act(`/scores/${score}/restore`)
	ban = (score: number, reason: string) => this.#act(`/scores/${score}/ban`, { reason })
	unban = (ban: number) => send(`${this.#path}/bans/${ban}`, { method: "DELETE" })
	pay = (season: string) =>
		send<{ given: number }>(`${this.#path}/prizes/pay`, { method: "POST", body: { season } })

	/** The whole ranking of a season, as the server writes it. */
	async table(season: string): Promise<string> {
		const { authStore } = await client()
		const answer = await fetch(
			`${this.#path}/scores.csv?${new URLSearchParams(season ? { season } : {})}`,
			{ headers: { Authorization: authStore.token } },
		).catch(() => Promise.reject(refusalFrom({ status: 0 })))
		if (!answer.ok)
			throw refusalFrom({ status: answer.status, response: await answer.json().catch(() => ({})) })
		return answer.text()
	}
}

export const boardsOf = (appid: string) =>
	send<{ boards: Board[] }>(`/api/mp/${encodeURIComponent(appid)}/boards`)
