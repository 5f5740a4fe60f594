import type { Browser, Page } from "@playwright/test"
import { expect, keptOnDevice, openProgram, type Plaza, signIn, test } from "./plaza"

/** A corner of the town that the demonstration has nothing in: stories do not meet its places. */
const corner = { lat: 47.2184, lon: -1.5536 }

interface Listing {
	id: string
}

async function orgOf(plaza: Plaza, account: string): Promise<string> {
	const jobs = await plaza.call<{ items: { org: string }[] }>(
		account,
		"/api/collections/staff/records?filter=role%3D%22owner%22&sort=created",
	)
	return jobs.items[0]?.org ?? ""
}

async function phone(browser: Browser, located: boolean): Promise<Page> {
	const context = await browser.newContext({
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
		locale: "en-GB",
		...(located
			? {
					permissions: ["geolocation"],
					geolocation: { latitude: corner.lat, longitude: corner.lon },
				}
			: {}),
	})
	return context.newPage()
}

/** Hours that hold all day today and yesterday's evening, whatever the clock says. */
const always = "Mo-Su 00:00-24:00"

test("a bar's happy hour shows around the person, and its page opens", async ({
	browser,
	plaza,
}) => {
	const org = await orgOf(plaza, "merchant")
	await plaza.call<Listing>("merchant", "/api/nearby/listings", {
		org,
		name: "The Lantern",
		category: "amenity/bar",
		...corner,
		address: "3 Quay Street",
		hours: always,
		happy_hours: always,
	})
	const page = await phone(browser, true)
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/nearby`)
	await frame.getByText("Use my position", { exact: true }).tap()
	await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).tap()
	const card = frame.getByRole("button", { name: /The Lantern/ })
	await expect(card).toContainText("Happy hour")
	await frame.getByRole("tab", { name: "Radar" }).tap()
	await expect(frame.locator("canvas")).toBeVisible()
	await frame.getByRole("tab", { name: "List" }).tap()
	await card.tap()
	await expect(frame.getByText("3 Quay Street", { exact: true })).toBeVisible()
	await expect(frame.getByText("Happy hour", { exact: true }).last()).toBeVisible()
	await expect(
		frame
			.getByText(/^Open /)
			.filter({ visible: true })
			.first(),
	).toBeVisible()
	await page.context().close()
})

test("who tells no position searches by place, and finds it again", async ({ browser, plaza }) => {
	const org = await orgOf(plaza, "merchant")
	await plaza.call<Listing>("merchant", "/api/nearby/listings", {
		org,
		name: "Harbour Books",
		category: "shop/books",
		lat: corner.lat + 0.02,
		lon: corner.lon,
		address: "12 Lighthouse Lane",
	})
	const page = await phone(browser, true)
	await signIn(page, `${plaza.url}/sign-in`, "person")
	let frame = await openProgram(page, `${plaza.url}/p/nearby`)
	await frame.getByText("Use my position", { exact: true }).tap()
	await page.getByRole("dialog").getByRole("button", { name: "Not now" }).tap()
	await expect(frame.getByRole("status").first()).toContainText("search by place")
	await frame.getByRole("button", { name: /Change/ }).tap()
	await frame.getByRole("textbox", { name: "Address, street or place" }).fill("Lighthouse Lane")
	await frame.getByRole("button", { name: /Search around/ }).tap()
	await expect(frame.getByRole("button", { name: /^Harbour Books/ })).toBeVisible()
	await expect(frame.getByRole("button", { name: /^Harbour Books/ })).toContainText(
		"Hours not known",
	)
	await expect.poll(() => keptOnDevice(page, "centre")).toContain("place")
	await page.reload()
	frame = page.frameLocator("iframe")
	await expect(frame.getByRole("button", { name: /^Harbour Books/ })).toBeVisible()
	await page.context().close()
})

test("without a network the last list shows, no more than it can tell, and gives way to the next", async ({
	browser,
	plaza,
}) => {
	const page = await phone(browser, false)
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/nearby`)
	const market = frame.getByRole("button", { name: /^Halle Market/ })
	await expect(market).toBeVisible()
	await expect.poll(() => keptOnDevice(page, "found")).toContain("Halle Market")

	await page.context().setOffline(true)
	await frame.getByText("Restaurant", { exact: true }).first().tap()
	const old = frame.getByRole("status").filter({ hasText: /offline|network|connection/i })
	await expect(old).toBeVisible()
	await expect(old.getByText("Try again")).toBeVisible()
	await expect(market).toHaveCount(0)

	await page.context().setOffline(false)
	await expect(old).toHaveCount(0)
	await expect(market).toHaveCount(0)
	await page.context().close()
})

test("a merchant's new hours show at once", async ({ browser, plaza }) => {
	const org = await orgOf(plaza, "merchant")
	const { id } = await plaza.call<Listing>("merchant", "/api/nearby/listings", {
		org,
		name: "Corner Bakery",
		category: "shop/bakery",
		lat: corner.lat - 0.02,
		lon: corner.lon,
	})
	const context = await browser.newContext({
		locale: "en-GB",
		viewport: { width: 1280, height: 800 },
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/console/`, "merchant")
	await page.goto(`${plaza.url}/console/listings`)
	await page.getByRole("link", { name: /Corner Bakery/ }).click()
	await page.getByText("As text", { exact: true }).click()
	await page.getByRole("textbox", { name: "Opening hours as text" }).fill("Mo-Su 06:30-25:99")
	await page.getByRole("button", { name: "Save" }).click()
	await expect(page.getByRole("alert").first()).toContainText("cannot be read")
	await page.getByRole("textbox", { name: "Opening hours as text" }).fill("Mo-Su 06:30-19:45")
	const preview = page.getByRole("region", { name: "How people see it" })
	await expect(preview).toContainText("06:30–19:45")
	await page.getByRole("button", { name: "Save" }).click()
	await expect(page.getByText("Saved")).toBeVisible()
	const shown = await plaza.call<{ hours: string; hours_valid: boolean }>(
		"person",
		`/api/nearby/listings/${id}`,
	)
	expect(shown).toMatchObject({ hours: "Mo-Su 06:30-19:45", hours_valid: true })
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(page.getByText("Undone")).toBeVisible()
	await context.close()
})

test("the operator merges a double, and takes it back", async ({ browser, plaza }) => {
	const org = await orgOf(plaza, "merchant")
	const made = await Promise.all(
		["Old Mill Tavern", "old mill tavern"].map((name, at) =>
			plaza.call<Listing>("merchant", "/api/nearby/listings", {
				org,
				name,
				category: "amenity/pub",
				lat: corner.lat + 0.05,
				lon: corner.lon + at * 0.0001,
			}),
		),
	)
	const context = await browser.newContext({
		locale: "en-GB",
		viewport: { width: 1280, height: 800 },
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/console/`, "operator")
	await page.goto(`${plaza.url}/console/nearby?tab=doubles`)
	await page.getByRole("button", { name: /^Merge: old mill tavern$/i }).click()
	await expect(page.getByText(/Merged into/)).toBeVisible()
	const names = async () =>
		Promise.all(
			made.map(async ({ id }) => {
				const one = await plaza.call<{ id: string }>("person", `/api/nearby/listings/${id}`)
				return one.id
			}),
		)
	expect(new Set(await names()).size).toBe(1)
	await page.getByRole("button", { name: /^Undo: old mill tavern$/i }).click()
	await expect(page.getByText(/is back/)).toBeVisible()
	expect(new Set(await names()).size).toBe(2)
	await context.close()
})

/** A program with a map, as WeChat's documentation shows one. */
const atlas = {
	"atlas/manifest.json": JSON.stringify({
		app_id: "atlas",
		name: "Atlas",
		short_name: "Atlas",
		description: "A map with two places.",
		version: { code: 1, name: "1.0.0" },
		x_plaza: { category: "tools", color: "#205080" },
	}),
	"atlas/app.json": JSON.stringify({ pages: ["pages/index/index"] }),
	"atlas/app.js": "App({})",
	"atlas/pages/index/index.wxml": `<map id="atlas" style="width:100%;height:300px" latitude="48.8566" longitude="2.3522"
		scale="14" markers="{{markers}}" circles="{{circles}}" polyline="{{lines}}" bindmarkertap="tapped" bindcallouttap="called" />
		<button bindtap="look">look</button><button bindtap="frame">frame</button><button bindtap="move">move</button><text id="said">{{said}}</text>`,
	"atlas/pages/index/index.js": `Page({
		data: {
			said: "",
			markers: [
				{ id: 7, latitude: 48.8566, longitude: 2.3522, title: "Hôtel de Ville", callout: { content: "Town hall", display: "ALWAYS" } },
				{ id: 8, latitude: 48.86, longitude: 2.346, ariaLabel: "Louvre", label: { content: "Art" } },
			],
			circles: [{ latitude: 48.8566, longitude: 2.3522, radius: 300, color: "#0b7a55", fillColor: "#0b7a5533" }],
			lines: [{ points: [{ latitude: 48.8566, longitude: 2.3522 }, { latitude: 48.86, longitude: 2.34 }], color: "#b3261e", width: 4 }],
		},
		onLoad() { this.map = wx.createMapContext("atlas") },
		tapped({ detail }) { this.setData({ said: "marker " + detail.markerId }) },
		called({ detail }) { this.setData({ said: "callout " + detail.markerId }) },
		async look() {
			const { latitude, longitude } = await this.map.getCenterLocation()
			const { scale } = await this.map.getScale()
			this.setData({ said: latitude.toFixed(2) + " " + longitude.toFixed(2) + " " + scale })
		},
		frame() {
			this.map.includePoints({
				points: [{ latitude: 43.3, longitude: 5.37 }, { latitude: 50.63, longitude: 3.07 }],
				success: () => this.map.getRegion({ success: ({ southwest, northeast }) =>
					this.setData({ said: String(southwest.latitude < 43.3 && northeast.latitude > 50.63) }) }),
			})
		},
		async move() {
			await this.map.translateMarker({ markerId: 8, destination: { latitude: 48.85, longitude: 2.36 }, duration: 50 })
			this.setData({ said: "moved" })
		},
	})`,
}

test("a program draws a map and hears of it", async ({ browser, plaza }) => {
	await plaza.publish("atlas", atlas)
	const page = await phone(browser, false)
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/atlas`)
	const said = frame.locator("#said")
	const press = (name: string) => frame.getByText(name, { exact: true }).tap()
	await frame.getByRole("button", { name: "Louvre" }).tap()
	await expect(said).toHaveText("marker 8")
	await frame.getByText("Town hall", { exact: true }).tap()
	await expect(said).toHaveText("callout 7")
	await press("look")
	await expect(said).toHaveText("48.86 2.35 14")
	await press("move")
	await expect(said).toHaveText("moved")
	await press("frame")
	await expect(said).toHaveText("true")
	await page.context().close()
})
