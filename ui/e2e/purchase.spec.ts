import type { FrameLocator, Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}
const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }
const bears = "9556121020072" // on sale until next month
const pepsi = "0000886100252" // cheaper in the happy hour

/** The next day at a time on the shop's wall clock, Europe/Paris. */
function tomorrowInParis(hour: number, minute: number): Date {
	const day = new Date(Date.now() + 86_400_000)
	const offset =
		new Date(day.toLocaleString("en-US", { timeZone: "Europe/Paris" })).getHours() -
		day.getUTCHours()
	const at = new Date(day)
	at.setUTCHours(hour - ((offset + 24) % 24), minute, 0, 0)
	return at
}

async function openMarket(page: Page, plaza: Plaza): Promise<FrameLocator> {
	const market = await openProgram(page, `${plaza.url}/p/market`)
	await market.getByText("Change", { exact: true }).click()
	await market.getByText("Halle Market").click()
	await expect(market.getByText("Offers now")).toBeVisible()
	return market
}

async function typeCode(page: Page, code: string): Promise<void> {
	await page.getByLabel("Digits below the barcode").fill(code)
	await page.getByRole("button", { name: "OK" }).click()
}

async function agree(page: Page): Promise<void> {
	const allow = page.getByRole("button", { name: "Allow", exact: true })
	await allow.click()
	await expect(allow).toBeHidden()
}

test("a whole purchase, seen from the phone and from the shop at once", async ({
	browser,
	plaza,
}) => {
	await plaza.moveClock(tomorrowInParis(18, 50))
	const person = await (await browser.newContext(phone)).newPage()
	const merchant = await (await browser.newContext(desk)).newPage()

	await signIn(merchant, `${plaza.url}/console/`, "merchant")
	await merchant.getByRole("link", { name: "Orders" }).first().click()
	await expect(merchant.getByRole("heading", { name: "Orders" })).toBeVisible()

	await signIn(person, `${plaza.url}/sign-in`, "person")
	await expect(person.getByRole("heading", { name: "My programs" })).toBeVisible()
	const market = await openMarket(person, plaza)
	await market.getByText("Scan", { exact: true }).locator("visible=true").click()
	await agree(person)

	// A wrong check digit is refused as it is typed, an unknown product when it is looked up.
	await person.getByLabel("Digits below the barcode").fill("9556121020071")
	await expect(person.getByText(/digit is wrong|should be 2/i)).toBeVisible()
	await typeCode(person, bears)
	await expect(market.getByText("Autumn sale: 30% off · −€1.14")).toBeVisible()

	// The shop sees the basket without reloading.
	const arrived = merchant.getByText(/1 new order/)
	await expect(arrived).toBeVisible()
	await arrived.click()
	await expect(merchant.getByText("Camille Martin").first()).toBeVisible()

	await market.getByText("Scan", { exact: true }).locator("visible=true").click()
	await typeCode(person, pepsi)
	await expect(market.getByText("Happy hour: 20% off · −€1.72")).toBeVisible()
	await expect(market.getByText("Pay €9.52")).toBeVisible()

	// The happy hour ends between the scan and the payment: the price changes with a notice, never silently.
	await plaza.moveClock(tomorrowInParis(19, 5))
	await market.getByText("Pay €9.52").click()
	await person.getByRole("button", { name: "Pay €9.52" }).click()
	await expect(
		person.getByText("The price has changed from €9.52 to €11.24.", { exact: false }),
	).toBeVisible()
	await person.getByRole("button", { name: "Pay €11.24" }).dblclick()
	await expect(person.getByText("Thank you!")).toBeVisible()
	await expect(person.getByText(/\+11 points/)).toBeVisible()
	await person.getByRole("button", { name: "Receipt" }).click()
	await expect(person.getByRole("heading", { name: "Your way out" })).toBeVisible()
	const code = await person.getByText(/^[A-Z0-9]{4} [A-Z0-9]{4} [A-Z0-9]{4}$/).innerText()

	// The shop sees it paid, and lets the customer out, once.
	await expect(merchant.getByRole("row", { name: /Camille Martin.*Paid/ }).first()).toBeVisible()
	await merchant.getByRole("link", { name: "Exit checks" }).click()
	await checkOut(merchant, code)
	await expect(person.getByText("Checked. Goodbye!")).toBeVisible()
	await merchant.getByLabel("Exit code").fill(code)
	await merchant.getByRole("button", { name: "Check", exact: true }).click()
	await expect(merchant.getByText("Already used").first()).toBeVisible()

	// Two taps paid once.
	const wallet = await plaza.call<{ activity: { amount: number }[] }>("person", "/api/wallet")
	expect(wallet.activity.filter(({ amount }) => amount === -1124)).toHaveLength(1)
	const proof = await plaza.call<{ sound: boolean }>("operator", "/api/ledger/proof")
	expect(proof.sound).toBe(true)
})

/** Types the code; a look that is drawn at random is confirmed, as a clerk would. */
async function checkOut(page: Page, code: string): Promise<void> {
	await page.getByLabel("Exit code").fill(code)
	await page.getByRole("button", { name: "Check", exact: true }).click()
	const look = page.getByRole("button", { name: "I looked: let out" })
	const out = page.getByText("Paid. Have a nice day.")
	await expect(look.or(out).first()).toBeVisible()
	if (await look.isVisible()) await look.click()
	await expect(out.first()).toBeVisible()
}

test("points end on their day: the clock alone decides, the job writes it down", async ({
	browser,
	plaza,
}) => {
	await plaza.resetClock()
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	await page.goto(`${plaza.url}/wallet`)
	await expect(page.getByRole("heading", { name: "Loyalty cards" })).toBeVisible()
	await expect(page.getByText(/points? ends? on/).first()).toBeVisible()

	const later = new Date()
	later.setUTCFullYear(later.getUTCFullYear() + 2)
	await plaza.moveClock(later)
	await page.reload()
	await expect(page.getByRole("heading", { name: "Wallet" })).toBeVisible()
	await expect(page.getByText(/points? ends? on/)).toHaveCount(0)
	const all = await plaza.call<Statement[]>("person", "/api/loyalty")
	expect(all.length).toBeGreaterThan(0)
	for (const { spendable } of all) expect(spendable).toBe(0)
	await plaza.resetClock()
})

interface Statement {
	spendable: number
}

test("a lost connection shows, and heals by itself", async ({ browser, plaza }) => {
	const context = await browser.newContext(desk)
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.getByRole("link", { name: "Orders" }).first().click()
	await expect(page.getByRole("row").nth(1)).toBeVisible()
	await context.setOffline(true)
	await expect(page.getByText(/connection lost|offline/i).first()).toBeVisible()

	// Something happens meanwhile; nobody tells this page.
	const place = (
		await plaza.call<{ items: { id: string }[] }>(
			"person",
			"/api/collections/places/records?filter=name%3D%22Halle%20Market%22",
		)
	).items[0]?.id
	const order = await plaza.call<{ id: string }>("person", "/api/orders", {
		place,
		channel: "scan",
	})
	await plaza.call("person", `/api/orders/${order.id}/scan`, { code: bears, quantity: 7 })

	await context.setOffline(false)
	await expect(page.getByText(/connection lost|offline/i)).toHaveCount(0)
	await expect(
		page
			.getByText(/new order/)
			.or(page.getByRole("row", { name: /Camille Martin.*In the shop/ }))
			.first(),
	).toBeVisible()
	await plaza.call("person", `/api/orders/${order.id}/cancel`, {})
})
