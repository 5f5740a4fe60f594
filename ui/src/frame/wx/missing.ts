// Names of WeChat's that Plaza does not have. They exist and fail, as on a phone that lacks the feature; a name
// that is not WeChat's is not there at all.

import { asynchronous } from "./api"
import names from "./names.json"

const SYNC = /Sync$|^(create|get\w*(Manager|System|Context)$)/
const EVENT = /^(on|off)[A-Z]/

/** Adds every name of WeChat's that `wx` has not got. */
export function addMissing(
	wx: Record<string, unknown>,
	report: (error: unknown, where: string) => void,
): void {
	for (const name of names) wx[name] ??= missing(name, report)
}

function missing(name: string, report: (error: unknown, where: string) => void): unknown {
	if (EVENT.test(name)) return () => {} // an event that never comes
	const refuse = () => {
		throw new Error("not supported")
	}
	if (SYNC.test(name)) {
		return () => {
			throw new Error(`${name}:fail not supported`)
		}
	}
	return asynchronous(name, refuse, report)
}
