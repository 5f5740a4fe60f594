import type { Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}
test.use(phone)

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
const close = (page: Page) => page.getByRole("button", { name: /^Close Moon Tea/ }).click()

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
	}
	await expect(page.locator("iframe")).toHaveCount(5)
	await go(page, "/p/warm-one")
	await expect(frame.getByText("Count 0, shown 1")).toBeVisible()
})
