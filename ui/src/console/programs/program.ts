/** A mini program and its versions, as their makers see them: shapes, and what follows from them without asking. */
import type { Org, Program } from "../../lib/records"

export interface Finding {
	file: string
	line?: number
	column?: number
	severity: "error" | "warning"
	code: string
	message: string
}

export type Support = "supported" | "partial" | "missing"

/** One component or API that a package uses, and how far Plaza has it. */
export interface Use {
	kind: "component" | "api"
	name: string
	support: Support
	file: string
	line: number
	count: number
	note?: string
}

/** What the check found in a package. */
export interface Report {
	kind: Program["kind"]
	findings: Finding[] | null
	uses: Use[] | null
	sizes: {
		package: number
		main: number
		total: number
		files: number
		largest: { file: string; bytes: number }[] | null
		subpackages: { root: string; bytes: number; files: number }[] | null
	}
	policy: number
	domains: string[] | null
	scopes: string[] | null
}

export const states = [
	"checked",
	"in_review",
	"approved",
	"rejected",
	"rolling_out",
	"released",
	"superseded",
	"rolled_back",
	"taken_down",
] as const
export type State = (typeof states)[number]

/** What changes for people who have version `against` and get another; 0 compares with nothing. */
export interface Diff {
	against: number
	scopes_added: string[]
	scopes_removed: string[]
	/** Asked for before, and still. */
	scopes_kept: string[]
	/** What it says that it wants its scopes for, in its own words. */
	reasons: Partial<Record<string, string>> | null
	domains_added: string[]
	domains_removed: string[]
	size_before: number
	size_after: number
}

export interface Version {
	id: string
	number: number
	name: string
	kind: Program["kind"]
	size: number
	bundle_size: number
	/** Its page for staff; empty when it has none. */
	desk?: string
	note: string
	scopes: string[] | null
	domains: string[] | null
	report?: Report | Finding[] | null
	state: State
	reviewed: boolean
	created: string
	released_at: string
	/** A release that waits for its time; "" when none does. */
	scheduled_at: string
	scheduled_percent: number
	/** Beside the version that most people have; only makers are told. */
	diff?: Diff
	/** What its makers may do with it now. */
	next_acts?: string[]
}

/** A program as the list shows it: with its owner and the version that people open. */
export type Listed = Program & {
	owner: string
	agency: string
	people: number
	ratings: number
	stars: number
	released_at: string
	expand?: { org?: Org; agency?: Org; release?: Version; rollout?: Version }
}

/** A report as the page reads it; versions of an earlier Plaza kept only the findings. */
export function reportOf(stored: Version["report"]): Report {
	const none: Report = {
		kind: "app",
		findings: [],
		uses: [],
		sizes: { package: 0, main: 0, total: 0, files: 0, largest: [], subpackages: [] },
		policy: 0,
		domains: [],
		scopes: [],
	}
	if (Array.isArray(stored)) return { ...none, findings: stored }
	return { ...none, ...stored }
}

/** The report inside a refused upload; null when the refusal is about something else. */
export function refusedReport(data: Record<string, unknown>): Report | null {
	const { report, findings } = data
	if (Array.isArray(report)) return reportOf(report as Finding[])
	if (typeof report === "object" && report !== null) return reportOf(report as Report)
	return Array.isArray(findings) ? reportOf(findings as Finding[]) : null
}

/** "pages/index/index.wxml:12:4". */
export const position = ({ file, line, column }: Finding) =>
	[file, line, line ? column : undefined].filter(Boolean).join(":")

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
