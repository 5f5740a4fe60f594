// What the server tells of a program's own events and funnels.

export interface FunnelStep {
	kind: "open" | "page" | "event"
	name?: string
}

export interface FunnelResult {
	id: string
	name: string
	steps: FunnelStep[]
	minutes: number
	/** People who came to each step; null where they are too few to be told. */
	people: (number | null)[]
}

export interface OwnEvent {
	name: string
	count: number
	days: number[]
	people: number | null
	fields: {
		name: string
		values: { value: string; count: number; people: number }[]
		rest: number
	}[]
}

export interface Behaviour {
	from: string
	to: string
	events: OwnEvent[]
	funnels: FunnelResult[]
	pages: string[]
	kept_days: number
	partial: boolean
	few: number
}

/** A step as one value of a list of choices, and back. */
export const stepKey = ({ kind, name = "" }: FunnelStep) => `${kind}:${name}`

export function stepOf(key: string): FunnelStep {
	const kind = key.slice(0, key.indexOf(":")) as FunnelStep["kind"]
	const name = key.slice(kind.length + 1)
	return name === "" ? { kind } : { kind, name }
}
