import type { FrameLocator, Page } from "@playwright/test"
import { expect, openProgram, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

const icon =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'

const project: Record<string, string> = {
	"app.json": JSON.stringify({
		pages: ["pages/form/form", "pages/motion/motion"],
		tabBar: {
			list: [
				{ pagePath: "pages/form/form", text: "Form", iconPath: "img/a.svg" },
				{ pagePath: "pages/motion/motion", text: "Motion", iconPath: "img/a.svg" },
			],
		},
	}),
	"img/a.svg": icon,
	"app.js": "App({})",
	"manifest.json": JSON.stringify({
		app_id: "parts",
		name: "Parts",
		version: { code: 1, name: "1" },
		platform_version: { min_code: 1 },
		icons: [],
		pages: ["pages/form/form", "pages/motion/motion"],
	}),
	"pages/form/form.json": JSON.stringify({ navigationBarTitleText: "Form" }),
	"pages/form/form.wxml": `
<form bindsubmit="submit" bindreset="reset">
	<input name="name" placeholder="Your name" placeholder-style="color:#b00" value="Ann" />
	<textarea name="note" auto-height aria-label="Note" bindlinechange="lines" />
	<checkbox-group name="drinks"><checkbox value="tea" checked>Tea</checkbox><checkbox value="milk">Milk</checkbox></checkbox-group>
	<radio-group name="size"><radio value="s">Small</radio><radio value="l">Large</radio></radio-group>
	<switch name="sure" aria-label="Sure" />
	<slider name="much" value="20" aria-label="How much" />
	<picker name="city" range="{{['Paris','Lyon','Nice']}}" value="{{0}}" bindchange="pick"><view>City {{city}}</view></picker>
	<picker mode="date" value="2024-01-31" bindchange="day"><view>Day {{day}}</view></picker>
	<button form-type="submit">Send</button>
	<button form-type="reset">Again</button>
</form>
<text class="said">{{said}}</text>
<rich-text nodes="{{html}}" />`,
	"pages/form/form.js": `
Page({
	data: { said: "", city: "-", day: "-", html: '<b>Bold</b><script>self.bad = 1</script><img src="/img/a.svg" onerror="self.bad = 1">' },
	submit(e) { this.setData({ said: JSON.stringify(e.detail.value) }) },
	reset() { this.setData({ said: "reset" }) },
	pick(e) { this.setData({ city: "is " + e.detail.value }) },
	day(e) { this.setData({ day: "is " + e.detail.value }) },
	lines() {},
	onTabItemTap(e) { this.setData({ said: "tab " + e.index }) },
})`,
	"pages/motion/motion.json": JSON.stringify({
		navigationBarTitleText: "Motion",
		enablePullDownRefresh: true,
	}),
	"pages/motion/motion.wxml": `
<wxs module="touch">
module.exports = {
	press: function (event, owner) { owner.selectComponent(".box").setStyle({ width: "60px" }); owner.callMethod("heard", { text: "wxs" }) }
}
</wxs>
<view class="head">{{said}}</view>
<swiper id="swiper" circular duration="100" bindchange="turned" bindanimationfinish="stood" style="height:100px">
	<swiper-item wx:for="{{[0,1,2]}}" wx:key="*this" item-id="i{{item}}"><view>Slide {{item}}</view></swiper-item>
</swiper>
<movable-area style="width:200px;height:60px"><movable-view id="mover" direction="horizontal" animation="{{false}}" bindchange="moved" style="width:60px;height:60px;background:#ccc">Drag</movable-view></movable-area>
<scroll-view id="scroll" scroll-y style="height:100px" bindscrolltolower="low" scroll-into-view="{{into}}"><view style="height:400px">Long</view><view id="last" style="height:40px">Last</view></scroll-view>
<button bindtap="jump">Jump</button>
<view class="box" style="width:30px;height:30px" bindtap="{{touch.press}}">Box</view>
<button bindtap="badge">Badge</button>
<button bindtap="measure">Measure</button>`,
	"pages/motion/motion.js": `
Page({
	data: { said: "", into: "" },
	say(text) { this.setData({ said: text }) },
	turned(e) { this.say("slide " + e.detail.current + " " + e.detail.source) },
	moved(e) { if (e.detail.source === "touch") this.say("moved " + Math.round(e.detail.x)) },
	low() { this.say("at the end") },
	jump() { this.setData({ into: "last" }) },
	heard(e) { this.say("from " + e.text) },
	badge() { wx.setTabBarBadge({ index: 0, text: "7" }) },
	measure() { wx.createSelectorQuery().select("#scroll").fields({ size: true, scrollOffset: true }, (r) => this.say("height " + r.height)).exec() },
	onPullDownRefresh() { this.say("refreshing"); setTimeout(() => wx.stopPullDownRefresh({ success: () => this.say("fresh") }), 100) },
})`,
}

async function swipe(page: Page, from: [number, number], to: [number, number]): Promise<void> {
	const devtools = await page.context().newCDPSession(page)
	const at = ([x, y]: [number, number]) => [{ x, y }]
	await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) })
	for (let step = 1; step <= 8; step++) {
		const point: [number, number] = [
			from[0] + ((to[0] - from[0]) * step) / 8,
			from[1] + ((to[1] - from[1]) * step) / 8,
		]
		await devtools.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(point) })
	}
	await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
	await devtools.detach()
}

async function middle(frame: FrameLocator, selector: string): Promise<[number, number]> {
	const box = await frame.locator(selector).boundingBox()
	if (!box) throw new Error(`${selector} is not drawn`)
	return [box.x + box.width / 2, box.y + box.height / 2]
}

test.beforeAll(({ plaza }) => plaza.publish("parts", project))

test("a form is filled, sent and put back; pickers turn by keys", async ({ browser, plaza }) => {
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/parts`)
	const said = frame.locator(".said")

	await frame.getByPlaceholder("Your name").fill("Zoé")
	await frame.getByRole("textbox", { name: "Note" }).fill("one\ntwo\nthree")
	await frame.getByText("Milk").tap()
	await frame.getByText("Large").tap()
	await frame.getByRole("switch", { name: "Sure" }).tap()
	await frame.getByRole("slider", { name: "How much" }).press("ArrowRight")

	await frame.getByText("City -").tap()
	const wheel = frame.getByRole("listbox")
	await wheel.press("ArrowDown")
	await wheel.press("ArrowDown")
	await frame.getByRole("button", { name: "Done" }).tap()
	await expect(frame.getByText("City is 2")).toBeVisible()

	await frame.getByText("Day -").tap()
	await frame.getByRole("listbox").nth(1).press("ArrowDown")
	await frame.getByRole("button", { name: "Done" }).tap()
	await expect(frame.getByText("Day is 2024-02-29")).toBeVisible()

	await frame.getByText("Send").tap()
	await expect(said).toContainText("name")
	expect(JSON.parse((await said.textContent()) ?? "")).toEqual({
		name: "Zoé",
		note: "one\ntwo\nthree",
		drinks: ["tea", "milk"],
		size: "l",
		sure: true,
		much: 21,
		city: 2,
	})
	await frame.getByText("Again").tap()
	await expect(said).toHaveText("reset")
	await expect(frame.getByPlaceholder("Your name")).toHaveValue("Ann")
	await expect(frame.locator("wx-rich-text b")).toHaveText("Bold")
	await expect(frame.locator("wx-rich-text script")).toHaveCount(0)
})

test("what is swiped, dragged and pulled moves, and tabs are the host's", async ({
	browser,
	plaza,
}) => {
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/parts`)
	const tabs = page.getByRole("navigation", { name: "Sections" })
	await tabs.getByRole("button", { name: "Motion" }).tap()
	const said = frame.locator("wx-page:not([hidden]) .head")
	await expect(frame.getByText("Slide 0")).toBeVisible()

	const [x, y] = await middle(frame, "#swiper")
	await swipe(page, [x + 100, y], [x - 100, y])
	await expect(said).toHaveText("slide 1 touch")
	await swipe(page, [x - 100, y], [x + 100, y])
	await expect(said).toHaveText("slide 0 touch")
	await frame.locator("#swiper").press("ArrowLeft")
	await expect(said).toHaveText("slide 2 touch")

	const [mx, my] = await middle(frame, "#mover")
	await swipe(page, [mx, my], [mx + 300, my])
	await expect(said).toHaveText("moved 140")

	await frame.getByText("Jump").tap()
	await expect(said).toHaveText("at the end")
	await frame.getByText("Box").tap()
	await expect(said).toHaveText("from wxs")
	await expect(frame.locator(".box")).toHaveCSS("width", "60px")
	await frame.getByText("Measure").tap()
	await expect(said).toHaveText("height 100")

	await frame.getByText("Badge").tap()
	await expect(tabs.getByRole("button", { name: "Form" })).toContainText("7")
	const [hx, hy] = await middle(frame, ".head")
	await swipe(page, [hx, hy], [hx, hy + 250])
	await expect(said).toHaveText("fresh")

	await tabs.getByRole("button", { name: "Form" }).tap()
	await expect(frame.locator(".said")).toHaveText("tab 0")
	await tabs.getByRole("button", { name: "Motion" }).tap()
	await expect(said).toHaveText("fresh")
})
