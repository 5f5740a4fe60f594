// The keys of the page on screen, beside those that work everywhere.

export interface PageKey {
	key: string
	/** What it does, for the help. */
	label: string
	run: () => void
}

class PageKeys {
	rows: PageKey[] = $state.raw([])

	/** Puts a page's keys in force; answers how to take them back. Call it in an effect. */
	use(rows: PageKey[]): () => void {
		this.rows = rows
		return () => {
			if (this.rows === rows) this.rows = []
		}
	}
}

export const pageKeys = new PageKeys()
