import { expect, openProgram, signIn, test } from "./plaza"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

/** A kitchen that says when the food is ready, to those who want to hear it. */
const kitchen = {
	"kitchen/manifest.json": JSON.stringify({
		app_id: "kitchen-bell",
		name: "Kitchen bell",
		short_name: "Bell",
		description: "Says when the food is ready.",
		version: { code: 1, name: "1.0.0" },
		x_plaza: { category: "food", color: "#a03010", icon: "bell" },
	}),
	"kitchen/app.json": JSON.stringify({ pages: ["pages/order/order", "pages/ready/ready"] }),
	"kitchen/app.js": "App({})",
	"kitchen/pages/order/order.wxml":
		'<button bindtap="ask">Tell me</button><button bindtap="cook">Cook</button><text id="said">{{said}}</text>',
	"kitchen/pages/order/order.js": `Page({
		data: { said: "" },
		ask() {
			wx.requestSubscribeMessage({
				tmplIds: ["ready"],
				success: (r) => this.setData({ said: r.ready }),
				fail: (e) => this.setData({ said: e.errMsg }),
			})
		},
		async cook() {
			try {
				const { result } = await wx.cloud.callFunction({ name: "cook" })
				this.setData({ said: result.said })
			} catch (e) {
				this.setData({ said: e.code || e.errMsg })
			}
		},
	})`,
	"kitchen/pages/ready/ready.wxml": "<text>Dish {{dish}}</text>",
	"kitchen/pages/ready/ready.js": "Page({ onLoad(q) { this.setData({ dish: q.dish }) } })",
	"kitchen/cloudfunctions/cook/index.js": `const cloud = require("wx-server-sdk")
		exports.main = async () => {
			try {
				await cloud.openapi.subscribeMessage.send({
					touser: cloud.getWXContext().OPENID, templateId: "ready", page: "pages/ready/ready?dish=7",
					data: { thing1: { value: "Onion soup" } },
				})
				return { said: "sent" }
			} catch (e) { return { said: e.code } }
		}`,
}

test("a program writes once for each yes, and the message leads to its page", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("kitchen-bell", kitchen)
	const maker = await (await browser.newContext({ locale: "en-GB" })).newPage()
	await signIn(maker, `${plaza.url}/console/`, "creator")
	await maker.goto(`${plaza.url}/console/programs/kitchen-bell?tab=settings`)
	await maker.getByRole("button", { name: "New template" }).click()
	const sheet = maker.getByRole("dialog")
	await sheet.getByLabel("Template id").fill("ready")
	await sheet.getByLabel("Title").fill("Your dish is ready")
	await sheet.getByLabel("Label that people read").fill("Dish")
	await sheet.getByRole("button", { name: "Save" }).click()
	await expect(maker.getByText("Your dish is ready")).toBeVisible()

	const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/kitchen-bell`)
	const said = frame.locator("#said")
	await frame.getByText("Cook").tap()
	await expect(said).toHaveText("no_ticket")

	await frame.getByText("Tell me").tap()
	const question = page.getByRole("dialog", { name: "Messages from Kitchen bell" })
	await expect(question.getByLabel("Your dish is ready")).toBeChecked()
	await question.getByRole("button", { name: "Not now" }).tap()
	await expect(said).toHaveText("reject")
	await frame.getByText("Tell me").tap()
	await question.getByRole("button", { name: "Allow" }).tap()
	await expect(said).toHaveText("accept")
	await frame.getByText("Cook").tap()
	await expect(said).toHaveText("sent")
	await frame.getByText("Cook").tap()
	await expect(said).toHaveText("no_ticket")

	await page.goto(`${plaza.url}/me`)
	await page.getByRole("link", { name: /^Messages/ }).tap()
	await expect(page.getByText("Onion soup")).toBeVisible()
	await page
		.getByRole("button", { name: /Your dish is ready$/, exact: false })
		.first()
		.tap()
	await expect(page.frameLocator("iframe").getByText("Dish 7")).toBeVisible()

	await page.goto(`${plaza.url}/messages`)
	await page.getByRole("button", { name: "No more messages from Kitchen bell" }).tap()
	const again = await openProgram(page, `${plaza.url}/p/kitchen-bell`)
	await again.getByText("Tell me").tap()
	await expect(again.locator("#said")).toHaveText("ban")
})
