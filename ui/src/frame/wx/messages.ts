// Messages that a program may send later. The host asks the person; the program hears what they said.

import type { HostPort } from "../port"
import { HostError } from "../port"
import type { Implementation } from "./api"

/** WeChat's numbers for what goes wrong. */
const CODES: Record<string, number> = {
	bad_args: 20001,
	template_unknown: 20002,
	too_many_templates: 20003,
	tier_not_allowed: 20005,
}

/** An error with WeChat's number in front of its words. */
class Numbered extends Error {
	constructor(
		readonly errCode: number,
		message: string,
	) {
		super(`${errCode} ${message}`)
	}
}

export function messagesApi(port: HostPort): Record<string, Implementation> {
	return {
		requestSubscribeMessage: async ({ tmplIds }) => {
			try {
				return await port.call("askMessages", { templates: tmplIds })
			} catch (error) {
				const number = error instanceof HostError ? CODES[error.code] : undefined
				if (number === undefined) throw error
				throw new Numbered(number, (error as HostError).message)
			}
		},
	}
}
