/** What a database needs of the place in which it runs. */
export interface Around {
	/** Asks the bridge; a refusal has code, message and data. */
	call(method: string, args: unknown): Promise<unknown>
	/** Whether this is a cloud function. */
	server: boolean
	/** Runs a thing after so many milliseconds. */
	later(run: () => void, after: number): void
}

/** WeChat's `database()`. */
export function createDatabase(around: Around): (options?: object) => Record<string, unknown>
