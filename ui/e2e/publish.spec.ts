import { expect, signIn, test } from "./plaza"
import { drop, teaHouse, zip } from "./zip"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

test("a program goes from a broken zip to everybody's pocket", async ({ browser, plaza }) => {
	test.setTimeout(180_000)
	const creator = await (await browser.newContext(desk)).newPage()
	await signIn(creator, `${plaza.url}/console/`, "creator")

	await test.step("the creator takes an id for it", async () => {
		await creator.getByRole("link", { name: "New program" }).first().click()
		await creator.getByLabel("Name", { exact: true }).fill("Moon Tea")
		await expect(creator.getByLabel("Id", { exact: true })).toHaveValue("moon-tea")
		await expect(creator.getByText("moon-tea is free")).toBeVisible()
		await creator.getByLabel("Id", { exact: true }).fill("market")
		await expect(creator.getByText("This id is taken.")).toBeVisible()
		await creator.getByLabel("Id", { exact: true }).fill("moon-tea")
		await creator.getByLabel("Category").selectOption("food")
		await creator.getByRole("button", { name: "Create program" }).click()
		await expect(creator.getByRole("heading", { level: 1, name: "Moon Tea" })).toBeVisible()
	})

	const zone = creator.getByText("Drop a package here, or choose one")
	await test.step("a broken zip is refused, and the file and the line are named", async () => {
		const broken = teaHouse("moon-tea", {
			"pages/menu/menu.js":
				'Page({\n\tgo() {\n\t\twx.navigateTo({ url: "/pages/table/table" )\n\t},\n})\n',
		})
		await drop(zone, "moon-tea.zip", zip(broken))
		await expect(creator.getByRole("heading", { name: /moon-tea\.zip: \d+ errors?/ })).toBeVisible()
		await expect(creator.getByText(/^pages\/menu\/menu\.js:3/).first()).toBeVisible()
		await expect(creator.getByText("No version yet.")).toBeVisible()
	})

	await test.step("the mended one becomes version 1", async () => {
		await drop(zone, "moon-tea.zip", zip(teaHouse("moon-tea")))
		const report = creator.getByRole("region", { name: "Check report" })
		await expect(report.getByText("Version 1 passed the checks")).toBeVisible()
		await creator.getByRole("button", { name: /^Version 1/ }).click()
		const sheet = creator.getByRole("dialog")
		await expect(sheet.getByText("New permission")).toBeVisible()
		await expect(sheet.getByText("See your name and language")).toBeVisible()
		await creator.keyboard.press("Escape")
		await expect(sheet).toHaveCount(0)
	})

	await test.step("it is submitted with notes and waits for its review", async () => {
		await creator.getByRole("button", { name: "Submit for review" }).last().click()
		const sheet = creator.getByRole("dialog")
		await sheet.getByRole("button", { name: "Submit for review" }).click()
		await expect(sheet.getByText("Go through the whole list first.")).toBeVisible()
		for (const point of await sheet.getByRole("checkbox").all()) await point.check()
		await sheet.getByLabel("Notes for the reviewer").fill("Sit down at the table.")
		await sheet.getByRole("button", { name: "Submit for review" }).click()
		await expect(creator.getByText(/Number \d+ of \d+ in the queue/)).toBeVisible()
		await expect(creator.getByText("Sit down at the table.")).toBeVisible()
	})
})
