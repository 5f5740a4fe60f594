import type { FrameLocator, Page } from "@playwright/test"
import { textsIn, unpacked } from "./packages"
import { expect, openProgram, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

const tdesign = {
	name: "tdesign-miniprogram",
	version: "1.16.0",
	integrity:
		"sha512-HbK0PWVqXoiynkXOGrda+B8ChPwCcx1IazExlBJzxDhNjkQ8qE4/v0k5wn07gLxW042mSsVdwoX/aUTB0yH4jw==",
}

const uses = (...names: string[]) =>
	Object.fromEntries(names.map((name) => [`t-${name}`, `tdesign-miniprogram/${name}/${name}`]))

const project: Record<string, string> = {
	"app.json": JSON.stringify({
		pages: ["pages/club/club"],
		darkmode: true,
		window: { navigationBarTitleText: "Club" },
	}),
	"app.wxss":
		"page { background: var(--td-bg-color-page); color: var(--td-text-color-primary) } .pad { padding: 16px }",
	"app.js": "App({})",
	"manifest.json": JSON.stringify({
		app_id: "debaters",
		name: "Club",
		version: { code: 1, name: "1" },
		icons: [],
		x_plaza: { category: "social" },
	}),
	"pages/club/club.json": JSON.stringify({
		usingComponents: uses(
			"tabs",
			"tab-panel",
			"cell",
			"cell-group",
			"form",
			"form-item",
			"input",
			"stepper",
			"switch",
			"button",
			"popup",
			"calendar",
			"upload",
			"toast",
			"tag",
		),
	}),
	"pages/club/club.wxml": `
<t-tabs value="{{tab}}" bind:change="turned" t-class="tabs">
	<t-tab-panel label="Join" value="join" />
	<t-tab-panel label="Members" value="members" />
	<t-tab-panel label="Evening" value="evening" />
</t-tabs>
<view wx:if="{{tab == 'join'}}">
	<t-form id="form" data="{{form}}" rules="{{rules}}" bind:submit="join">
		<t-form-item label="Name" name="name"><t-input value="{{form.name}}" bind:change="named" borderless placeholder="Your name" /></t-form-item>
		<t-form-item label="Guests" name="guests"><t-stepper value="{{form.guests}}" bind:change="counted" theme="filled" /></t-form-item>
		<t-form-item label="News" name="news"><t-switch default-value="{{true}}" /></t-form-item>
		<view class="pad"><t-button theme="primary" block bind:tap="send">Join</t-button></view>
	</t-form>
	<view class="pad" id="said">{{said}}</view>
</view>
<t-cell-group wx:elif="{{tab == 'members'}}" title="Since spring" theme="card">
	<t-cell wx:for="{{members}}" wx:key="name" title="{{item.name}}" note="{{item.since}}" arrow hover data-name="{{item.name}}" bind:click="ask">
		<t-tag slot="description" wx:if="{{item.chair}}" variant="light" theme="primary">Chair</t-tag>
	</t-cell>
</t-cell-group>
<view wx:else>
	<t-cell title="Which evening?" note="{{day}}" arrow bind:click="choose" />
	<view class="pad"><t-upload files="{{files}}" max="{{2}}" bind:add="added" bind:remove="removed" media-type="{{['image']}}" /></view>
</view>
<t-popup visible="{{asked != ''}}" placement="bottom" bind:visible-change="left">
	<view class="pad">Write to {{asked}}?<t-button block theme="light" bind:tap="left">Not now</t-button></view>
</t-popup>
<t-calendar visible="{{choosing}}" title="Choose an evening" minDate="{{first}}" maxDate="{{last}}" value="{{first}}" bind:confirm="chosen" bind:close="chosen" />
<t-toast id="t-toast" />`,
	"pages/club/club.js": `
import Toast from 'tdesign-miniprogram/toast/index'
const first = new Date(2026, 4, 4).getTime()
Page({
	data: {
		tab: 'join', form: { name: '', guests: 1 }, said: '', asked: '', choosing: false, day: '', files: [],
		first, last: new Date(2026, 5, 20).getTime(),
		rules: { name: [{ required: true, message: 'Say your name' }] },
		members: [{ name: 'Ada', since: '2024', chair: true }, { name: 'Bo', since: '2025' }, { name: 'Cleo', since: '2026' }],
	},
	turned(e) { this.setData({ tab: e.detail.value }) },
	named(e) { this.setData({ 'form.name': e.detail.value }) },
	counted(e) { this.setData({ 'form.guests': e.detail.value }) },
	send() { this.selectComponent('#form').submit() },
	join(e) {
		if (e.detail.validateResult !== true) return
		this.setData({ said: 'Welcome ' + this.data.form.name + ' and ' + this.data.form.guests })
		Toast({ context: this, selector: '#t-toast', message: 'Joined', theme: 'success' })
	},
	ask(e) { this.setData({ asked: e.currentTarget.dataset.name }) },
	left() { this.setData({ asked: '' }) },
	choose() { this.setData({ choosing: true }) },
	chosen(e) {
		const day = e.detail.value ? new Date(e.detail.value) : null
		this.setData({ choosing: false, ...(day ? { day: day.getDate() + '.' + (day.getMonth() + 1) + '.' } : {}) })
	},
	added(e) { this.setData({ files: this.data.files.concat(e.detail.files) }) },
	removed(e) { this.setData({ files: this.data.files.filter((_, at) => at !== e.detail.index) }) },
})`,
}

const dot = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR42mNk+M+ABzDhkxwF0gAqYQEBxVYx9QAAAABJRU5ErkJggg==",
	"base64",
)

async function picture(page: Page, name: string): Promise<void> {
	await test.info().attach(name, { body: await page.screenshot(), contentType: "image/png" })
}

async function joins(page: Page, frame: FrameLocator): Promise<void> {
	await frame.getByRole("button", { name: "Join" }).tap()
	await expect(frame.getByText("Say your name")).toBeVisible()
	await picture(page, "form-refused")
	await frame.getByPlaceholder("Your name").fill("Dora")
	await frame.getByRole("button", { name: "增加1" }).tap()
	await frame.getByRole("button", { name: "Join" }).tap()
	await expect(frame.locator("#said")).toHaveText("Welcome Dora and 2")
	await expect(frame.getByText("Joined")).toBeVisible()
}

test("a program of TDesign's components, as npm has them, is tapped through", async ({
	browser,
	plaza,
}) => {
	const folder = await unpacked(tdesign)
	const library = await textsIn(`${folder}/miniprogram_dist`, /\.(?:js|json|wxml|wxss|wxs)$/)
	const placed = Object.fromEntries(
		Object.entries(library).map(([path, text]) => [
			`miniprogram_npm/tdesign-miniprogram/${path}`,
			text,
		]),
	)
	await plaza.publish("debaters", { ...placed, ...project })
	const page = await (await browser.newContext({ ...phone, timezoneId: "Europe/Paris" })).newPage()
	const errors: string[] = []
	page.on("pageerror", (error) => errors.push(String(error)))
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/debaters`)
	await joins(page, frame)

	await frame.getByText("Members").first().tap()
	await expect(frame.getByText("Chair")).toBeVisible()
	await picture(page, "list")
	await frame.getByText("Cleo").tap()
	await expect(frame.getByText("Write to Cleo?")).toBeVisible()
	await picture(page, "popup")
	await frame.getByText("Not now").tap()
	await expect(frame.getByText("Write to Cleo?")).toBeHidden()

	await frame.getByText("Evening", { exact: true }).first().tap()
	await frame.getByText("Which evening?").tap()
	await expect(frame.getByText("Choose an evening")).toBeVisible()
	await picture(page, "calendar")
	await frame.getByText("14", { exact: true }).first().tap()
	await frame.getByRole("button", { name: "确认" }).tap()
	await expect(frame.getByText("14.5.")).toBeVisible()

	const asked = page.waitForEvent("filechooser")
	await frame.getByRole("button", { name: "上传" }).tap()
	await (await asked).setFiles({ name: "dot.png", mimeType: "image/png", buffer: dot })
	await expect(frame.locator("wx-image img").first()).toHaveJSProperty("naturalWidth", 10)
	await page.emulateMedia({ colorScheme: "dark" })
	await picture(page, "upload-dark")
	expect(errors).toEqual([])
})
