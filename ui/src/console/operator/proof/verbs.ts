// What the room of the nightly proof asks for and does. All of it throws a Refusal.
import { send } from "../../../lib/api"

export interface Rule {
	id: string
	table: string
	names: Record<string, string>
	texts: Record<string, string>
}

export interface Tested {
	rule: string
	looked: number
	wrong: number
	absent?: boolean
}

export interface Run {
	id: string
	state: "running" | "done" | "failed"
	/** "" for the nightly one. */
	actor: string
	started: string
	finished: string
	step: number
	steps: number
	looked: number
	wrong: number
	open: number
	error: string
	latest: boolean
	rules: Tested[]
}

export interface Finding {
	id: string
	run: string
	rule: string
	table: string
	row: string
	expected: string
	actual: string
	state: "open" | "acknowledged"
	reason: string
	actor: string
	acknowledged: string
	created: string
}

export interface Overview {
	rules: Rule[]
	runs: Run[]
	run: Run | null
	findings: Finding[]
}

export const overview = (run: string) => send<Overview>("/api/proof", run ? { query: { run } } : {})
export const proveNow = () => send<Run>("/api/proof/run", { method: "POST", body: {} })
export const acknowledge = (id: string, reason: string) =>
	send<Finding>(`/api/proof/findings/${id}/acknowledge`, { method: "POST", body: { reason } })
export const reopen = (id: string) =>
	send<Finding>(`/api/proof/findings/${id}/reopen`, { method: "POST", body: {} })
