// `wx.cloud`: functions, and the database that a program's pages have by its collections' rules. Which program and
// which person that is the launch says, so nothing is configured here.

import { createDatabase } from "../../../../internal/sandbox/sdk/database.js"
import type { HostPort } from "../port"
import type { Report } from "../program"
import { asynchronous, type Implementation } from "./api"

/** WeChat's cloud, as far as Plaza has it. */
export function cloudApi(port: HostPort, report: Report): Record<string, unknown> {
	const callFunction: Implementation = async ({ name, data }) => ({
		result: await port.call("callFunction", { name: String(name ?? ""), data: data ?? {} }),
	})
	return {
		init: () => {},
		callFunction: asynchronous("cloud.callFunction", callFunction, report),
		database: createDatabase({
			call: (method, args) => port.call("bridge", { method, args }),
			server: false,
			later: (run, after) => setTimeout(guarded(run, report), after),
		}),
	}
}

/** What a program's own listener throws is the program's error. */
function guarded(run: () => unknown, report: Report): () => void {
	return () => {
		Promise.resolve()
			.then(run)
			.catch((error) => report(error, "listener of watch"))
	}
}
