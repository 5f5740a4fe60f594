import { expect, signIn, test } from "./plaza"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

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
	await expect(sheet.getByText(/Next times/)).toBeVisible()
	await sheet.getByRole("button", { name: "Start campaign" }).click()
	await expect(page.getByText("Happy hour is on")).toBeVisible()
	const campaigns = await plaza.call<{ items: { name: string; status: string }[] }>(
		"merchant",
		"/api/collections/campaigns/records?sort=-created&perPage=1&filter=org.slug%3D%22halle-market%22",
	)
	expect(campaigns.items[0]).toMatchObject({ name: "Happy hour", status: "active" })
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

test("a CSV with a broken row names the row, and the rest can go in", async ({ browser, plaza }) => {
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
	await expect(page.getByRole("row", { name: /3 .*check digit/i })).toBeVisible()
	await page.getByRole("button", { name: "Import 2 products" }).click()
	await expect(page.getByText("The import is done")).toBeVisible()
	const added = await plaza.call<{ totalItems: number }>(
		"merchant",
		"/api/collections/products/records?filter=name%3D%22Notebook%22%7C%7Cname%3D%22Marker%22%7C%7Cname%3D%22Wrong%20digit%22",
	)
	expect(added.totalItems).toBe(2)
})

test("somebody who works nowhere is told so", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "person")
	await expect(page.getByRole("heading", { name: "The console is for people who work here" })).toBeVisible()
})
