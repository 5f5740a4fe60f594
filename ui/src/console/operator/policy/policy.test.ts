import { expect, it } from "vitest"
import type { Policy } from "../verbs"
import { bytesText, changesOf, clone, merged, nextRuleID, readBytes, readWhole } from "./policy"

const texts = (text: string) => ({ en: text, fr: text, zh: text })
const tier = { live: true, scopes: ["profile"], money: false, push: false, people: 500 }
const policy: Policy = {
	number: 3,
	categories: [
		{ id: "food", names: texts("Food") },
		{ id: "health", names: texts("Health"), certified: true },
	],
	limits: { package_bytes: 20971520, files: 5000 },
	tiers: { unverified: tier, reviewed: { ...tier, money: true } },
	rules: [
		{ id: "1.1", titles: texts("No harm"), texts: texts("None.") },
		{ id: "1.2", titles: texts("No code"), texts: texts("None.") },
	],
	appeal_days: 14,
	rating_account_days: 3,
}
const changed = (change: (copy: Policy) => void) => {
	const copy = clone(policy)
	change(copy)
	return copy
}
const paths = (after: Policy) => changesOf(policy, after).map(({ path }) => path.join("."))

it("names what differs, and nothing else", () => {
	expect(paths(clone(policy))).toEqual([])
	expect(
		paths(
			changed((p) => {
				p.limits.files = 10
			}),
		),
	).toEqual(["limits.files"])
	expect(paths(changed((p) => p.categories.push({ id: "tools", names: texts("Tools") })))).toEqual([
		"categories.tools",
	])
	expect(paths(changed((p) => void p.rules.shift()))).toEqual(["rules.1.1"])
	expect(paths(changed((p) => void p.categories.reverse()))).toEqual(["categories.order"])
	expect(
		paths(
			changed((p) => {
				if (p.rules[0]) p.rules[0].texts.fr = "Aucun."
			}),
		),
	).toEqual(["rules.1.1.texts.fr"])
	expect(
		paths(
			changed((p) => {
				if (p.categories[0]) p.categories[0].certified = false
			}),
		),
	).toEqual([])
})

it("brings two people's changes together, and lets mine win where both changed one thing", () => {
	const mine = changed((p) => {
		p.limits.files = 10
		p.appeal_days = 30
		p.rules.push({ id: "1.3", titles: texts("New"), texts: texts("New.") })
	})
	const theirs = changed((p) => {
		p.number = 4
		p.appeal_days = 7
		p.limits.package_bytes = 1
		p.categories.shift()
	})
	const both = merged(policy, mine, theirs)
	expect(both.number).toBe(4)
	expect(both.limits).toEqual({ package_bytes: 1, files: 10 })
	expect(both.appeal_days).toBe(30)
	expect(both.categories.map(({ id }) => id)).toEqual(["health"])
	expect(both.rules.map(({ id }) => id)).toEqual(["1.1", "1.2", "1.3"])
})

it("keeps what I took away taken away", () => {
	const mine = changed((p) => void p.rules.shift())
	expect(merged(policy, mine, { ...clone(policy), number: 4 }).rules.map(({ id }) => id)).toEqual([
		"1.2",
	])
})

it("reads sizes and numbers as people type them", () => {
	expect(bytesText(20971520)).toBe("20")
	expect(readBytes("1,5")).toBe(1572864)
	expect([readBytes(""), readBytes("-1"), readBytes("x")]).toEqual([null, null, null])
	expect([readWhole("5 000"), readWhole("0"), readWhole("-1"), readWhole("")]).toEqual([
		5000,
		0,
		null,
		null,
	])
})

it("numbers the next rule", () => {
	expect(nextRuleID(policy.rules)).toBe("1.3")
	expect(nextRuleID([])).toBe("1.1")
})

it("merges what single persons may take, also onto a policy that said nothing of it", () => {
	const mine = { ...policy, individuals: { bill_max: 100, day_max: 200, month_max: 300 } }
	expect(merged(policy, mine, policy).individuals).toEqual(mine.individuals)
	const theirs = { ...policy, individuals: { bill_max: 5, day_max: 5, month_max: 5 } }
	expect(merged(theirs, theirs, { ...theirs, individuals: mine.individuals }).individuals).toEqual(
		mine.individuals,
	)
	expect(merged(policy, policy, theirs).individuals).toEqual(theirs.individuals)
})
