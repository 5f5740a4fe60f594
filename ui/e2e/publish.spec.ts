import type { Page } from "@playwright/test"
import { approve, claim, reject, restore, takeDown } from "./operator"
import { expect, openProgram, password, signIn, test } from "./plaza"
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

	const operator = await (await browser.newContext(desk)).newPage()
	await signIn(operator, `${plaza.url}/console/`, "operator")
	const ask = "The button says “Sit down”, and nobody knows where."

	await test.step("the operator runs it in its sandbox and rejects it, with a rule and a line", async () => {
		await claim(operator, "moon-tea", "Moon Tea")
		const run = operator.getByRole("region", { name: "Run" })
		await expect(run.getByText("Trial version 1.0")).toBeVisible()
		await expect(run.frameLocator("iframe").getByText("Tea of the day")).toBeVisible()
		await reject(operator, { typed: "describe", id: "2.1" }, ask, {
			where: "pages/menu/menu.wxml:3",
			what: "Say which table.",
		})
	})

	await test.step("the creator reads why, answers, and submits the same version again", async () => {
		await expect(creator.getByText("Say which table.")).toBeVisible()
		await expect(creator.getByText("pages/menu/menu.wxml:3")).toBeVisible()
		await expect(creator.getByText(ask)).toBeVisible()
		await creator.getByLabel("Message").fill("The table is the one whose code was scanned.")
		await creator.getByRole("button", { name: "Send", exact: true }).click()
		await creator.getByRole("button", { name: "Submit the same version again" }).click()
		const sheet = creator.getByRole("dialog")
		for (const point of await sheet.getByRole("checkbox").all()) await point.check()
		await sheet.getByRole("button", { name: "Submit for review" }).click()
		await expect(creator.getByText(/Number \d+ of \d+ in the queue/)).toBeVisible()
	})

	await test.step("the operator approves it by keyboard", async () => {
		await claim(operator, "moon-tea", "Moon Tea")
		await expect(operator.getByText("The table is the one whose code was scanned.")).toBeVisible()
		await expect(operator.getByRole("region", { name: "Earlier reviews" })).toContainText(
			"Changes asked",
		)
		await approve(operator, "Enjoy.")
	})

	await test.step("it is released to some, then to everybody", async () => {
		await creator.getByRole("link", { name: "To the release" }).click()
		await creator.getByRole("button", { name: "Release…" }).first().click()
		const sheet = creator.getByRole("dialog")
		await sheet.getByRole("button", { name: "20 %", exact: true }).click()
		await sheet.getByRole("button", { name: "Release to 20 %" }).click()
		await expect(creator.getByText("20 % of people")).toBeVisible()
		await creator.getByRole("button", { name: "Change percentage…" }).first().click()
		await sheet.getByRole("button", { name: "100 %", exact: true }).click()
		await sheet.getByRole("button", { name: "Finish: everybody" }).click()
		await expect(creator.getByText("Released", { exact: true }).first()).toBeVisible()
	})

	const pocket = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
	const person = await (await browser.newContext({ ...pocket, locale: "fr-FR" })).newPage()
	await test.step("a person finds it in French, opens it and rates it", async () => {
		await person.goto(`${plaza.url}/sign-in`)
		await person.getByLabel(/e-?mail/i).fill("person@plaza.example")
		await person.getByLabel("Mot de passe", { exact: true }).fill(password)
		await person.getByRole("button", { name: "Se connecter" }).click()
		await person.getByRole("searchbox").fill("the de lune")
		// Other stories may have opened a house of the same name.
		await person
			.getByRole("link", { name: "Thé de lune", exact: true })
			.and(person.locator('[href="/store/moon-tea"]'))
			.click()
		await person.getByRole("link", { name: "Ouvrir", exact: true }).click()
		await person.getByRole("dialog").getByRole("button", { name: "Ouvrir", exact: true }).click()
		await expect(person.frameLocator("iframe").getByText("Tea of the day")).toBeVisible()
		await person.getByRole("button", { name: "Fermer Thé de lune" }).click()
		await person.getByRole("button", { name: /Donner 5 étoiles/ }).click()
		await person.getByLabel(/Que devraient savoir/).fill("Le thé arrive tout seul.")
		await person.getByRole("button", { name: "Publier" }).click()
		await expect(person.getByText("Merci, votre avis est publié")).toBeVisible()
	})

	await test.step("the creator sees who came, and what they say", async () => {
		await creator.getByRole("link", { name: "Ratings" }).click()
		await expect(creator.getByText("Le thé arrive tout seul.")).toBeVisible()
		await creator.getByRole("link", { name: "Logs" }).click()
		await expect(creator.getByRole("heading", { level: 1, name: "Moon Tea" })).toBeVisible()
		await creator.getByRole("main").getByRole("link", { name: "Figures" }).click()
		await expect(creator.getByText(/opens|Opens/).first()).toBeVisible()
	})

	await test.step("the operator takes it down and the open page says so; restored, it opens", async () => {
		await openInFrench(person, `${plaza.url}/p/moon-tea`)
		const notice = "Moon Tea is closed for tonight."
		await takeDown(operator, "moon-tea", {
			rule: "5.1",
			reason: "The kitchen is on fire.",
			notice,
		})
		await expect(person.getByText(notice)).toBeVisible()
		await expect(person.locator("iframe")).toHaveCount(0)
		await restore(operator, "Moon Tea", "The fire is out.")
		await openProgram(person, `${plaza.url}/p/moon-tea`)
		await expect(person.frameLocator("iframe").getByText("Tea of the day")).toBeVisible()
	})
})

async function openInFrench(page: Page, url: string): Promise<void> {
	await page.goto(url)
	await expect(page.frameLocator("iframe").getByText("Tea of the day")).toBeVisible()
}
