import { expect, openProgram, signIn, test } from "./plaza"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

// The demonstration has one of each kind; apps have stories of their own.
test("a web program keeps what it is told, and goes dark with the device", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/wheel`)
	await frame.getByRole("textbox").fill("Tea\nCoffee")
	await frame.getByRole("button", { name: "Spin" }).tap()
	await expect(frame.getByRole("status")).toHaveText(/^(Tea|Coffee)$/)
	await expect(frame.locator("html")).toHaveAttribute("data-theme", "light")
	await page.emulateMedia({ colorScheme: "dark" })
	await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark")

	await page.getByRole("button", { name: /^Close/ }).tap()
	await expect(page).toHaveURL(`${plaza.url}/`)
	const again = await openProgram(page, `${plaza.url}/p/wheel`)
	await expect(again.getByRole("textbox")).toHaveValue("Tea\nCoffee")
})

test("a game has the whole screen, and the capsule over it leads out", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/lanterns`)
	const canvas = frame.locator("canvas")
	await expect(canvas).toBeVisible()
	const crisp = await canvas.evaluate(
		(element) =>
			element instanceof HTMLCanvasElement && [
				element.width / devicePixelRatio,
				element.height / devicePixelRatio,
			],
	)
	expect(crisp).toEqual([390, 844])
	await page.getByRole("button", { name: /^Close/ }).tap()
	await expect(page).toHaveURL(`${plaza.url}/`)
})
