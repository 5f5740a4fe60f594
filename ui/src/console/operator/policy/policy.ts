// A policy while it is changed: what differs from another one, and how two people's changes come together. Pure.
import type { Category, Individuals, Policy, Rule, Tier } from "../verbs"

/** One difference: where, what was there, what is there now; undefined is nothing. */
export interface Change {
	path: string[]
	before: unknown
	after: unknown
}

type Keyed = Record<string, unknown>

/** Lists by the ids of their members, so that a member that moved or left is told apart from one that changed. */
function byID(list: (Category | Rule)[]): Keyed {
	return Object.fromEntries(list.map(({ id, ...rest }) => [id, tidy(rest)]))
}

// A switch that is off and one that was never there are the same.
function tidy(value: object): object {
	return Object.fromEntries(Object.entries(value).filter(([, of]) => of !== false))
}

function shape({ number: _, categories, rules, ...rest }: Policy): Keyed {
	return { ...rest, categories: byID(categories), rules: byID(rules) }
}

const isKeyed = (value: unknown): value is Keyed =>
	typeof value === "object" && value !== null && !Array.isArray(value)

const same = (a: unknown, b: unknown): boolean => {
	if (isKeyed(a) && isKeyed(b))
		return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]))
	return JSON.stringify(a) === JSON.stringify(b)
}

function compare(before: unknown, after: unknown, path: string[]): Change[] {
	if (same(before, after)) return []
	// A whole category or rule that came or went is one change.
	if (!isKeyed(before) || !isKeyed(after)) return [{ path, before, after }]
	const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
	return keys.flatMap((key) => compare(before[key], after[key], [...path, key]))
}

const order = (list: { id: string }[], among: { id: string }[]) =>
	list.map(({ id }) => id).filter((id) => among.some((other) => other.id === id))

/** What another policy says differently, by path; the order of what both have counts too. */
export function changesOf(before: Policy, after: Policy): Change[] {
	const changes = compare(shape(before), shape(after), [])
	for (const list of ["categories", "rules"] as const) {
		const was = order(before[list], after[list])
		const is = order(after[list], before[list])
		if (!same(was, is)) changes.push({ path: [list, "order"], before: was, after: is })
	}
	return changes
}

/** Of a policy that says nothing about it: single persons take no money. */
export const noMoney: Individuals = { bill_max: 0, day_max: 0, month_max: 0 }

/** What I changed goes onto what others have made of the same base meanwhile; where both changed one thing, mine. */
export function merged(base: Policy, mine: Policy, theirs: Policy): Policy {
	return {
		number: theirs.number,
		categories: mergedList(base.categories, mine.categories, theirs.categories),
		limits: mergedKeys(base.limits, mine.limits, theirs.limits),
		tiers: Object.fromEntries(
			Object.keys(theirs.tiers).map((name) => {
				const [was, my, their] = [base.tiers[name], mine.tiers[name], theirs.tiers[name]]
				return [name, was && my && their ? mergedKeys(was, my, their) : (my ?? their)]
			}),
		) as Record<string, Tier>,
		individuals: mergedKeys(
			base.individuals ?? noMoney,
			mine.individuals ?? noMoney,
			theirs.individuals ?? noMoney,
		),
		rules: mergedList(base.rules, mine.rules, theirs.rules),
		appeal_days: pick(base.appeal_days, mine.appeal_days, theirs.appeal_days),
		rating_account_days: pick(
			base.rating_account_days,
			mine.rating_account_days,
			theirs.rating_account_days,
		),
	}
}

const pick = <T>(base: T, mine: T, theirs: T): T => (same(base, mine) ? theirs : mine)

function mergedKeys<T extends object>(base: T, mine: T, theirs: T): T {
	const keys = Object.keys(theirs) as (keyof T)[]
	return Object.fromEntries(keys.map((key) => [key, pick(base[key], mine[key], theirs[key])])) as T
}

function mergedList<T extends { id: string }>(base: T[], mine: T[], theirs: T[]): T[] {
	const find = (list: T[], id: string) => list.find((one) => one.id === id)
	const kept = theirs
		.filter(({ id }) => find(mine, id) || !find(base, id))
		.map((their) => {
			const [was, my] = [find(base, their.id), find(mine, their.id)]
			return my && was ? pick(was, my, their) : (my ?? their)
		})
	const added = mine.filter(({ id }) => !find(theirs, id) && !find(base, id))
	// What I changed and they took away comes back: it was looked at last.
	const revived = mine.filter((my) => {
		const was = find(base, my.id)
		return was && !find(theirs, my.id) && !same(was, my)
	})
	return [...kept, ...revived, ...added]
}

export const clone = (policy: Policy): Policy => JSON.parse(JSON.stringify(policy)) as Policy

const mebibyte = 1024 * 1024

/** Bytes as a person types them, in MiB with at most three digits behind the point. */
export const bytesText = (bytes: number) => String(Math.round((bytes / mebibyte) * 1000) / 1000)

/** Reads MiB; null when it is no such number. */
export function readBytes(text: string): number | null {
	const value = Number(text.trim().replace(",", "."))
	return text.trim() !== "" && Number.isFinite(value) && value > 0
		? Math.round(value * mebibyte)
		: null
}

export function readWhole(text: string): number | null {
	const value = Number(text.trim().replace(/[\s  .,]/g, ""))
	return text.trim() !== "" && Number.isInteger(value) && value >= 0 ? value : null
}

/** The next id in the group of the last rule: after 6.2 comes 6.3. */
export function nextRuleID(rules: Rule[]): string {
	const [group = 1, last = 0] = (rules.at(-1)?.id ?? "1.0").split(".").map(Number)
	for (let number = last + 1; number < 100; number++) {
		const id = `${group}.${number}`
		if (!rules.some((rule) => rule.id === id)) return id
	}
	return ""
}
