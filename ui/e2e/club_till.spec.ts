import { expect, type Plaza, signIn, test } from "./plaza"

interface Voucher {
	id: string
	code: string
}

interface Card {
	org: string
	org_name: string
	spendable: number
}

/** A neighbour who has points at the market: the person of the other stories may have spent theirs. */
async function someMember(plaza: Plaza): Promise<{ member: string; at: string }> {
	for (let n = 1; n <= 19; n++) {
		const member = `neighbour${n}`
		const cards = await plaza.call<Card[]>(member, "/api/loyalty")
		const card = cards.find((one) => one.org_name === "Halle Market" && one.spendable >= 7)
		if (card) return { member, at: `/api/loyalty/${card.org}` }
	}
	throw new Error("no neighbour has points at the market")
}

test("a merchant offers a reward, a member takes it, and the till hands it over once", async ({
	browser,
	plaza,
}) => {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 800 },
		locale: "en-GB",
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.getByRole("link", { name: "Rewards" }).click()
	await page.getByRole("button", { name: "New reward" }).click()
	const sheet = page.getByRole("dialog", { name: "New reward" })
	await sheet.getByRole("button", { name: "Save" }).click()
	await expect(sheet.getByText("Give it a name.")).toBeVisible()
	await sheet.getByLabel("Name").fill("A linen bag")
	await sheet.getByLabel("Points").fill("7")
	await sheet.getByLabel("How many there are").fill("1")
	await sheet.getByRole("button", { name: "Save" }).click()
	await expect(sheet).toBeHidden()
	const row = page.getByRole("row").filter({ hasText: "A linen bag" }).first()
	await expect(row).toContainText("0 of 1")

	const { member, at } = await someMember(plaza)
	const offers = await plaza.call<{ id: string; name: string }[]>(member, `${at}/offers`)
	const bag = offers.find(({ name }) => name === "A linen bag")
	const voucher = await plaza.call<Voucher>(member, `${at}/rewards/${bag?.id}/take`, {
		cost: 7,
		key: "a bag",
	})

	const code = page.getByLabel("Code", { exact: true })
	await code.fill("NOTACODE99")
	await page.getByRole("button", { name: "Hand over" }).click()
	await expect(page.getByText("There is no voucher with this code here.")).toBeVisible()
	await code.fill(voucher.code.toLowerCase())
	await page.getByRole("button", { name: "Hand over" }).click()
	await expect(page.getByText("Handed over: A linen bag")).toBeVisible()
	await expect(row).toContainText("1 of 1")
	await expect(row).toContainText("None left")
	await code.fill(voucher.code)
	await page.getByRole("button", { name: "Hand over" }).click()
	await expect(page.getByText("This voucher has been handed over already.")).toBeVisible()

	await row.getByRole("button", { name: "Archive: A linen bag" }).click()
	await expect(row).toContainText("Archived")
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(row).toContainText("None left")
	await context.close()
})
