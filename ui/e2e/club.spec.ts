import type { Page } from "@playwright/test"
import { expect, openProgram, signIn, test } from "./plaza"

interface Card {
	org: string
	org_name: string
	spendable: number
}

/** Answers the question that the house puts for a program. */
const say = (page: Page, name: string) =>
	page.getByRole("dialog").getByRole("button", { name, exact: true }).tap()

test("a member sees what ends soon, takes a reward, and gives its voucher back", async ({
	browser,
	plaza,
}) => {
	const points = async () => {
		const cards = await plaza.call<Card[]>("person", "/api/loyalty")
		return cards.find(({ org_name }) => org_name === "Halle Market")?.spendable ?? 0
	}
	const before = await points()
	const figure = new Intl.NumberFormat("en-GB").format(before)
	const context = await browser.newContext({
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
		locale: "en-GB",
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/club`)

	// Without the permission it says what is missing, and asks again.
	await say(page, "Not now")
	const trouble = frame.getByRole("alert")
	await expect(trouble).toContainText("permission to see your points")
	await trouble.getByText("Try again").tap()
	await say(page, "Allow")

	const card = frame.getByRole("button", { name: /Halle Market/ })
	await expect(card).toContainText(`${figure}points`)
	await expect(card).toContainText(/points end on .* \(in \d+ days\)/)
	await card.tap()
	await expect(frame.getByText("When your points end")).toBeVisible()
	await frame.getByRole("button", { name: /^Rewards/ }).tap()

	const reward = frame.getByRole("group", { name: "A coffee" })
	await expect(reward).toBeVisible()
	await reward.getByText("Take", { exact: true }).tap()
	await say(page, "Take")
	const voucher = frame.getByRole("group", { name: "A coffee" }).filter({ hasText: "at the till" })
	await expect(voucher).toBeVisible()
	expect(await points()).toBeLessThan(before)

	await voucher.getByText("Give it back").tap()
	await say(page, "Give it back")
	await expect(voucher).toHaveCount(0)
	await expect(frame.getByText("Given back", { exact: true })).toBeVisible()
	expect(await points()).toBe(before)
	await context.close()
})
