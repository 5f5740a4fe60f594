import { expect, openProgram, signIn, test } from "./plaza"

/** What a program would do with a device, a button for each. */
const fieldbook = {
	"fieldbook/manifest.json": JSON.stringify({
		app_id: "fieldbook",
		name: "Field book",
		short_name: "Field book",
		description: "Where it was, how it looked.",
		version: { code: 1, name: "1.0.0" },
		x_plaza: {
			category: "tools",
			color: "#205080",
			icon: "map",
			scopes: ["location", "album", "microphone"],
		},
	}),
	"fieldbook/app.json": JSON.stringify({ pages: ["pages/index/index"] }),
	"fieldbook/app.js": "App({})",
	"fieldbook/pages/index/index.wxml": `<view wx:for="{{names}}" wx:key="*this"><button data-name="{{item}}" bindtap="run">{{item}}</button></view>
		<image id="picture" wx:if="{{picture}}" src="{{picture}}"/><text id="said">{{said}}</text>`,
	"fieldbook/pages/index/index.js": `const acts = {
			where: () => wx.getLocation({ type: "wgs84" }).then((r) => r.latitude + "," + r.longitude),
			about: () => wx.getFuzzyLocation({}).then((r) => r.latitude + "," + r.longitude),
			choose: (page) => wx.chooseMedia({ count: 1, mediaType: ["image"] }).then(({ tempFiles: [f] }) => {
				page.setData({ picture: f.tempFilePath })
				return f.fileType + " " + f.size
			}),
			save: (page) => wx.saveImageToPhotosAlbum({ filePath: page.data.picture }).then((r) => r.errMsg),
			call: () => wx.makePhoneCall({ phoneNumber: "+33 1 23" }).then((r) => r.errMsg),
			place: () => wx.chooseLocation({}).then((r) => r.name),
			record: () => new Promise((done) => {
				const recorder = wx.getRecorderManager()
				recorder.onStop((r) => done("recorded " + (r.fileSize > 0)))
				recorder.onError((e) => done(e.errMsg))
				recorder.start({ duration: 1200 })
			}),
		}
		Page({
			data: { said: "", picture: "", names: Object.keys(acts) },
			async run(e) {
				this.setData({ said: "" })
				try { this.setData({ said: await acts[e.currentTarget.dataset.name](this) }) }
				catch (error) { this.setData({ said: error.errMsg }) }
			},
		})`,
}

/** One pixel. */
const picture = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
	"base64",
)

test("a program has of the device what the person lets it have", async ({ browser, plaza }) => {
	await plaza.publish("fieldbook", fieldbook)
	const context = await browser.newContext({
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
		locale: "en-GB",
		permissions: ["geolocation"],
		geolocation: { latitude: 48.8566, longitude: 2.3522 },
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/fieldbook`)
	const said = frame.locator("#said")
	const press = (name: string) => frame.getByText(name, { exact: true }).tap()

	await press("where")
	await page.getByRole("dialog").getByRole("button", { name: "Not now" }).tap()
	await expect(said).toContainText("getLocation:fail")
	await press("where")
	await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).tap()
	await expect(said).toHaveText("48.8566,2.3522")
	await press("about")
	await expect(said).toHaveText("48.86,2.35")

	const chooser = page.waitForEvent("filechooser")
	await press("choose")
	await (await chooser).setFiles({ name: "tree.png", mimeType: "image/png", buffer: picture })
	await expect(said).toHaveText(`image ${picture.length}`)
	await expect(frame.locator("#picture img")).toHaveJSProperty("naturalWidth", 1)
	const download = page.waitForEvent("download")
	await press("save")
	await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).tap()
	expect((await download).suggestedFilename()).toMatch(/\.png$/)
	await expect(said).toHaveText("saveImageToPhotosAlbum:ok")

	await press("call")
	const call = page.getByRole("dialog", { name: "Call this number?" })
	await expect(call).toContainText("+33123")
	await call.getByRole("button", { name: "Cancel" }).tap()
	await expect(said).toHaveText("makePhoneCall:fail cancel")

	await press("place")
	const places = page.getByRole("dialog", { name: "Choose a place" })
	await places.getByRole("searchbox").fill("Halle")
	await places
		.getByRole("button", { name: /Halle Market/ })
		.first()
		.tap()
	await expect(said).toContainText("Halle Market")

	// Without a microphone, or without the device's yes, a recorder says so.
	await press("record")
	await page.getByRole("dialog").getByRole("button", { name: "Allow", exact: true }).tap()
	await expect(said).toHaveText(/recorded true|fail/)
})
