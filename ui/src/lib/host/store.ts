// What programs keep on this device: one record per program and person, in IndexedDB. Written behind, a moment
// after the last change; without IndexedDB it lasts as long as the page.

import type { StorageChange } from "./checks"
import { Kept } from "./kept"
import { LIMITS } from "./protocol"

const programs = new Kept<Record<string, string>>("plaza.programs", "storage")
const DELAY = 300

export interface ProgramStore {
	/** Everything kept, as it was at the launch. */
	first: Record<string, string>
	/** What is kept now. */
	all(): [key: string, value: string][]
	change(change: StorageChange): void
	flush(): void
}

/** Opens what a program has kept. `owner` names the program and the person inside it. */
export async function openStore(owner: string): Promise<ProgramStore> {
	const first = (await programs.read(owner)) ?? {}
	const kept = new Map(Object.entries(first))
	let timer: ReturnType<typeof setTimeout> | undefined

	const flush = () => {
		clearTimeout(timer)
		timer = undefined
		void programs.write(owner, Object.fromEntries(kept))
	}
	return {
		first,
		all: () => [...kept],
		change(change) {
			if ("clear" in change) kept.clear()
			else if (change.value === null) kept.delete(change.key)
			else if (fits(kept, change.key, change.value)) kept.set(change.key, change.value)
			timer ??= setTimeout(flush, DELAY)
		},
		flush() {
			if (timer) flush()
		},
	}
}

/** The frame checks this too, for its program's sake; here it is checked for the device's. */
export function fits(kept: Map<string, string>, key: string, value: string): boolean {
	let sum = key.length + value.length
	for (const [other, text] of kept) if (other !== key) sum += other.length + text.length
	return sum <= LIMITS.storage
}
