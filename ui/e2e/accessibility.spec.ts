import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Page } from "@playwright/test"
import { expect, signIn, test } from "./plaza"
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
	"/p/market",
	"/m/0000000000",
]
const shop = [
	"/console/",
	"/console/orders",
	"/console/exit",
	"/console/products",
	"/console/campaigns",
]
const studio = [
	"/console/programs",
	"/console/programs/new",
	...["", "review", "testers", "ratings", "logs", "figures", "settings"].map(
		(room) => `/console/programs/tea-house${room && `?tab=${room}`}`,
	),
	"/console/programs/tea-house?open=1",
	"/console/organisation/certification",
]
const house = ["/console/programs", "/console/clock"]

// The server is the same for all tests of this file: one program is enough for them.
let published: Promise<unknown> | undefined

for (const [size, viewport] of Object.entries(sizes)) {
	for (const colorScheme of ["light", "dark"] as const) {
		test(`every screen can be used by everybody: ${size}, ${colorScheme}`, async ({
			browser,
			plaza,
		}) => {
			test.setTimeout(240_000)
			published ??= plaza.publish("tea-house", teaHouse("tea-house"))
			await published
			const problems: string[] = []
			for (const [account, start, paths] of [
				["person", "/sign-in", client],
				["merchant", "/console/", shop],
				["creator", "/console/", studio],
				["operator", "/console/", house],
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
					const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
					if (wide > 0) problems.push(`${path}: ${wide} px wider than the screen`)
				}
				await context.close()
			}
			expect(problems).toEqual([])
		})
	}
}
