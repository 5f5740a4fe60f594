import type { Browser } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"
import { teaHouse } from "./zip"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

/** A person's phone with a program open on it. */
async function phoneOf(browser: Browser, plaza: Plaza, account: string, appid: string) {
	const context = await browser.newContext(phone)
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/sign-in`, account)
	return { context, page, frame: await openProgram(page, `${plaza.url}/p/${appid}`) }
}

test("two people tick off one list on two phones, and see what the other does", async ({
	browser,
	plaza,
}) => {
	const ana = await phoneOf(browser, plaza, "person", "todo")
	const bob = await phoneOf(browser, plaza, "neighbour3", "todo")
	const row = (who: typeof ana, text: string) =>
		who.frame.getByRole("checkbox", { name: text, exact: true })
	const add = async (who: typeof ana, text: string) => {
		await who.frame.getByRole("textbox", { name: "What is to be done?" }).fill(text)
		await who.frame.getByRole("button", { name: "Add", exact: true }).click()
	}

	await add(ana, "Milk")
	await expect(row(ana, "Milk")).toBeVisible()
	await expect(bob.frame.getByText("Nothing on the list yet")).toBeVisible()

	// The code brings the second phone onto the list.
	await ana.frame.getByRole("button", { name: "Share", exact: true }).click()
	const code = await ana.frame.locator(".code").getAttribute("aria-label")
	expect(code).toMatch(/^[A-Z2-9]{8}$/)
	await ana.page.getByRole("button", { name: /back/i }).click()
	await bob.frame.getByRole("button", { name: "Share", exact: true }).click()
	await bob.frame.getByRole("textbox", { name: "Its code" }).fill("NOSUCHXX")
	await bob.frame.getByRole("button", { name: "Join", exact: true }).click()
	await expect(bob.page.getByText("No list has this code")).toBeVisible()
	await bob.frame.getByRole("textbox", { name: "Its code" }).fill(String(code).toLowerCase())
	await bob.frame.getByRole("button", { name: "Join", exact: true }).click()
	await expect(row(bob, "Milk")).toBeVisible()
	await expect(ana.frame.getByText("2 people")).toBeVisible()

	// What one does the other sees, both ways.
	await add(bob, "Bread")
	await expect(row(ana, "Bread")).toBeVisible()
	await row(ana, "Milk").click()
	await expect(row(bob, "Milk")).toHaveAttribute("aria-checked", "true")
	await expect(bob.frame.getByText("1 of 2 done")).toBeVisible()
	await bob.frame.getByRole("button", { name: "Rename: Bread" }).click()
	await bob.frame.getByRole("textbox", { name: "Rename", exact: true }).fill("Rye bread")
	await bob.frame.getByRole("textbox", { name: "Rename", exact: true }).press("Enter")
	await expect(row(ana, "Rye bread")).toBeVisible()
	await ana.frame.getByRole("button", { name: "Delete: Rye bread" }).click()
	await expect(row(bob, "Rye bread")).toHaveCount(0)
	await ana.frame.getByRole("button", { name: "Undo" }).click()
	await expect(row(bob, "Rye bread")).toBeVisible()
	await bob.frame.getByRole("button", { name: "Done", exact: true }).click()
	await expect(row(bob, "Rye bread")).toHaveCount(0)
	await expect(row(bob, "Milk")).toBeVisible()

	// Without a network it says so, and a change that cannot be saved is not shown as if it were.
	await ana.context.setOffline(true)
	await expect(ana.frame.getByText("No connection.")).toBeVisible()
	await row(ana, "Rye bread").click()
	await expect(ana.page.getByText("Not saved: no connection")).toBeVisible()
	await expect(row(ana, "Rye bread")).toHaveAttribute("aria-checked", "false")
	await ana.context.setOffline(false)
	await expect(ana.frame.getByText("No connection.")).toHaveCount(0)
	await add(bob, "Eggs")
	await expect(row(ana, "Eggs")).toBeVisible({ timeout: 20_000 })

	// A third person, who is not on the list, sees nothing of it.
	const eve = await phoneOf(browser, plaza, "neighbour4", "todo")
	await expect(eve.frame.getByText("Nothing on the list yet")).toBeVisible()
	await expect(row(eve, "Milk")).toHaveCount(0)
	for (const { context } of [ana, bob, eve]) await context.close()
})

const script = `
Page({
	data: { shown: "", lines: [] },
	say(line) { this.setData({ lines: [...this.data.lines, line] }) },
	async keep() {
		const fs = wx.getFileSystemManager()
		const dot = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAEklEQVR4nGP4z8DwHwhhAIOBAgBoCgX8C0uZ0QAAAABJRU5ErkJggg=="
		fs.writeFileSync(wx.env.USER_DATA_PATH + "/dot.png", dot, "base64")
		const task = wx.cloud.uploadFile({
			cloudPath: "dots/one.png", filePath: wx.env.USER_DATA_PATH + "/dot.png",
			success: ({ fileID }) => { this.say("kept " + fileID); this.setData({ shown: fileID }) },
			fail: ({ errMsg }) => this.say(errMsg),
		})
		task.onProgressUpdate(({ progress }) => progress === 100 && this.say("sent all"))
	},
	loaded({ detail }) { this.say("picture " + detail.width + "x" + detail.height) },
	broken({ detail }) { this.say("broken " + detail.errMsg) },
	async again() {
		const fileID = this.data.shown
		const { tempFilePath } = await wx.cloud.downloadFile({ fileID })
		this.say("size " + wx.getFileSystemManager().statSync(tempFilePath).size)
		const { fileList } = await wx.cloud.getTempFileURL({ fileList: [fileID, "cloud://other/x.png"] })
		this.say("url " + fileList[0].tempFileURL)
		this.say("other " + fileList[1].status)
		await wx.cloud.deleteFile({ fileList: [fileID] })
		try { await wx.cloud.downloadFile({ fileID }) } catch (error) { this.say("gone " + error.errCode) }
		try { await wx.cloud.uploadFile({ cloudPath: "../x", filePath: tempFilePath }) } catch (error) { this.say("path " + error.errCode) }
	},
})`

const wxml = `
<button bindtap="keep">Keep</button>
<button bindtap="again">Again</button>
<image wx:if="{{shown}}" src="{{shown}}" bindload="loaded" binderror="broken" />
<view wx:for="{{lines}}" wx:key="*this">{{item}}</view>
`

test("a program keeps a picture in the cloud, shows it, and the person takes and erases what is theirs", async ({
	browser,
	plaza,
}) => {
	await plaza.publish(
		"tea-cloud",
		teaHouse("tea-cloud", { "pages/menu/menu.js": script, "pages/menu/menu.wxml": wxml }),
	)
	const { context, page, frame } = await phoneOf(browser, plaza, "person", "tea-cloud")
	await frame.getByRole("button", { name: "Keep" }).click()
	await expect(frame.getByText("kept cloud://tea-cloud/dots/one.png")).toBeVisible()
	await expect(frame.getByText("sent all")).toBeVisible()
	await expect(frame.getByText("picture 2x3")).toBeVisible()

	// Under Me it is seen and taken.
	await page.goto(`${plaza.url}/me`)
	await expect(page.getByRole("heading", { name: "What programs keep about you" })).toBeVisible()
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("button", { name: /take a copy.*tea/i }).click(),
	])
	expect(download.suggestedFilename()).toBe("tea-cloud-data.zip")

	const opened = await openProgram(page, `${plaza.url}/p/tea-cloud`)
	await opened.getByRole("button", { name: "Keep" }).click()
	await expect(opened.getByText("picture 2x3")).toBeVisible()
	await opened.getByRole("button", { name: "Again" }).click()
	await expect(opened.getByText(/size \d+/)).toBeVisible()
	const url = await opened.getByText(/^url http/).textContent()
	await expect(opened.getByText("other -501007")).toBeVisible()
	await expect(opened.getByText("gone -503003")).toBeVisible()
	await expect(opened.getByText("path -501007")).toBeVisible()
	expect((await fetch(String(url).slice(4))).status).toBe(404)

	await opened.getByRole("button", { name: "Keep" }).click()
	await expect(opened.getByText("kept cloud://tea-cloud/dots/one.png")).toHaveCount(2)
	await page.goto(`${plaza.url}/me`)
	await page.getByRole("button", { name: /erase.*tea/i }).click()
	await page
		.getByRole("alertdialog")
		.or(page.getByRole("dialog"))
		.getByRole("button", { name: /^erase/i })
		.click()
	await expect(page.getByText(/erased/i).first()).toBeVisible()
	await expect(page.getByRole("button", { name: /erase.*tea/i })).toHaveCount(0)
	await context.close()
})
