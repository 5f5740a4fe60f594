import { readFile } from "node:fs/promises"
import { expect, signIn, test } from "./plaza"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

test("the operator reads yesterday's figures and exports them", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "operator")
	await page.getByRole("link", { name: "Figures" }).first().click()
	await expect(page.getByRole("heading", { level: 1, name: "Figures" })).toBeVisible()

	await test.step("yesterday stands in figures at a glance", async () => {
		const yesterday = page.getByRole("region", { name: /^Yesterday/ }).first()
		await expect(yesterday.getByText("People a day").first()).toBeVisible()
		await expect(yesterday).toHaveText(/€[\d,]+\.\d\d/)
	})
	await test.step("a tap says what a figure is", async () => {
		await page.getByRole("button", { name: "What is “Orders”?" }).first().click()
		await expect(page.getByText("Baskets paid in shops").first()).toBeVisible()
		await page.keyboard.press("Escape")
	})
	await test.step("and they are exported as they were counted", async () => {
		const told = await plaza.call<{
			days: { day: string; people: number; opens: number; orders: number }[]
		}>("operator", "/api/figures/platform")
		const wanted = told.days.at(-2)
		expect(wanted?.people).toBeGreaterThan(0)
		await page.getByRole("button", { name: "Export CSV" }).click()
		const waiting = page.waitForEvent("download")
		await page.getByRole("button", { name: "Yesterday", exact: true }).click()
		const csv = await readFile(await (await waiting).path(), "utf8")
		const [columns, row, ...more] = csv.replace("\uFEFF", "").trim().split(/\r?\n/)
		const one = Object.fromEntries(
			(columns ?? "").split(",").map((name, at) => [name, (row ?? "").split(",")[at]]),
		)
		expect(more).toEqual([])
		expect([one.day, one.people, one.opens, one.orders]).toEqual([
			wanted?.day,
			...[wanted?.people, wanted?.opens, wanted?.orders].map(String),
		])
	})
	await test.step("the four figures can be kept to the house, and given back", async () => {
		const open = page.getByRole("switch", { name: /The four figures are public/ })
		await open.uncheck({ force: true })
		await expect(page.getByText("Kept", { exact: true })).toBeVisible()
		const guest = await (await browser.newContext(desk)).newPage()
		await guest.goto(`${plaza.url}/figures`)
		await expect(guest.getByText("This place keeps its figures to itself")).toBeVisible()
		await page.getByRole("button", { name: "Undo" }).first().click()
		await expect(open).toBeChecked()
		await guest.reload()
		await expect(guest.getByText("People today")).toBeVisible()
		await expect(guest.getByText("Creators", { exact: true }).first()).toBeVisible()
	})
})

test("makers see what their program reports, and how far people come", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "neighbour15")
	await expect(page.getByRole("link", { name: "Figures" }).first()).toBeVisible()
	await page.goto(`${plaza.url}/console/programs/swim?tab=figures`)
	const funnel = page.getByRole("region", { name: "Tickets" })
	await expect(funnel.getByText("4. paid")).toBeVisible()

	await page.getByRole("button", { name: "New funnel" }).click()
	const form = page.getByRole("dialog")
	await form.getByLabel("Name").fill("Chosen and paid")
	await form.getByLabel("Step 1").selectOption("event:chosen")
	await form.getByLabel("Step 2").selectOption("event:paid")
	await form.getByRole("button", { name: "Build it" }).click()
	const built = page.getByRole("region", { name: "Chosen and paid" })
	await expect(built.getByText("2. paid")).toBeVisible()
	await built.getByRole("button", { name: "Remove “Chosen and paid”" }).click()
	await expect(built).toBeHidden()
	await page.getByRole("button", { name: "Undo" }).first().click()
	await expect(built.getByText("1. chosen")).toBeVisible()
})
