import { createDecipheriv, createHash } from "node:crypto"
import type { Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"

/** A project of WeChat's: what it will ask for is in its app.json, and its own back end logs people in. */
const pass = {
	"pass/manifest.json": JSON.stringify({
		app_id: "pass",
		name: "Day pass",
		version: { code: 1, name: "1.0.0" },
		x_plaza: {
			category: "tools",
			color: "#604080",
			icon: "ticket",
			scopes: ["location", "profile"],
			reasons: { profile: "Your name on the pass" },
		},
	}),
	"pass/app.json": JSON.stringify({
		pages: ["pages/index/index"],
		permission: { "scope.userLocation": { desc: "To open the gate near you" } },
		requiredPrivateInfos: ["getLocation"],
	}),
	"pass/app.js": "App({})",
	"pass/project.config.json": JSON.stringify({ cloudfunctionRoot: "cloudfunctions/" }),
	"pass/cloudfunctions/whoami/index.js": `const cloud = require("wx-server-sdk")
		exports.main = async () => cloud.getWXContext().OPENID`,
	"pass/pages/index/index.wxml": `<view wx:for="{{names}}" wx:key="*this"><button data-name="{{item}}" bindtap="run">{{item}}</button></view>
		<text id="said">{{said}}</text>`,
	"pass/pages/index/index.js": `const show = (value) => typeof value === "string" ? value : JSON.stringify(value)
		const acts = {
			where: () => wx.getLocation({}).then((r) => "at " + r.latitude),
			ask: () => wx.authorize({ scope: "scope.userLocation" }).then((r) => r.errMsg),
			strange: () => wx.authorize({ scope: "scope.record" }).then((r) => r.errMsg),
			settings: () => wx.getSetting({}).then((r) => r.authSetting),
			open: () => wx.openSetting({}).then((r) => r.authSetting),
			privacy: () => wx.openPrivacyContract({}).then((r) => r.errMsg),
			check: () => wx.checkSession({}).then((r) => r.errMsg),
			login: () => wx.login({}).then((r) => r.code),
			whoami: () => wx.cloud.callFunction({ name: "whoami" }).then((r) => r.result),
			profile: () => wx.getUserProfile({ desc: "Greeting you at the gate" }),
		}
		Page({
			data: { said: "", names: Object.keys(acts) },
			async run(e) {
				this.setData({ said: "" })
				try { this.setData({ said: show(await acts[e.currentTarget.dataset.name]()) }) }
				catch (error) { this.setData({ said: error.errMsg }) }
			},
		})`,
}

test.beforeAll(async ({ plaza }) => {
	await plaza.publish("pass", pass)
})

async function open(browser: import("@playwright/test").Browser, plaza: Plaza, account: string) {
	const context = await browser.newContext({
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
		locale: "en-GB",
		permissions: ["geolocation"],
		geolocation: { latitude: 48.8566, longitude: 2.3522 },
	})
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/sign-in`, account)
	return page
}

/** Opens the program and answers how to press one of its buttons, and where it says what came of that. */
async function launch(page: Page, plaza: Plaza) {
	const frame = await openProgram(page, `${plaza.url}/p/pass`)
	const said = frame.locator("#said")
	return {
		said,
		press: (name: string) => frame.getByText(name, { exact: true }).tap(),
	}
}

test("a person says for how long, takes it back, and is asked again", async ({
	browser,
	plaza,
}) => {
	const page = await open(browser, plaza, "person")
	let { press, said } = await launch(page, plaza)
	const sheet = page.getByRole("dialog", { name: "Allow Day pass?" })
	const answer = (name: string) => sheet.getByRole("button", { name, exact: true }).tap()

	// The host's words, the program's own as its own, and "while it is open" unless they choose another.
	await press("where")
	await expect(sheet).toContainText("See where you are")
	await expect(sheet.getByRole("blockquote")).toHaveText("To open the gate near you")
	await expect(sheet.getByRole("radio", { name: "While it is open" })).toBeChecked()
	await answer("Not now")
	await expect(said).toHaveText("getLocation:fail auth deny")

	// Once is for one call: the next asks again.
	await press("where")
	await sheet.getByText("Once", { exact: true }).tap()
	await expect(sheet).toContainText("For this one time.")
	await answer("Allow")
	await expect(said).toHaveText("at 48.8566")
	await press("settings")
	await expect(said).toHaveText("{}")
	await press("where")
	await answer("Allow")
	await expect(said).toHaveText("at 48.8566")
	await press("where")
	await expect(said).toHaveText("at 48.8566")
	await press("ask")
	await expect(said).toHaveText("authorize:ok")
	await press("strange")
	await expect(said).toHaveText("authorize:fail require permission desc")

	// Opened again, it is another launch: what was for the last one is over. This time for always.
	;({ press, said } = await launch(page, plaza))
	await press("settings")
	await expect(said).toHaveText("{}")
	await press("ask")
	await sheet.getByRole("radio", { name: "While it is open" }).press("ArrowRight")
	await expect(sheet.getByRole("radio", { name: "Always" })).toBeChecked()
	await answer("Allow")
	await expect(said).toHaveText("authorize:ok")

	// In Me it is withdrawn, and can be brought back at once.
	await page.goto(`${plaza.url}/me`)
	const line = page.getByRole("listitem").filter({ hasText: "See where you are" }).last()
	await expect(line).toContainText("Always allowed")
	await line.getByRole("button", { name: "Day pass: withdraw “See where you are”" }).tap()
	await expect(line).toBeHidden()
	await page.getByRole("button", { name: "Undo" }).tap()
	await expect(line).toContainText("Always allowed")
	await line.getByRole("button", { name: "Day pass: withdraw “See where you are”" }).tap()
	await expect(line).toBeHidden()

	// The program must ask again; a "never" is stored, and only the person's own switch changes it.
	;({ press, said } = await launch(page, plaza))
	await press("where")
	await answer("Never")
	await expect(said).toHaveText("getLocation:fail auth deny")
	await press("where")
	await expect(said).toHaveText("getLocation:fail auth deny")
	await expect(sheet).toBeHidden()
	await press("open")
	const settings = page.getByRole("dialog", { name: "Permissions" })
	const location = settings.getByRole("checkbox", { name: /See where you are/ })
	await expect(location).not.toBeChecked()
	await location.check()
	await expect(settings).toContainText("Allowed")
	await settings.getByRole("button", { name: "Close" }).tap()
	await expect(said).toHaveText('{"scope.userLocation":true,"scope.userFuzzyLocation":true}')
	await press("where")
	await expect(said).toHaveText("at 48.8566")
	await press("privacy")
	await expect(page.getByRole("dialog", { name: "Privacy" })).toContainText("Your name on the pass")
	await page.getByRole("dialog", { name: "Privacy" }).getByRole("button", { name: "Close" }).tap()
	await expect(said).toHaveText("openPrivacyContract:ok")
	await page.context().close()
})

/** A back end as it was written for WeChat: the host's name is all that it needs to know of Plaza. */
function backEnd(host: string, secret: string) {
	const get = async (path: string, query: Record<string, string>) => {
		const answer = await fetch(`${host}${path}?${new URLSearchParams(query)}`)
		return (await answer.json()) as Record<string, string>
	}
	return {
		login: (code: string) =>
			get("/sns/jscode2session", {
				appid: "pass",
				secret,
				js_code: code,
				grant_type: "authorization_code",
			}),
		/** What WeChat's documentation tells back ends to do with a profile. */
		read(profile: Record<string, string>, key: string) {
			const { rawData = "", signature, encryptedData = "", iv = "" } = profile
			const signed = createHash("sha1")
				.update(rawData + key)
				.digest("hex")
			if (signed !== signature) throw new Error("the page lies")
			const cipher = createDecipheriv(
				"aes-128-cbc",
				Buffer.from(key, "base64"),
				Buffer.from(iv, "base64"),
			)
			const plain = cipher.update(encryptedData, "base64", "utf8") + cipher.final("utf8")
			return JSON.parse(plain) as Record<string, unknown>
		},
	}
}

test("a back end of WeChat's logs people in by another host's name", async ({ browser, plaza }) => {
	const { key } = await plaza.call<{ key: string }>("creator", "/api/mp/pass/keys", {
		name: "Gate",
		kind: "server",
	})
	const server = backEnd(plaza.url, key)
	const page = await open(browser, plaza, "person")
	const { press, said } = await launch(page, plaza)

	await press("check")
	await expect(said).toHaveText("checkSession:fail session time out, need relogin")
	await press("login")
	await expect(said).toHaveText(/^\w{32}$/)
	const code = (await said.textContent()) ?? ""
	const session = await server.login(code)
	expect(session.errcode).toBeUndefined()
	await press("whoami")
	await expect(said).toHaveText(session.openid ?? "")
	expect(await server.login(code)).toMatchObject({ errcode: 40163 })
	await press("check")
	await expect(said).toHaveText("checkSession:ok")

	// The page's profile is believed because the session key signs it.
	await press("profile")
	const sheet = page.getByRole("dialog", { name: "Allow Day pass?" })
	await expect(sheet.getByRole("blockquote")).toHaveText("Greeting you at the gate")
	await sheet.getByText("Once", { exact: true }).tap()
	await sheet.getByRole("button", { name: "Allow", exact: true }).tap()
	await expect(said).toContainText("getUserProfile:ok")
	const profile = JSON.parse((await said.textContent()) ?? "{}")
	expect(server.read(profile, session.session_key ?? "")).toMatchObject({
		openId: session.openid,
		nickName: profile.userInfo.nickName,
		watermark: { appid: "pass" },
	})
	expect(() => server.read({ ...profile, rawData: "{}" }, session.session_key ?? "")).toThrow(
		"lies",
	)
	await page.context().close()
})
