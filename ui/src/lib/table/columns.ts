import type { Snippet } from "svelte"

export type Snip<Row> = Snippet<[Row]>

/** One column of a table: what it is called, how it sorts on the server, how a row looks in it. */
export interface Column<Row> {
	id: string
	label: string
	/** The field that the server sorts by. */
	sort?: string
	/** Figures stand at the end of the line. */
	end?: boolean
	class?: string
	cell: Snip<Row>
}
