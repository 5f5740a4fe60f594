// The shape of WeChat's asynchronous APIs: callbacks when there are any, a promise when there are none, and
// `errMsg` with the name of the API in front.

import { HostError } from "../port"

/** Options of an asynchronous API. */
export interface Options {
	success?(result: unknown): void
	fail?(error: unknown): void
	complete?(result: unknown): void
	[name: string]: unknown
}

/** An asynchronous API before it has callbacks and an `errMsg`. */
export type Implementation = (options: Options) => unknown

/** What a failed API answers. */
export interface Failure {
	errMsg: string
	errCode?: number | string
	code?: string
	message?: string
	data?: unknown
}

/** Makes an implementation an API of WeChat's kind. */
export function asynchronous(
	name: string,
	run: Implementation,
	report: (error: unknown, where: string) => void,
) {
	return (options: Options = {}): Promise<unknown> | undefined => {
		const outcome = attempt(name, run, options ?? {})
		if (!hasCallback(options)) return outcome
		const call = (callback: ((result: unknown) => void) | undefined, result: unknown) => {
			try {
				callback?.(result)
			} catch (error) {
				report(error, `callback of wx.${name}`)
			}
		}
		outcome.then(
			(result) => {
				call(options.success, result)
				call(options.complete, result)
			},
			(failure) => {
				call(options.fail, failure)
				call(options.complete, failure)
			},
		)
		return undefined
	}
}

function hasCallback(options: Options): boolean {
	return ["success", "fail", "complete"].some((name) => typeof options?.[name] === "function")
}

async function attempt(name: string, run: Implementation, options: Options): Promise<unknown> {
	try {
		const result = (await run(options)) ?? {}
		return typeof result === "object" ? { errMsg: `${name}:ok`, ...result } : result
	} catch (error) {
		throw failure(name, error)
	}
}

/** An error with WeChat's words and Plaza's code; it is an Error, so that an uncaught one has a stack. */
export function failure(name: string, error: unknown): Error & Failure {
	const message = error instanceof Error ? error.message : String(error)
	const made = Object.assign(new Error(message), { errMsg: `${name}:fail ${message}` })
	if (error instanceof HostError)
		Object.assign(made, { code: error.code, errCode: error.code, data: error.data })
	const numbered = (error as { errCode?: unknown } | null)?.errCode
	if (numbered !== undefined) Object.assign(made, { errCode: numbered })
	return made
}
