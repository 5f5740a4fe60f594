import { client, send } from "../../lib/api"
import type { Org, Program } from "../../lib/records"
import { refusalFrom } from "../../lib/refusal"

export interface Finding {
	file: string
	line?: number
	column?: number
	severity: "error" | "warning"
	code: string
	message: string
}

export interface Version {
	id: string
	program: string
	number: number
	name: string
	size: number
	report: Finding[] | null
	state: "checked" | "released" | "superseded"
	created: string
}

/** A program as the list shows it: with its owner and the version that people open. */
export type Listed = Program & { expand?: { org?: Org; release?: Version } }

/**
 * Sends a package. `progress` hears the share that has left this device; after 1 the server is checking.
 * Not the SDK's fetch, because only the older request tells how far an upload is.
 */
export async function upload(
	appid: string,
	org: string,
	zip: Blob,
	progress: (share: number) => void,
): Promise<Version> {
	const { token } = (await client()).authStore
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest()
		const query = new URLSearchParams({ org })
		request.open("POST", `/api/mp/${encodeURIComponent(appid)}/versions?${query}`)
		request.setRequestHeader("Authorization", token)
		request.setRequestHeader("Content-Type", "application/zip")
		request.responseType = "json"
		request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0)
		request.upload.onload = () => progress(1)
		request.onload = () => {
			const { status, response } = request
			if (status >= 200 && status < 300) resolve(response as Version)
			else reject(refusalFrom({ status, response: response ?? {} }))
		}
		request.onerror = () => reject(refusalFrom({ status: 0 }))
		request.send(zip)
	})
}

export const release = (appid: string, number: number) =>
	send<Version>(`/api/mp/${encodeURIComponent(appid)}/versions/${number}/release`, {
		method: "POST",
		body: {},
	})

/** "pages/index/index.wxml:12:4". */
export const position = ({ file, line, column }: Finding) =>
	[file, line, line ? column : undefined].filter(Boolean).join(":")

/** The findings that a refusal of a package carries. */
export function findingsOf(data: Record<string, unknown>): Finding[] {
	const list = data.findings ?? data.report
	return Array.isArray(list) ? (list as Finding[]) : []
}

/** What stops a package comes before what might be wrong with it; the server's order is kept otherwise. */
export const errorsFirst = (findings: Finding[]) => [
	...findings.filter(({ severity }) => severity === "error"),
	...findings.filter(({ severity }) => severity !== "error"),
]

/** "17 kB", "1.4 MB" as the reader writes them. */
export function sizeInWords(bytes: number, locale: string): string {
	const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"]
	return new Intl.NumberFormat(locale, {
		style: "unit",
		unit,
		maximumFractionDigits: unit === "megabyte" || value < 10 ? 1 : 0,
	}).format(value)
}

/** An id that the server takes: made from a file's name as a first guess. */
export const appidFrom = (file: string) =>
	file
		.replace(/\.zip$/i, "")
		.toLowerCase()
		.replace(/[^a-z0-9._-]+/g, "-")
		.replace(/^[^a-z0-9]+/, "")
		.slice(0, 62)
