import { expect, it } from "vitest"
import en from "../../i18n/en.json"
import { eventKey, lookOf, replaced, type Trigger } from "./triggers"

const timer: Trigger = {
	id: "a",
	kind: "timer",
	name: "nightly",
	function: "sweep",
	spec: "0 0 4 * * * *",
	zone: "Europe/Paris",
	live: true,
	paused: false,
	next: "2026-11-25 03:00:00.000Z",
	due: "",
	state: "",
	last_at: "",
	last_ms: 0,
	last_error: "",
	failures: 0,
	runs: 0,
}

it("says first what matters most", () => {
	expect(lookOf(timer)).toBe("new")
	expect(lookOf({ ...timer, state: "failed" })).toBe("failed")
	expect(lookOf({ ...timer, state: "failed", paused: true })).toBe("paused")
	expect(lookOf({ ...timer, state: "running", paused: true })).toBe("running")
})

it("puts an answer in its place", () => {
	const all = { live: true, zone: "UTC", functions: [], triggers: [timer, { ...timer, id: "b" }] }
	const after = replaced(all, { ...timer, id: "b", paused: true })
	expect(after.triggers.map(({ id, paused }) => [id, paused])).toEqual([
		["a", false],
		["b", true],
	])
})

it("has words for every event", () => {
	const events =
		"order.paid scan points.earned points.expiring campaign.started campaign.ended payment.paid payment.refunded"
	for (const event of events.split(" ")) expect(en).toHaveProperty([`event.${eventKey(event)}`])
})
