import { expect, signIn, test } from "./plaza"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

function workingDayInParis(): Date {
	const at = new Date(Date.now() + 86_400_000)
	while ([0, 6].includes(at.getUTCDay())) at.setUTCDate(at.getUTCDate() + 1)
	at.setUTCHours(16, 15, 0, 0) // 17:15 in winter, 18:15 in summer
	return at
}

test("a happy hour takes four clicks, shows what it would cost, and lowers the price on the phone", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.getByRole("link", { name: "Campaigns" }).first().click()
	await page.getByRole("button", { name: "New campaign" }).click()
	const sheet = page.getByRole("dialog")
	await sheet.getByRole("button", { name: /happy hour/i }).click()
	await expect(sheet.getByText(/Next times|On now/).first()).toBeVisible()
	await sheet.getByRole("button", { name: "Start campaign" }).click()
	await expect(page.getByText("Happy hour is on")).toBeVisible()
	const campaigns = await plaza.call<{ items: { id: string; name: string; status: string }[] }>(
		"merchant",
		"/api/collections/campaigns/records?sort=-created&perPage=1&filter=org.slug%3D%22halle-market%22",
	)
	expect(campaigns.items[0]).toMatchObject({ name: "Happy hour", status: "active" })

	// At half past five on the next working day everything costs less, for anybody who looks.
	await plaza.moveClock(workingDayInParis())
	const places = await plaza.call<{ items: { id: string }[] }>(
		"person",
		"/api/collections/places/records?filter=name%3D%22Halle%20Market%22",
	)
	const { offers } = await plaza.call<{ offers: { price: number; listed: number }[] }>(
		"person",
		`/api/places/${places.items[0]?.id}/offers`,
	)
	expect(offers.length).toBeGreaterThan(50)
	for (const { price, listed } of offers) expect(price).toBeLessThan(listed)
	await plaza.resetClock()
	// The other stories know the prices without it.
	const made = campaigns.items[0]?.id
	await plaza.call(
		"merchant",
		`/api/collections/campaigns/records/${made}`,
		{ status: "ended" },
		"PATCH",
	)
})

test("a price changed in the table is undone with one tap", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.goto(`${plaza.url}/console/products`)
	await page.getByPlaceholder(/search name/i).fill("Vita malt")
	const row = page.getByRole("row", { name: /Vita malt/ }).first()
	await expect(row).toBeVisible()
	await row.getByRole("button", { name: /price of/i }).click()
	const field = page.getByRole("textbox", { name: /price of/i })
	await field.fill("4.50")
	await field.press("Enter")
	await expect(page.getByText(/costs €4.50 now/)).toBeVisible()
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(row.getByText("€3.99")).toBeVisible()
})

test("a CSV with a broken row names the row, and the rest can go in", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.goto(`${plaza.url}/console/products/import`)
	await page.locator('input[type="file"]').setInputFiles({
		name: "goods.csv",
		mimeType: "text/csv",
		buffer: Buffer.from(
			"gtin,name,price,vat_bp\n4006381333931,Marker,199,2000\n4006381333932,Wrong digit,199,2000\n5901234123457,Notebook,250,2000\n",
		),
	})
	await page.getByRole("button", { name: "Try it out" }).click()
	await expect(page.getByRole("row", { name: /^3 gtin .*last digit/ })).toBeVisible()
	await page.getByRole("button", { name: "Import 2 products" }).click()
	await expect(page.getByText("The import is done")).toBeVisible()
	const added = await plaza.call<{ totalItems: number }>(
		"merchant",
		"/api/collections/products/records?filter=name%3D%22Notebook%22%7C%7Cname%3D%22Marker%22%7C%7Cname%3D%22Wrong%20digit%22",
	)
	expect(added.totalItems).toBe(2)
})

test("somebody who works nowhere may make a program of their own", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "person")
	await expect(page.getByRole("heading", { name: "Mini programs" })).toBeVisible()
	await page.getByRole("link", { name: "New program" }).first().click()
	await expect(page.getByText("The program will be your own.")).toBeVisible()
	await page.getByLabel("Name", { exact: true }).fill("Camille’s notes")
	await page.getByLabel("Category").selectOption("tools")
	await page.getByRole("button", { name: "Create program" }).click()
	await expect(page.getByRole("heading", { level: 1, name: "Camille’s notes" })).toBeVisible()
	await expect(page.getByText("No version yet.")).toBeVisible()
})
