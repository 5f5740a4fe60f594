// Lines of a program's log.

export const levels = ["debug", "info", "warn", "error"] as const
export type Level = (typeof levels)[number]

export interface Line {
	id: number
	at: string
	version: number
	request?: string
	source: string
	level: Level
	text: string
	stack?: string
	device?: string
}

/** How many lines stay on screen. */
export const kept = 1000

/** The lines on screen after some more came: in order, each once, the oldest left out. */
export function joined(lines: Line[], more: Line[]): Line[] {
	const last = lines.at(-1)?.id ?? 0
	return [...lines, ...more.filter(({ id }) => id > last)].slice(-kept)
}
