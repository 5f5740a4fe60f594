import { send } from "../../lib/api"

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

export const upload = (appid: string, org: string, zip: ArrayBuffer) =>
	send<Version>(`/api/mp/${encodeURIComponent(appid)}/versions`, {
		method: "POST",
		body: zip,
		query: { org },
		headers: { "Content-Type": "application/zip" },
	})

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

/** An id that the server takes: made from a file's name as a first guess. */
export const appidFrom = (file: string) =>
	file
		.replace(/\.zip$/i, "")
		.toLowerCase()
		.replace(/[^a-z0-9._-]+/g, "-")
		.replace(/^[^a-z0-9]+/, "")
		.slice(0, 62)
