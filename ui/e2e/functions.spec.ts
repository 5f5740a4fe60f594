import { expect, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

const files = (appid: string) => {
	const all = teaHouse(appid, {
		"cloudfunctions/brew/index.js":
			'exports.main = (event) => console.log("brewed for", event.TriggerName)',
		"cloudfunctions/brew/config.json": JSON.stringify({
			triggers: [{ name: "morning", type: "timer", config: "0 30 5 * * * *" }],
		}),
		"cloudfunctions/spill/index.js": 'exports.main = () => { throw new Error("no cup") }',
		"cloudfunctions/spill/config.json": JSON.stringify({
			triggers: [{ name: "often", type: "timer", config: "*/10 * * * * * *" }],
		}),
	})
	const manifest = JSON.parse(all["manifest.json"] ?? "")
	manifest.x_plaza.hooks = { "order.paid": "brew" }
	return { ...all, "manifest.json": JSON.stringify(manifest) }
}

test("makers look after what runs by itself", async ({ browser, plaza }) => {
	await plaza.publish("brewery", files("brewery"))
	const page = await (await browser.newContext(desk)).newPage()
	await signIn(page, `${plaza.url}/console/`, "creator")
	await page.goto(`${plaza.url}/console/programs/brewery?tab=functions`)
	const morning = page.getByRole("listitem").filter({ hasText: "0 30 5 * * * *" })
	const often = page.getByRole("listitem").filter({ hasText: "*/10 * * * * * *" })

	await test.step("a timer says when it is due next, by the organisation's clock", async () => {
		await expect(morning.getByText(/^Next run .* 5:30 \(in \d+ \w+\)$/)).toBeVisible()
		await expect(page.getByText("They go by the clock of")).toBeVisible()
		await expect(page.getByText("An order is paid")).toBeVisible()
		await expect(page.getByText("No event has been delivered yet.")).toBeVisible()
	})

	await test.step("it runs by hand, and says so in the log", async () => {
		await morning.getByRole("button", { name: "Run now: morning" }).click()
		await expect(page.getByText(/^morning has run in/)).toBeVisible()
		await expect(morning.getByText("Fine")).toBeVisible()
		await morning.getByRole("link", { name: "Log of brew" }).click()
		await expect(page.getByText("brewed for morning")).toBeVisible()
		await page.goBack()
	})

	await test.step("one that fails by itself says why", async () => {
		await expect(often.getByText("Failed", { exact: true })).toBeVisible({ timeout: 40_000 })
		await expect(often.getByText(/function_error.*no cup/)).toBeVisible()
	})

	await test.step("it can be paused and goes on", async () => {
		await often.getByRole("button", { name: "Pause often" }).click()
		await expect(often.getByText("Paused")).toBeVisible()
		await expect(often.getByText(/^Next run/)).toHaveCount(0)
		await often.getByRole("button", { name: "Resume often" }).click()
		await expect(often.getByText(/^Next run/)).toBeVisible()
	})

	await test.step("on a phone, too", async () => {
		await page.setViewportSize({ width: 390, height: 844 })
		await expect(morning.getByRole("button", { name: "Run now: morning" })).toBeVisible()
		const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
		expect(wide).toBe(false)
	})
})
