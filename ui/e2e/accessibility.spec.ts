import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Page } from "@playwright/test"
import { expect, type Plaza, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

interface Violation {
	id: string
	help: string
	nodes: { target: string[] }[]
}

async function violations(page: Page): Promise<string[]> {
	await page.evaluate(axe)
	const found = await page.evaluate(async () => {
		// biome-ignore lint/suspicious/noExplicitAny: axe puts itself on the window
		const result = await (window as any).axe.run(
			{ exclude: [["iframe"]] },
			{ resultTypes: ["violations"] },
		)
		return result.violations as Violation[]
	})
	return found.map(
		({ id, help, nodes }) =>
			`${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join(", ")})`,
	)
}

const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }
const client = [
	"/",
	"/store",
	"/store/search?q=market",
	"/store/market",
	"/wallet",
	"/orders",
	"/scan",
	"/me",
	"/friends",
	"/friends/0000000000000000",
	"/playtime",
	"/p/market",
	"/p/quiz",
	"/m/0000000000",
	"/verify",
	"/verify#a.b.c",
	"/figures",
]
const shop = [
	"/console/",
	"/console/orders",
	"/console/exit",
	"/console/products",
	"/console/campaigns",
	"/console/rewards",
	"/console/bills",
	"/console/figures",
	"/console/desk/market",
]
const studio = [
	"/console/programs",
	"/console/programs/new",
	...["", "review", "testers", "functions", "bills", "ratings", "logs", "figures", "settings"].map(
		(room) => `/console/programs/tea-house${room && `?tab=${room}`}`,
	),
	"/console/programs/tea-house?open=1",
	"/console/organisation/certification",
]
const house = [
	"/console/programs",
	"/console/clock",
	"/console/figures",
	"/console/reviews",
	"/console/reviews?tab=decided",
	"/console/certifications",
	"/console/features",
	"/console/features?new=picks",
	"/console/takedowns",
	"/console/takedowns?new=1&appid=tea-house",
	"/console/reports",
	...["", "categories", "limits", "tiers", "history"].map(
		(part) => `/console/policy${part && `?part=${part}`}`,
	),
	"/console/storage",
	"/console/audit",
]

/** What the rooms show: a program that is out, its next version under review, a report, something featured. */
async function filled(plaza: Plaza): Promise<string[]> {
	await plaza.publish(
		"tea-house",
		teaHouse("tea-house", {
			"cloudfunctions/brew/index.js": "exports.main = () => 1",
			"cloudfunctions/brew/config.json": JSON.stringify({
				triggers: [{ name: "morning", type: "timer", config: "0 30 5 * * * *" }],
			}),
		}),
	)
	const more = teaHouse("tea-house", {
		"pages/table/table.wxml": "<view>Your table, and a chair</view>\n",
	})
	const { number } = await plaza.upload("tea-house", more)
	const review = await plaza.call<{ id: string }>(
		"creator",
		`/api/mp/tea-house/versions/${number}/submit`,
		{ notes: "A chair.", test_account: "guest / tea" },
	)
	await plaza.call("person", "/api/store/tea-house/report", { kind: "broken", text: "Cold." })
	const found = await plaza.call<{ items: { id: string }[] }>(
		"operator",
		"/api/collections/programs/records?filter=appid%3D%22tea-house%22",
	)
	for (const slot of ["banner", "picks"]) {
		await plaza.call("operator", "/api/collections/store_features/records", {
			program: found.items[0]?.id,
			slot,
			starts_at: "2026-01-01 00:00:00.000Z",
			titles: { en: "Tea, now" },
		})
	}
	return ["", "?pane=run", "?pane=thread"].map((pane) => `/console/reviews/${review.id}${pane}`)
}

// The server is the same for all tests of this file: it is filled once.
let prepared: Promise<string[]> | undefined

for (const [size, viewport] of Object.entries(sizes)) {
	for (const colorScheme of ["light", "dark"] as const) {
		test(`every screen can be used by everybody: ${size}, ${colorScheme}`, async ({
			browser,
			plaza,
		}) => {
			test.setTimeout(300_000)
			prepared ??= filled(plaza)
			const reviews = await prepared
			const problems: string[] = []
			for (const [account, start, paths] of [
				["person", "/sign-in", client],
				["merchant", "/console/", shop],
				["creator", "/console/", studio],
				["operator", "/console/", [...house, ...reviews]],
			] as const) {
				const context = await browser.newContext({
					viewport,
					colorScheme,
					locale: "en-GB",
					reducedMotion: "reduce",
					bypassCSP: true,
				})
				const page = await context.newPage()
				await signIn(page, plaza.url + start, account)
				for (const path of paths) {
					await page.goto(plaza.url + path)
					await expect(page.locator("main h1, main h2, iframe").first()).toBeVisible()
					await expect(page.locator("[aria-busy=true]")).toHaveCount(0)
					for (const problem of await violations(page)) problems.push(`${path}: ${problem}`)
					// What is wider only while it is being laid out is no fault; what stays so is.
					const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
					await expect
						.poll(wide, { timeout: 3_000 })
						.toBeLessThanOrEqual(0)
						.catch(async () => problems.push(`${path}: ${await wide()} px wider than the screen`))
				}
				await context.close()
			}
			expect(problems).toEqual([])
		})
	}
}
