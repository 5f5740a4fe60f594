// What every chart of values over days takes.

export interface Point {
	/** Under the axis. */
	label: string
	/** In full, for the tooltip, the walk and the table. */
	title: string
	/** Null where nothing was measured. */
	value: number | null
	/** What to compare with; drawn as dashes. */
	before?: number | null
}

export interface Series {
	title: string
	points: Point[]
	format: (value: number) => string
	/** Short form for the axis; `format` when left out. */
	formatTick?: (value: number) => string
	/** Names of the two series and of the axis they share. */
	now: string
	before?: string
	axis: string
	words: { asTable: string; asChart: string; key?: string }
	heading?: "h2" | "h3"
}
