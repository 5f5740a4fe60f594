// Complaints by program: what is reported most, and longest, comes first.
import type { Complaint } from "../verbs"

export interface Group {
	id: string
	program: Complaint["program"]
	reports: Complaint[]
	/** How many are open in all; some may be on another page. */
	open: number
	held: number
}

/** Groups complaints by their program, in the order of the first of each. */
export function grouped(complaints: Complaint[]): Group[] {
	const groups = new Map<string, Group>()
	for (const one of complaints) {
		const id = one.program?.id ?? "-"
		const group = groups.get(id)
		if (group) group.reports.push(one)
		else {
			const { open, held, program } = one
			groups.set(id, { id, program, reports: [one], open, held })
		}
	}
	return [...groups.values()]
}
