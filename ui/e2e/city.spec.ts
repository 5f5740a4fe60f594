import { readFile } from "node:fs/promises"
import type { FrameLocator, Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
	permissions: ["clipboard-read", "clipboard-write"],
}
const wide = { viewport: { width: 1280, height: 800 }, locale: "en-GB", acceptDownloads: true }

/** A day from now in Paris, as the program writes it. */
const dayIn = (days: number) =>
	new Intl.DateTimeFormat("en-GB", {
		day: "numeric",
		month: "long",
		year: "numeric",
		timeZone: "Europe/Paris",
	}).format(Date.now() + days * 86_400_000)

async function lookUp(city: FrameLocator, number: string, key: string): Promise<void> {
	await city.getByRole("textbox", { name: "Notice number" }).fill(number)
	await city.getByRole("textbox", { name: "Key on the letter" }).fill(key)
	await city.getByRole("button", { name: "Look up" }).click()
}

async function paySheet(person: Page, amount: string): Promise<void> {
	const sheet = person.getByRole("dialog", { name: /^(Pay|Paid)$/ })
	await sheet.getByRole("button", { name: `Pay ${amount}` }).click()
	await expect(sheet.getByRole("heading", { name: "Paid" })).toBeVisible()
	await sheet.getByRole("button", { name: "Close" }).last().click()
}

async function desk(page: Page, plaza: Plaza): Promise<FrameLocator> {
	await signIn(page, `${plaza.url}/console/`, "neighbour19")
	await page.getByRole("link", { name: "Town services" }).click()
	return page.frameLocator("iframe")
}

test("a citizen pays a fine on the last reduced day, and anybody verifies the receipt", async ({
	browser,
	plaza,
}) => {
	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, "person")
	const city = await openProgram(person, `${plaza.url}/p/city`)
	await expect(city.getByText("Nothing here is a real fine")).toBeVisible()
	await city.getByRole("button", { name: "Look up" }).click()

	// A wrong key and a wrong number are answered with the same words.
	for (const [number, key] of [
		["DEMO0001", "WRONG1"],
		["DEMO9999", "CLEF0001"],
	] as const) {
		await lookUp(city, number, key)
		await expect(city.getByText("Nothing fits this number and this key.")).toBeVisible()
	}
	await lookUp(city, "demo 0001", "clef-0001")
	await expect(city.getByText("Last day of this amount")).toBeVisible()
	await expect(city.getByText(`until ${dayIn(0)}, included`)).toBeVisible()
	await expect(city.getByText(`From ${dayIn(1)}: €135.00`)).toBeVisible()

	// The amount holds for a quarter of an hour, also when the sheet was closed.
	await city.getByRole("button", { name: "Pay €90.00" }).click()
	await person.getByRole("dialog", { name: "Pay" }).getByRole("button", { name: "Close" }).click()
	await expect(city.getByText(/^€90.00 holds until \d\d:\d\d/)).toBeVisible()
	await city.getByRole("button", { name: "Pay €90.00" }).click()
	await paySheet(person, "€90.00")

	const number = city.getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
	await expect(number).toBeVisible()
	await city.getByRole("button", { name: "Copy the address that verifies it" }).click()
	await expect(async () => {
		expect(await person.evaluate(() => navigator.clipboard.readText())).toContain("/verify#")
	}).toPass()
	const address = await person.evaluate(() => navigator.clipboard.readText())
	await city.getByRole("button", { name: "Open the PDF" }).click()
	await expect(person.getByRole("dialog", { name: "Document" })).toBeVisible()

	// Somebody without an account looks at it.
	const inspector = await (await browser.newContext({ locale: "en-GB" })).newPage()
	await inspector.goto(`${plaza.url}/verify#${address.split("#")[1]}`)
	await expect(inspector.getByRole("heading", { name: "Genuine" })).toBeVisible()
	await expect(inspector.getByText((await number.textContent()) ?? "").first()).toBeVisible()
	await expect(inspector.getByText("€90.00").first()).toBeVisible()
	await expect(inspector.getByText("Demo: this receipt proves no real payment")).toBeVisible()

	// The agency sees it paid, and gives the treasury its table.
	const office = await (await browser.newContext(wide)).newPage()
	const agency = await desk(office, plaza)
	await agency.getByRole("button", { name: "Payments", exact: true }).click()
	await expect(agency.getByText("fine-DEMO0001-1")).toBeVisible()
	await agency.getByRole("button", { name: "Export for the treasury" }).click()
	const saving = office.waitForEvent("download")
	await office.getByRole("dialog").getByRole("button", { name: "Save" }).click()
	const table = await readFile(await (await saving).path(), "utf8")
	expect(table).toContain("fine-DEMO0001-1,fines,DEMO0001,reduced,9000,0,EUR,paid")
})

test("the agency imports notices, and decides a contest that a citizen has made", async ({
	browser,
	plaza,
}) => {
	const office = await (await browser.newContext(wide)).newPage()
	const agency = await desk(office, plaza)
	await agency.getByRole("button", { name: "Import" }).click()
	const choosing = office.waitForEvent("filechooser")
	await agency.getByRole("button", { name: "Choose a CSV file" }).click()
	const day = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10)
	const file = [
		"number,plate,key,offence,notice_date,place",
		`DEMO7001,ZZ001ZZ,TRY7001,STOP,${day},=1+1`,
		`DEMO7001,ZZ002ZZ,TRY7001,STOP,${day},Somewhere`,
	].join("\n")
	await (await choosing).setFiles({
		name: "notices.csv",
		mimeType: "text/csv",
		buffer: Buffer.from(file),
	})
	await expect(agency.getByText("DEMO7001 stands in line 2 already")).toBeVisible()
	await agency.getByRole("button", { name: "Import 1 line" }).click()
	await expect(agency.getByText("1 line imported")).toBeVisible()

	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, "person")
	const city = await openProgram(person, `${plaza.url}/p/city`)
	await city.getByRole("button", { name: "Look up" }).click()
	await lookUp(city, "DEMO7001", "TRY7001")
	await city.getByRole("button", { name: /^Contest/ }).click()
	await city.getByText("The vehicle was sold").click()
	await city
		.getByRole("textbox", { name: "What happened?" })
		.fill("I had sold the car to my neighbour in May.")
	await city.getByRole("button", { name: "Send" }).click()
	await expect(city.getByText("The clock stands still and nothing is to be paid.")).toBeVisible()
	await expect(city.getByRole("button", { name: /^Pay/ })).toBeHidden()

	await agency.getByRole("button", { name: "Contests" }).click()
	await agency.getByText("DEMO7001").click()
	await agency.getByRole("textbox", { name: "Answer, which the citizen reads" }).fill("So it was.")
	await agency.getByRole("button", { name: "Uphold: cancel the notice" }).click()
	await expect(agency.getByText("Contest upheld")).toBeVisible()

	const again = await openProgram(person, `${plaza.url}/p/city`)
	await again.getByText(/DEMO7001/).click()
	await expect(again.getByText("The contest was upheld: there is nothing to pay.")).toBeVisible()
	await expect(again.getByText("So it was.")).toBeVisible()
})

test("a canteen bill is found and paid; an appointment is booked and given up", async ({
	browser,
	plaza,
}) => {
	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, "person")
	const city = await openProgram(person, `${plaza.url}/p/city`)
	await city.getByRole("button", { name: "School canteen" }).click()
	await city.getByRole("button", { name: "CANT004 · CLEF0004" }).click()
	await city.getByRole("button", { name: "Look up" }).click()
	await city.getByRole("button", { name: "Pay €38.35" }).click()
	await paySheet(person, "€38.35")
	await expect(city.getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)).toBeVisible()

	const again = await openProgram(person, `${plaza.url}/p/city`)
	await again.getByRole("button", { name: "Town hall counter" }).click()
	await again.locator(".day").nth(1).click()
	await again.locator(".time:not([disabled])").first().click()
	await again.getByRole("button", { name: /^Book \d\d:\d\d$/ }).click()
	await expect(again.getByText(/^[2-9A-Z]{6}$/)).toBeVisible()
	await again.getByRole("button", { name: "Cancel", exact: true }).click()
	await person.getByRole("dialog").getByRole("button", { name: "Cancel", exact: true }).click()
	await expect(again.getByText(/^[2-9A-Z]{6}$/)).toBeHidden()
})
