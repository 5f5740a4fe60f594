import { readFile } from "node:fs/promises"
import type { Page } from "@playwright/test"
import { expect, type Plaza, signIn, test } from "./plaza"

const wide = { viewport: { width: 1280, height: 800 }, locale: "en-GB", acceptDownloads: true }
const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

/** A program with a desk, where staff take in a list, give one out and sign receipts. */
const counter: Record<string, string> = {
	"manifest.json": JSON.stringify({
		app_id: "counter",
		name: "Counter",
		x_plaza: {
			category: "services",
			functions: ["counter"],
			desk: "pages/desk/desk",
		},
	}),
	"app.json": JSON.stringify({ pages: ["pages/index/index", "pages/desk/desk"] }),
	"app.js": "App({})",
	"pages/index/index.wxml": "<text>Welcome at the counter</text>",
	"pages/index/index.js": "Page({})",
	"pages/desk/desk.wxml": `<view class="row"><text>You are: {{role}} ({{scene}})</text></view>
		<button bindtap="choose">Take in a list</button>
		<button bindtap="save">Give the list out</button>
		<button bindtap="sign">Sign a receipt</button>
		<button bindtap="show">Show the paper</button>
		<navigator url="/pages/index/index">The people's page</navigator>
		<text>{{said}}</text>`,
	"pages/desk/desk.wxss": ".row { padding: 12px 0 }",
	"pages/desk/desk.js": `
		const call = data => wx.cloud.callFunction({ name: "counter", data }).then(({ result }) => result)
		Page({
			data: { role: "", scene: 0, said: "" },
			onLoad() {
				call({ act: "who" }).then(role => this.setData({ role, scene: wx.getEnterOptionsSync().scene }))
			},
			say(said) { this.setData({ said }) },
			choose() {
				wx.chooseMessageFile({ count: 1, type: "file", extension: ["csv"] })
					.then(({ tempFiles: [file] }) => {
						const text = wx.getFileSystemManager().readFileSync(file.path, "utf8")
						this.say(file.name + ": " + text.trim().split("\\n").length + " lines")
					})
					.catch(({ errMsg }) => this.say(errMsg))
			},
			save() {
				const filePath = wx.env.USER_DATA_PATH + "/notices.csv"
				wx.getFileSystemManager().writeFileSync(filePath, "number,amount\\n1,3500\\n", "utf8")
				wx.saveFileToDisk({ filePath }).then(() => this.say("given out"), ({ errMsg }) => this.say(errMsg))
			},
			sign() {
				call({ act: "sign" }).then(receipt => {
					this.receipt = receipt
					this.say("signed " + receipt.token)
				}).catch(error => this.say(error.errMsg || error.message))
			},
			show() {
				wx.cloud.downloadFile({ fileID: this.receipt.file })
					.then(({ tempFilePath }) => wx.openDocument({ filePath: tempFilePath, fileType: "pdf" }))
					.then(() => this.say("shown"), ({ errMsg }) => this.say(errMsg))
			},
		})`,
	"cloudfunctions/counter/index.js": `
		const cloud = require("wx-server-sdk")
		cloud.init()
		exports.main = async ({ act }) => {
			const { DESK } = cloud.getWXContext()
			if (act === "who") return DESK || "nobody"
			if (DESK === "") throw new Error("not at the desk")
			return cloud.plaza.call("receipts.issue", {
				reference: "counter-1", title: "A stamp – 印章", language: "en", demo: true, amount: 250, currency: "EUR",
				lines: [{ label: "Counter", value: "3" }],
			})
		}`,
	"project.config.json": JSON.stringify({ cloudfunctionRoot: "cloudfunctions/" }),
}

const room = (page: Page) => page.frameLocator("iframe")

let published: Promise<unknown> | undefined
const publish = (plaza: Plaza) => (published ??= plaza.publish("counter", counter))

async function open(page: Page, plaza: Plaza): Promise<void> {
	await publish(plaza)
	await signIn(page, `${plaza.url}/console/`, "creator")
	await page.getByRole("link", { name: "Counter" }).click()
	await expect(room(page).getByText("You are: owner (9000)")).toBeVisible()
}

test("staff take a list in at a desk, and give one out", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(wide)).newPage()
	await open(page, plaza)
	await expect(page).toHaveURL(`${plaza.url}/console/desk/counter`)

	const choosing = page.waitForEvent("filechooser")
	await room(page).getByRole("button", { name: "Take in a list" }).click()
	const chooser = await choosing
	await chooser.setFiles({
		name: "notices.csv",
		mimeType: "text/csv",
		buffer: Buffer.from("a\n1\n2\n"),
	})
	await expect(room(page).getByText("notices.csv: 3 lines")).toBeVisible()

	const wrong = page.waitForEvent("filechooser")
	await room(page).getByRole("button", { name: "Take in a list" }).click()
	await (await wrong).setFiles({ name: "x.exe", mimeType: "", buffer: Buffer.from("MZ") })
	await expect(room(page).getByText(/chooseMessageFile:fail .*\.csv/)).toBeVisible()

	await room(page).getByRole("button", { name: "Give the list out" }).click()
	const saving = page.waitForEvent("download")
	await page.getByRole("dialog").getByRole("button", { name: "Save" }).click()
	const download = await saving
	expect(download.suggestedFilename()).toBe("notices.csv")
	expect(await readFile(await download.path(), "utf8")).toBe("number,amount\n1,3500\n")
	await expect(room(page).getByText("given out")).toBeVisible()

	// The browser's way back is the desk's, as long as there is one.
	await room(page).getByText("The people's page").click()
	await expect(room(page).getByText("Welcome at the counter")).toBeVisible()
	await page.goBack()
	await expect(room(page).getByText("You are: owner (9000)")).toBeVisible()

	// A new load comes back to the desk; somebody who does not work there is told so.
	await page.reload()
	await expect(room(page).getByText("You are: owner (9000)")).toBeVisible()
	const stranger = await (await browser.newContext(wide)).newPage()
	await signIn(stranger, `${plaza.url}/console/`, "merchant")
	await stranger.goto(`${plaza.url}/console/desk/counter`)
	await expect(stranger.getByText("You do not work here")).toBeVisible()
	await expect(stranger.getByRole("link", { name: "Counter" })).toBeHidden()
})

test("who leaves the staff while the desk is open sees no more of it", async ({
	browser,
	plaza,
}) => {
	const id = async (account: string) =>
		(
			await plaza.call<{ record: { id: string } }>(
				account,
				"/api/collections/users/auth-refresh",
				{},
			)
		).record.id
	const orgs = await plaza.call<{ items: { id: string }[] }>(
		"creator",
		"/api/collections/orgs/records?filter=slug%3D%22atelier-lune%22",
	)
	await publish(plaza)
	const job = await plaza.call<{ id: string }>("creator", "/api/collections/staff/records", {
		org: orgs.items[0]?.id,
		user: await id("person"),
		role: "cashier",
	})
	const page = await (await browser.newContext(wide)).newPage()
	await signIn(page, `${plaza.url}/console/`, "person")
	await page.getByRole("link", { name: "Counter" }).click()
	await expect(room(page).getByText("You are: cashier (9000)")).toBeVisible()
	await plaza.call("creator", `/api/collections/staff/records/${job.id}`, undefined, "DELETE")
	await expect(page.getByText("You do not work here")).toBeVisible()
	await expect(page.locator("iframe")).toBeHidden()
})

test("a receipt from a desk is verified offline, and an altered one is refused", async ({
	browser,
	plaza,
}) => {
	const context = await browser.newContext({ ...phone, acceptDownloads: true })
	const page = await context.newPage()
	await publish(plaza)
	await signIn(page, `${plaza.url}/console/`, "creator")
	await page.goto(`${plaza.url}/console/desk/counter`)
	await expect(room(page).getByText("You are: owner (9000)")).toBeVisible()
	await room(page).getByRole("button", { name: "Sign a receipt" }).click()
	const said = room(page).getByText(/^signed /)
	await expect(said).toBeVisible()
	const token = ((await said.textContent()) ?? "").replace("signed ", "")

	await room(page).getByRole("button", { name: "Show the paper" }).click()
	const paper = page.waitForEvent("download")
	await page.getByRole("dialog", { name: "Document" }).getByRole("button", { name: "Save" }).click()
	const file = await (await paper).path()
	expect((await readFile(file)).subarray(0, 5).toString()).toBe("%PDF-")

	// Anybody may look, without an account; the page has been here before, and now there is no network.
	const inspector = await browser.newContext(phone)
	const verify = await inspector.newPage()
	await verify.goto(`${plaza.url}/verify#${token}`)
	await expect(verify.getByRole("heading", { name: "Genuine" })).toBeVisible()
	await expect(verify.getByText("The server confirms it, too.")).toBeVisible()
	await expect(verify.getByText("A stamp – 印章")).toBeVisible()
	await expect(verify.getByText("Demo: this receipt proves no real payment")).toBeVisible()

	// The client's worker has the page and its files; it is told once the page has come to rest.
	await verify.evaluate(async () => {
		await navigator.serviceWorker.ready
		const kept = async () => {
			for (const name of await caches.keys())
				for (const { url } of await (await caches.open(name)).keys())
					if (url.includes("VerifyScreen")) return true
			return false
		}
		while (!(await kept())) await new Promise((done) => setTimeout(done, 50))
	})
	await inspector.setOffline(true)
	await verify.reload()
	await expect(verify.getByRole("heading", { name: "Genuine" })).toBeVisible()
	await verify.evaluate(() => (location.hash = ""))
	await expect(verify.getByText("Scan the code on a receipt")).toBeVisible()
	await verify.evaluate((hash) => (location.hash = hash), token)
	await expect(verify.getByRole("heading", { name: "Genuine" })).toBeVisible()
	await expect(verify.getByText(/^Offline: checked with the keys of/)).toBeVisible()

	const [head, body = "", signature] = token.split(".")
	const dearer = Buffer.from(
		Buffer.from(body, "base64url").toString().replace('"amt":250', '"amt":950'),
	).toString("base64url")
	await verify.evaluate((hash) => (location.hash = hash), `${head}.${dearer}.${signature}`)
	await expect(verify.getByRole("heading", { name: "Not genuine" })).toBeVisible()
	await expect(verify.getByText("A stamp – 印章")).toBeHidden()
})
