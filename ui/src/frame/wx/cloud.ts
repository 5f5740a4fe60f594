// `wx.cloud`: functions, files, and the database that a program's pages have by its collections' rules. Which program
// and which person that is the launch says, so nothing is configured here.

import { createDatabase } from "../../../../internal/sandbox/sdk/database.js"
import { linkThrough } from "../cloudlinks"
import type { HostPort } from "../port"
import type { Report } from "../program"
import { asynchronous, type Implementation } from "./api"
import { cloudFiles } from "./cloudfiles"
import type { Files } from "./files"

/** WeChat's cloud, as far as Plaza has it. */
export function cloudApi(port: HostPort, report: Report, files: Files): Record<string, unknown> {
	const callFunction: Implementation = async ({ name, data }) => ({
		result: await port.call("callFunction", { name: String(name ?? ""), data: data ?? {} }),
	})
	const notSupported: Implementation = () => {
		throw new Error("not supported")
	}
	linkThrough(port)
	const cloud = {
		init: () => {},
		callFunction: asynchronous("cloud.callFunction", callFunction, report),
		database: pageDatabase(port, report),
		...cloudFiles(port, files, report),
	}
	// They are there to be called, and to say so; nobody who looks through the names finds them.
	for (const name of ["callContainer", "connectContainer"])
		Object.defineProperty(cloud, name, {
			value: asynchronous(`cloud.${name}`, notSupported, report),
		})
	return cloud
}

/** The database as pages have it. */
export function pageDatabase(port: HostPort, report: Report): (options?: object) => object {
	return createDatabase({
		call: (method, args) => port.call("bridge", { method, args }),
		server: false,
		later: (run, after) => setTimeout(guarded(run, report), after),
	})
}

/** What a program's own listener throws is the program's error. */
function guarded(run: () => unknown, report: Report): () => void {
	return () => {
		Promise.resolve()
			.then(run)
			.catch((error) => report(error, "listener of watch"))
	}
}
