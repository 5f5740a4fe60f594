import { expect, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

test("an operator features, certifies, answers reports and changes the policy", async ({
	browser,
	plaza,
}) => {
	test.setTimeout(150_000)
	// Other stories may have left their own programs on this server.
	const manifest = JSON.parse(teaHouse("copper-kettle")["manifest.json"] ?? "{}")
	manifest.name = "Copper Kettle"
	manifest.x_plaza.names = { en: "Copper Kettle", fr: "Bouilloire de cuivre", zh: "铜壶" }
	await plaza.publish("copper-kettle", {
		...teaHouse("copper-kettle"),
		"manifest.json": JSON.stringify(manifest),
	})
	const orgs = await plaza.call<{ items: { id: string }[] }>(
		"creator",
		"/api/collections/orgs/records?filter=slug%3D%22atelier-lune%22",
	)
	const form = new FormData()
	for (const [name, value] of Object.entries({
		kind: "business",
		legal_name: "Atelier Lune SARL",
		registration: "RCS Paris 812 345 678",
		country: "FR",
	}))
		form.set(name, value)
	form.set(
		"documents",
		new Blob(["%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"], {
			type: "application/pdf",
		}),
		"kbis.pdf",
	)
	const applied = await fetch(`${plaza.url}/api/orgs/${orgs.items[0]?.id}/certification`, {
		method: "POST",
		headers: { Authorization: await plaza.token("creator") },
		body: form,
	})
	expect(applied.status).toBe(200)
	await plaza.call("person", "/api/store/copper-kettle/report", {
		kind: "broken",
		text: "The kettle is cold.",
	})

	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "operator")
	// Their rooms come first, and say what waits.
	await expect(page.getByRole("heading", { level: 1, name: "Reviews" })).toBeVisible()
	const room = (name: string) => page.getByRole("link", { name: new RegExp(`^${name}`) }).first()
	await expect(room("Certification")).toHaveText(/\d/)
	await expect(room("Reports")).toHaveText(/\d/)

	await test.step("an organisation is certified for two years", async () => {
		await room("Certification").click()
		await page.getByRole("button", { name: /^Atelier Lune/ }).click()
		const sheet = page.getByRole("dialog")
		await expect(sheet.getByText("RCS Paris 812 345 678")).toBeVisible()
		const paper = page.waitForEvent("popup")
		await sheet.getByRole("link", { name: /kbis/ }).click()
		await (await paper).close()
		await sheet.getByRole("button", { name: "Certify…" }).click()
		await sheet.getByRole("button", { name: "2 years" }).click()
		await sheet.getByRole("button", { name: "Certify", exact: true }).click()
		await expect(page.getByText("Atelier Lune is certified")).toBeVisible()
		await page.getByRole("button", { name: "Certified", exact: true }).click()
		await expect(page.getByRole("button", { name: /^Atelier Lune/ })).toBeVisible()
	})

	await test.step("a program is featured, moved by keyboard, removed and brought back", async () => {
		await room("Featuring").click()
		const picks = page.getByRole("region", { name: "Picks" }).getByRole("listitem")
		await expect(page.getByRole("region", { name: "Picks" })).toBeVisible()
		const before = await picks.count()
		for (const name of ["Market", "Copper Kettle"]) {
			await page.getByRole("button", { name: "Feature a program" }).click()
			const sheet = page.getByRole("dialog")
			await sheet.getByRole("combobox", { name: "Program" }).fill(name)
			await sheet
				.getByRole("option", { name: new RegExp(name) })
				.first()
				.click()
			await sheet.getByRole("button", { name: "Save" }).click()
			await expect(page.getByText(`${name} is saved`)).toBeVisible()
		}
		await expect(picks.nth(before)).toContainText("Market")
		await picks
			.nth(before + 1)
			.getByRole("button")
			.first()
			.focus()
		await page.keyboard.press("Alt+ArrowUp")
		await expect(picks.nth(before)).toContainText("Copper Kettle")
		await expect(picks.nth(before).getByRole("button").first()).toBeFocused()
		await page.getByRole("button", { name: "Remove Copper Kettle" }).click()
		await expect(picks).toHaveCount(before + 1)
		await page.getByRole("button", { name: "Undo" }).click()
		await expect(picks).toHaveCount(before + 2)
		const front = await plaza.call<{ picks: { appid: string }[] }>("person", "/api/store/front")
		expect(front.picks.map(({ appid }) => appid).slice(-2)).toEqual(["copper-kettle", "market"])
	})

	await test.step("a report is closed with an answer", async () => {
		await room("Reports").click()
		const about = page.getByRole("region", { name: "Copper Kettle" })
		await expect(about.getByText("The kettle is cold.")).toBeVisible()
		await about.getByRole("button", { name: "Close the report: Broken" }).click()
		await page.getByRole("dialog").getByLabel("Answer").fill("It has been boiled.")
		await page.getByRole("dialog").getByRole("button", { name: "Close the report" }).click()
		await expect(about).toHaveCount(0)
		await page.getByRole("button", { name: "Closed", exact: true }).click()
		await expect(page.getByText("It has been boiled.")).toBeVisible()
	})

	await test.step("the policy is changed; a change of somebody else's is kept", async () => {
		await room("Policy").click()
		await page.getByRole("link", { name: "Limits" }).click()
		await page.getByLabel("Files", { exact: true }).fill("4000")
		await page.getByRole("button", { name: "See and put in force…" }).click()
		// Meanwhile another operator gives more time for appeals.
		const holds = await plaza.call<Record<string, unknown>>("operator", "/api/store/policy")
		await plaza.call("operator", "/api/policy", {
			policy: { ...holds, appeal_days: 30 },
			note: "More time.",
		})
		const sheet = page.getByRole("dialog")
		await expect(sheet.getByText("Limits › Files")).toBeVisible()
		await sheet.getByLabel("Why").fill("Nobody needs more.")
		await sheet.getByRole("button", { name: "Put in force" }).click()
		await expect(sheet.getByText(/Your changes now stand on top of it/)).toBeVisible()
		await sheet.getByRole("button", { name: "Put in force" }).click()
		await expect(page.getByText(/Number \d+ holds now/)).toBeVisible()
		const now = await plaza.call<{ appeal_days: number; limits: { files: number } }>(
			"operator",
			"/api/store/policy",
		)
		expect([now.appeal_days, now.limits.files]).toEqual([30, 4000])
		await page.getByRole("link", { name: "History" }).click()
		await page
			.getByRole("button", { name: /^What changed after/ })
			.first()
			.click()
		await expect(page.getByText("Limits › Files")).toBeVisible()
	})

	await test.step("the audit tells of it, and the keys are explained", async () => {
		await room("Audit").click()
		await expect(page.getByText("programs.policy").first()).toBeVisible()
		await expect(page.getByText("identity.certify").first()).toBeVisible()
		await page.keyboard.press("?")
		await expect(page.getByRole("dialog").getByText("Reviews")).toBeVisible()
	})
})

test("who is no operator does not get into the operator's rooms", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "creator")
	for (const room of [
		"reviews",
		"certifications",
		"features",
		"takedowns",
		"reports",
		"policy",
		"audit",
	]) {
		await page.goto(`${plaza.url}/console/${room}`)
		await expect(page.getByText("Only operators come in here")).toBeVisible()
	}
	await expect(page.getByRole("link", { name: /^Reviews/ })).toHaveCount(0)
})
