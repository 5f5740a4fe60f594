import type { Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}
// A trace looks into every frame, and waits for one that never rests.
test.use({ ...phone, trace: "off" })

/** A program that counts on its first page and has a second one. */
function counter(appid: string, files: Record<string, string> = {}): Record<string, string> {
	return teaHouse(appid, {
		"pages/menu/menu.wxml":
			'<view><text>Count {{count}}, shown {{shown}}</text><button bindtap="add">Add</button><button bindtap="go">Sit down</button></view>',
		"pages/menu/menu.js":
			'Page({ data: { count: 0, shown: 0 }, onShow() { this.setData({ shown: this.data.shown + 1 }) }, add() { this.setData({ count: this.data.count + 1 }) }, go() { wx.navigateTo({ url: "/pages/table/table?seat=7" }) } })',
		"pages/table/table.wxml": "<view>Table {{seat}}</view>",
		"pages/table/table.js":
			"Page({ data: { seat: 0 }, onLoad({ seat }) { this.setData({ seat }) } })",
		...files,
	})
}

const frameOf = (page: Page) => page.frameLocator("iframe:not([inert] *)")

/** Moves inside the client, as a tap on a link does: the page is not loaded anew. */
async function go(page: Page, path: string): Promise<void> {
	await page.evaluate((to) => {
		const link = Object.assign(document.createElement("a"), { href: to, textContent: "." })
		document.body.append(link)
		link.click()
		link.remove()
	}, path)
}

async function person(page: Page, plaza: Plaza): Promise<void> {
	await signIn(page, `${plaza.url}/sign-in`, "person")
}

test("a program that was left is as it was when one comes back, until a sixth takes its place", async ({
	page,
	plaza,
}) => {
	const names = ["one", "two", "three", "four", "five", "six"].map((name) => `warm-${name}`)
	for (const name of names) await plaza.publish(name, counter(name))
	await person(page, plaza)
	await openProgram(page, `${plaza.url}/p/warm-one`)
	const frame = frameOf(page)
	await frame.getByRole("button", { name: "Add" }).click()
	await frame.getByRole("button", { name: "Sit down" }).click()
	await expect(frame.getByText("Table 7")).toBeVisible()
	await page.getByRole("button", { name: /^Close/ }).click()
	await expect(page).toHaveURL(`${plaza.url}/`)
	await expect(page.locator("iframe")).toHaveCount(1)
	await expect(page.locator("iframe")).toBeHidden()

	await go(page, "/p/warm-one")
	await expect(frame.getByText("Table 7")).toBeVisible()
	// Back goes back a page of the program, then out of it.
	await page.goBack()
	await expect(frame.getByText("Count 1, shown 2")).toBeVisible()
	await page.goBack()
	await expect(page).toHaveURL(`${plaza.url}/`)

	// A link to another page relaunches it there, in the frame that it has.
	await go(page, "/p/warm-one?path=pages/table/table%3Fseat%3D9")
	await expect(frame.getByText("Table 9")).toBeVisible()
	await expect(page.locator("iframe")).toHaveCount(1)

	for (const name of names.slice(1)) {
		await go(page, `/p/${name}`)
		await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click()
		await expect(frame.getByText("Count 0, shown 1")).toBeVisible()
		// One that has not said that it is drawn is not kept.
		await page.locator("iframe.drawn:not([inert] *)").waitFor()
	}
	await expect(page.locator("iframe")).toHaveCount(5)
	await go(page, "/p/warm-one")
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()
})

test("what was open before opens without a network, and recovers with it", async ({
	page,
	context,
	plaza,
}) => {
	await plaza.publish(
		"offline-tea",
		counter("offline-tea", {
			"pot.svg":
				'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="9" fill="#0a7d5a"/></svg>',
			"pages/menu/menu.wxml":
				'<view><text>Count {{count}}, shown {{shown}}</text><button bindtap="add">Add</button><image src="/pot.svg" bindload="pot" style="width:24px;height:24px" /><text wx:if="{{pot}}">A pot of {{pot}}</text></view>',
			"pages/menu/menu.js":
				'Page({ data: { count: 0, shown: 0, pot: 0 }, pot({ detail }) { this.setData({ pot: detail.width }) }, onShow() { this.setData({ shown: 1 }) }, async add() { const count = await wx.plaza.call("identity.profile").then(() => "server", (error) => error.code || "failed"); this.setData({ count }) } })',
		}),
	)
	await person(page, plaza)
	const frame = frameOf(page)
	await openProgram(page, `${plaza.url}/p/offline-tea`)
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()
	await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
	await page.waitForFunction(async () =>
		(await caches.keys()).some((name) => name.startsWith("plaza.shell.")),
	)
	// The page tells its worker what it has loaded once it has come to rest.
	await expect
		.poll(() =>
			page.evaluate(async () => {
				const loaded = performance
					.getEntriesByType("resource")
					.map(({ name }) => new URL(name).pathname)
					.filter((path) => path.startsWith("/assets/"))
				const found = await Promise.all(loaded.map((path) => caches.match(path)))
				return found.every(Boolean)
			}),
		)
		.toBe(true)

	// And the host keeps the pictures that were shown.
	await expect(frame.getByText("A pot of 24")).toBeVisible()
	await expect
		.poll(() =>
			page.evaluate(async () =>
				(await caches.open("plaza.pictures")).keys().then((all) => all.length),
			),
		)
		.toBe(1)

	await context.setOffline(true)
	await page.goto(`${plaza.url}/`)
	await expect(page.getByRole("heading", { name: "My programs" })).toBeVisible()
	await page.goto(`${plaza.url}/p/offline-tea`)
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()
	await expect(page.getByRole("status").filter({ hasText: "offline" })).toBeVisible()
	await expect(frame.getByText("A pot of 24")).toBeVisible()
	await frame.getByRole("button", { name: "Add" }).click()
	await expect(frame.getByText("Count failed")).toBeVisible()
	// One that was never open here cannot.
	await page.goto(`${plaza.url}/p/market`)
	await expect(page.getByRole("alert")).toBeVisible()
	await page.goto(`${plaza.url}/p/offline-tea`)
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()

	await context.setOffline(false)
	await expect(page.getByRole("status").filter({ hasText: "offline" })).toHaveCount(0)
	await frame.getByRole("button", { name: "Add" }).click()
	await expect(page.getByRole("dialog")).toBeVisible()
	// Nothing that could act for the person is kept.
	const kept = await page.evaluate(async () => {
		const names = await caches.keys()
		const urls = []
		for (const name of names)
			for (const { url } of await (await caches.open(name)).keys()) urls.push(new URL(url).pathname)
		return urls
	})
	expect(kept.filter((path) => /^\/(api|_|console)(\/|$)/.test(path))).toEqual([])
	expect(
		kept.filter((path) => path.startsWith("/mp/") && !/\/(?:app\.js|pot\.svg)$/.test(path)),
	).toEqual([])
})

test("a tab that is loaded anew is at the same page, with what its page kept", async ({
	page,
	plaza,
}) => {
	await plaza.publish(
		"reload-tea",
		counter("reload-tea", {
			"pages/table/table.wxml":
				'<view><view style="height: 3000px">Table {{seat}} {{kept}}</view><view>The end</view></view>',
			"pages/table/table.js":
				'Page({ data: { seat: 0, kept: "" }, onLoad({ seat }) { this.setData({ seat, kept: this.exitState ? this.exitState.note : "" }) }, onSaveExitState() { return { data: { note: "with milk" }, expireTimeStamp: Date.now() + 60000 } } })',
		}),
	)
	await person(page, plaza)
	const frame = frameOf(page)
	await openProgram(page, `${plaza.url}/p/reload-tea`)
	await frame.getByRole("button", { name: "Sit down" }).click()
	await expect(frame.getByText("Table 7")).toBeVisible()
	// Leaving asks the page what it would find again.
	await page.getByRole("button", { name: /^Close/ }).click()
	await expect(page.getByRole("heading", { name: "My programs" })).toBeVisible()
	await go(page, "/p/reload-tea")
	await expect(frame.getByText("Table 7")).toBeVisible()
	await frame.locator("body").evaluate(() => window.scrollTo(0, 1200))
	await expect
		.poll(() => page.evaluate(() => sessionStorage.getItem("plaza.stack")))
		.toContain('"scroll":1200')
	await page.reload()
	await expect(frame.getByText("Table 7 with milk")).toBeAttached()
	await expect.poll(() => frame.locator("body").evaluate(() => window.scrollY)).toBe(1200)
	await page.getByRole("button", { name: "Back", exact: true }).click()
	await expect(frame.getByText("Count 0")).toBeVisible()
	await page.goBack()
	await expect(page).toHaveURL(/sign-in|\/$/)

	// A link is another visit: it starts afresh, in the page that it names.
	await page.goto(`${plaza.url}/p/reload-tea`)
	await expect(frame.getByText("Count 0")).toBeVisible()
})

test("a program that never rests leaves the host its buttons", async ({ page, plaza }) => {
	const busy = (appid: string, script: string) =>
		plaza.publish(
			appid,
			counter(appid, {
				"pages/menu/menu.js": `Page({ data: { count: 0, shown: 0 }, add() { setTimeout(() => { ${script} }, 100) } })`,
			}),
		)
	await busy("busy-loop", "for (;;) {}")
	await busy("flood-port", 'for (let i = 0; i < 1000000; i++) wx.showToast({ title: "!" })')
	await busy("flood-window", 'for (let i = 0; i < 1000000; i++) parent.postMessage("!", "*")')
	await person(page, plaza)
	const frame = frameOf(page)

	await openProgram(page, `${plaza.url}/p/busy-loop`)
	await frame.getByRole("button", { name: "Add" }).click()
	const began = Date.now()
	await page.getByRole("button", { name: "More about Moon Tea" }).click()
	await page.getByRole("button", { name: "Stop" }).click()
	await expect(page).toHaveURL(/sign-in|\/$/)
	expect(Date.now() - began).toBeLessThan(4_000)
	await expect(page.locator("iframe")).toHaveCount(0)

	for (const appid of ["flood-port", "flood-window"]) {
		await openProgram(page, `${plaza.url}/p/${appid}`)
		await frame.getByRole("button", { name: "Add" }).click()
		await expect(page.getByRole("heading", { name: "Moon Tea was stopped" })).toBeVisible()
		await expect(page.locator("iframe")).toHaveCount(0)
		await page.getByText("Report for the makers").click()
		await expect(page.getByLabel("Report for the makers")).toHaveValue(/ended: flooded/)
		await page.getByRole("button", { name: "Try again" }).click()
		await expect(frame.getByRole("button", { name: "Add" })).toBeVisible()
	}
})

test("a hidden program that takes the keyboard is ended", async ({ page, plaza }) => {
	await plaza.publish(
		"hidden-tea",
		counter("hidden-tea", {
			"pages/menu/menu.js":
				'Page({ data: { count: 0, shown: 0 }, add() { const field = document.createElement("inp" + "ut"); document.body.append(field); setTimeout(() => setInterval(() => { field.focus(); window.focus() }, 20), 1500) } })',
		}),
	)
	await person(page, plaza)
	const frame = frameOf(page)
	await openProgram(page, `${plaza.url}/p/hidden-tea`)
	await frame.getByRole("button", { name: "Add" }).click()
	await page.getByRole("button", { name: /^Close/ }).click()
	await expect(page).toHaveURL(/sign-in|\/$/)
	await go(page, "/store/search")
	const search = page.getByRole("searchbox").first()
	await search.click()
	await search.pressSequentially("market", { delay: 80 })
	await expect(search).toHaveValue(/arket$/)
	// It took the keyboard, so it is over.
	await expect(page.locator("iframe")).toHaveCount(0)
	await go(page, "/p/hidden-tea")
	await expect(frame.getByText("Count 0, shown 0")).toBeVisible()
})

test("who tries a version looks into it: console, calls, storage, elements", async ({
	page,
	plaza,
}) => {
	const appid = "looked-into"
	const { number } = await plaza.upload(
		appid,
		counter(appid, {
			"app.js": "App({ globalData: { table: 7 } })",
			"pages/menu/menu.js":
				'Page({ data: { count: 0, shown: 3 }, onLoad() { console.log("Hello", { tea: { kind: "oolong" } }, "<img src=x>"); console.warn("Careful"); wx.setStorageSync("cup", { size: "large" }) }, add() { this.setData({ count: this.data.count + 1 }); wx.plaza.call("identity.profile").catch(() => {}); wx.plaza.call("no.such").catch(() => {}); throw new Error("The pot is empty") } })',
		}),
	)
	await signIn(page, `${plaza.url}/sign-in`, "creator")
	const frame = await openProgram(page, `${plaza.url}/p/${appid}?version=${number}`)
	await expect(frame.getByText("Count 0, shown 3")).toBeVisible()
	await page.getByRole("button", { name: "More about Moon Tea" }).click()
	await page.getByRole("button", { name: "Developer" }).click()
	const panel = page.getByRole("region", { name: "Developer panel" })
	await expect(panel.getByText("Hello")).toBeVisible()
	await expect(panel.getByText("<img src=x>")).toBeVisible()
	await expect(panel.locator("img")).toHaveCount(0)
	await panel.locator("summary").filter({ hasText: "{ tea: Object }" }).click()
	await panel.locator("summary").filter({ hasText: "tea: Object" }).last().click()
	await expect(panel.getByText('kind: "oolong"', { exact: true })).toBeVisible()
	await frame.getByRole("button", { name: "Add" }).click()
	await page.getByRole("dialog").getByRole("heading").waitFor()
	await page.keyboard.press("Escape") // it asks for a name
	await expect(panel.getByText("The pot is empty")).toBeVisible()
	await panel.getByLabel("Level").selectOption("warn")
	await expect(panel.getByText("Careful")).toBeVisible()
	await expect(panel.getByText("Hello")).toHaveCount(0)

	await panel.getByRole("tab", { name: "Network" }).click()
	await expect(panel.getByText("identity.profile")).toBeVisible()
	const unknown = panel.locator("summary").filter({ hasText: "no.such" })
	await expect(unknown).toContainText("404")

	await panel.getByRole("tab", { name: "Storage" }).click()
	await expect(panel.getByText('{"size":"large"}')).toBeVisible()
	await panel.getByRole("button", { name: "Edit cup" }).click()
	await panel.getByLabel("Value as JSON").fill('{"size":')
	await panel.getByRole("button", { name: "Save" }).click()
	await expect(panel.getByRole("alert")).toHaveText("This is not JSON.")
	await panel.getByLabel("Value as JSON").fill('{"size":"small"}')
	await panel.getByRole("button", { name: "Save" }).click()
	await expect(panel.getByText('{"size":"small"}')).toBeVisible()
	await panel.getByRole("button", { name: "Delete cup" }).click()
	await expect(panel.getByText("The program keeps nothing on this device.")).toBeVisible()

	await panel.getByRole("tab", { name: "WXML" }).click()
	await expect(panel.getByText("table: 7", { exact: true })).toBeVisible()
	await expect(panel.getByText("count: 1", { exact: true })).toBeVisible()
	await expect(panel.getByText("“Sit down”")).toBeVisible()

	await panel.getByRole("tab", { name: "System" }).click()
	await expect(panel.getByText(/setData/)).toBeVisible()
	await expect(panel.getByText("windowWidth: 390", { exact: true })).toBeAttached()
	await panel.getByRole("button", { name: "Close the panel" }).click()
	await expect(panel).toHaveCount(0)
})

test("nobody looks into what is released", async ({ page, plaza }) => {
	await plaza.publish("sealed-tea", counter("sealed-tea"))
	await person(page, plaza)
	await openProgram(page, `${plaza.url}/p/sealed-tea`)
	await page.getByRole("button", { name: "More about Moon Tea" }).click()
	await expect(page.getByRole("button", { name: "Stop" })).toBeVisible()
	await expect(page.getByRole("button", { name: "Developer" })).toHaveCount(0)
})

test("a program that shows nothing is given up after 8 seconds, and may try again", async ({
	page,
	plaza,
}) => {
	await plaza.publish(
		"slow-tea",
		counter("slow-tea", {
			"app.js":
				'App({ onLaunch() { if (wx.getStorageSync("late") === "") { wx.setStorageSync("late", true); const until = Date.now() + 60000; while (Date.now() < until); } } })',
		}),
	)
	await person(page, plaza)
	await page.goto(`${plaza.url}/p/slow-tea`)
	await page.getByRole("dialog").getByRole("button", { name: "Open", exact: true }).click()
	// The bar is there before the page, and the way out with it.
	await expect(page.getByRole("button", { name: /^Close/ })).toBeVisible()
	await expect(page.getByRole("heading", { name: "Moon Tea is taking too long" })).toBeVisible()
	await expect(page.locator("iframe")).toHaveCount(0)
	await page.getByText("Report for the makers").click()
	await expect(page.getByLabel("Report for the makers")).toHaveValue(
		/version: 1.0[\s\S]*ended: timeout/,
	)
	await page.getByRole("button", { name: "Try again" }).click()
	await expect(frameOf(page).getByText("Count 0, shown 1")).toBeVisible()
})

test("a hidden program ends when its makers release another version, or the language changes", async ({
	page,
	plaza,
}) => {
	await plaza.publish("newer-tea", counter("newer-tea"))
	await person(page, plaza)
	const frame = frameOf(page)
	await openProgram(page, `${plaza.url}/p/newer-tea`)
	await frame.getByRole("button", { name: "Add" }).click()
	await expect(frame.getByText("Count 1")).toBeVisible()
	await page.getByRole("button", { name: /^Close/ }).click()
	await expect(page.locator("iframe")).toBeHidden()
	const newer = counter("newer-tea", { "pages/table/table.wxml": "<view>New table</view>" })
	const manifest = JSON.parse(newer["manifest.json"] ?? "{}")
	manifest.version = { code: 2, name: "2.0" }
	await plaza.publish("newer-tea", { ...newer, "manifest.json": JSON.stringify(manifest) })
	await expect(page.locator("iframe")).toHaveCount(0)
	await go(page, "/p/newer-tea")
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()

	await page.getByRole("button", { name: /^Close/ }).click()
	await expect(page.locator("iframe")).toHaveCount(1)
	await go(page, "/me")
	await page.getByLabel("Language").selectOption("fr")
	await expect(page.locator("iframe")).toHaveCount(0)
	await page.getByLabel("Langue").selectOption("en")
	await expect(page.getByLabel("Language")).toBeVisible()
})
