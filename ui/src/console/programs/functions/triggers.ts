// What runs by itself in a program, as the server tells it.

export interface Trigger {
	id: string
	kind: "timer" | "hook"
	/** Of the timer, or the event. */
	name: string
	function: string
	/** The timer's seven fields, or the event. */
	spec: string
	/** Whose clock a timer goes by. */
	zone: string
	live: boolean
	paused: boolean
	/** Empty when there is none. */
	next: string
	/** The period that runs or ran last, or when the last event happened. */
	due: string
	/** Empty when it never ran. */
	state: "running" | "ok" | "failed" | ""
	last_at: string
	last_ms: number
	last_error: string
	/** In a row. */
	failures: number
	runs: number
}

export interface Triggers {
	live: boolean
	zone: string
	functions: string[]
	triggers: Trigger[]
}

/** What is said of a trigger first. */
export type Look = "paused" | "running" | "failed" | "ok" | "new"

export function lookOf({ paused, state }: Pick<Trigger, "paused" | "state">): Look {
	if (state === "running") return "running"
	if (paused) return "paused"
	return state || "new"
}

/** An event's name as a key of words: "order.paid" is "order_paid". */
export const eventKey = (event: string) => event.replaceAll(".", "_")

/** The list with one trigger replaced, after an act has answered it. */
export const replaced = (all: Triggers, one: Trigger): Triggers => ({
	...all,
	triggers: all.triggers.map((trigger) => (trigger.id === one.id ? one : trigger)),
})
