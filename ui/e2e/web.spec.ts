import { createHmac } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Page } from "@playwright/test"
import { expect, keptOnDevice, openProgram, Plaza, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}

const manifest = (appid: string, name: string, more: object) =>
	JSON.stringify({
		app_id: appid,
		name,
		version: { code: 1, name: "1" },
		platform_version: { min_code: 1 },
		icons: [],
		x_plaza: { kind: "web", category: "shopping", ...more },
	})

// A tea stall as a developer for Telegram writes it: nothing in it knows this house.
const stall = (backEnd: string) => ({
	"manifest.json": manifest("tea-stall", "Tea Stall", {
		functions: ["invoice"],
		domains: { request: [backEnd] },
	}),
	"index.html": `<!doctype html>
<html><head><meta charset="utf-8"><title>Tea</title><link rel="stylesheet" href="stall.css">
<script src="https://telegram.org/js/telegram-web-app.js?56"></script></head>
<body><h1>Tea</h1><p id="who"></p><p id="back"></p><p id="cups"></p><p id="end"></p><p id="theme"></p>
<button id="details">Details</button><script src="stall.js"></script></body></html>`,
	"stall.css": `body { margin: 0; padding: 16px; font: 16px/1.5 system-ui, sans-serif; min-height: var(--tg-viewport-stable-height);
		background: var(--tg-theme-bg-color); color: var(--tg-theme-text-color) }
		button { min-height: 44px; color: var(--tg-theme-link-color); background: none; border: 1px solid currentColor; border-radius: 8px }`,
	"stall.js": `
const app = window.Telegram.WebApp
const show = (id, text) => { document.getElementById(id).textContent = text }
app.ready()
app.expand()
show("theme", app.colorScheme + " " + getComputedStyle(document.body).backgroundColor + " " + app.isVersionAtLeast("8.0") + " " + app.isVersionAtLeast("8.1"))
app.onEvent("themeChanged", () => show("theme", app.colorScheme + " " + getComputedStyle(document.body).backgroundColor))
show("who", "unknown")
// Its own server knows the bot's token, and nothing else.
fetch("http://${backEnd}/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ initData: app.initData }) })
	.then((answer) => answer.json())
	.then(({ known, first_name }) => show("who", known ? first_name + " " + (app.initDataUnsafe.user.id === known) + " " + app.initDataUnsafe.start_param : "a stranger"))
	.catch((error) => show("who", error.message))
app.CloudStorage.getItem("cups", (error, value) => { show("cups", error || "cups " + (value || 0)); localStorage.cups = value })
app.MainButton.setParams({ text: "Buy a cup" }).show().onClick(() => {
	app.MainButton.showProgress()
	plaza.callFunction("invoice").then((link) => app.openInvoice(link, (status) => {
		app.MainButton.hideProgress()
		show("end", status)
		if (status !== "paid") return
		app.CloudStorage.getItem("cups", (_, value) => app.CloudStorage.setItem("cups", String(Number(value) + 1), () => show("cups", "cups " + (Number(value) + 1))))
	}))
})
document.getElementById("details").onclick = () => {
	show("back", "details")
	app.BackButton.show()
	app.MainButton.disable()
}
app.BackButton.onClick(() => {
	show("back", "stall")
	app.BackButton.hide()
	app.MainButton.enable()
})
`,
	"cloudfunctions/invoice/index.js": `
		const cloud = require("wx-server-sdk")
		cloud.init()
		exports.main = async () => {
			const { payment } = await cloud.cloudPay.unifiedOrder({ body: "A cup of tea", outTradeNo: "cup-" + Date.now(), totalFee: 250 })
			return "https://t.me/$" + payment.package
		}
	`,
})

/** A bot's back end: verifies initData by its token as Telegram's documentation says. */
async function bot(token: () => string): Promise<{ host: string; port: number; server: Server }> {
	const server = createServer(async (request, response) => {
		const parts: Buffer[] = []
		for await (const part of request) parts.push(part as Buffer)
		const { initData } = JSON.parse(Buffer.concat(parts).toString()) as { initData: string }
		const fields = new URLSearchParams(initData)
		const hash = fields.get("hash")
		fields.delete("hash")
		const lines = [...fields].map(([name, value]) => `${name}=${value}`).sort()
		const secret = createHmac("sha256", "WebAppData").update(token()).digest()
		const good = createHmac("sha256", secret).update(lines.join("\n")).digest("hex") === hash
		const user = JSON.parse(fields.get("user") ?? "{}") as { id: number; first_name: string }
		response.setHeader("Content-Type", "application/json")
		response.end(JSON.stringify(good ? { known: user.id, first_name: user.first_name } : {}))
	})
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
	const { port } = server.address() as AddressInfo
	return { host: `bot.tea.test:${port}`, port, server }
}

/** Every name of Telegram.WebApp in its Bot API 8.0. */
const NAMES =
	`initData initDataUnsafe version platform colorScheme themeParams isActive isExpanded viewportHeight
viewportStableHeight headerColor backgroundColor bottomBarColor isClosingConfirmationEnabled isVerticalSwipesEnabled
isFullscreen isOrientationLocked safeAreaInset contentSafeAreaInset isVersionAtLeast setHeaderColor setBackgroundColor
setBottomBarColor enableClosingConfirmation disableClosingConfirmation enableVerticalSwipes disableVerticalSwipes
requestFullscreen exitFullscreen lockOrientation unlockOrientation addToHomeScreen checkHomeScreenStatus onEvent offEvent
sendData switchInlineQuery openLink openTelegramLink openInvoice shareToStory shareMessage setEmojiStatus
requestEmojiStatusAccess downloadFile showPopup showAlert showConfirm showScanQrPopup closeScanQrPopup
readTextFromClipboard requestWriteAccess requestContact ready expand close
BackButton.isVisible BackButton.onClick BackButton.offClick BackButton.show BackButton.hide
SettingsButton.isVisible SettingsButton.onClick SettingsButton.offClick SettingsButton.show SettingsButton.hide
MainButton.type MainButton.text MainButton.color MainButton.textColor MainButton.isVisible MainButton.isActive
MainButton.hasShineEffect MainButton.isProgressVisible MainButton.setText MainButton.onClick MainButton.offClick
MainButton.show MainButton.hide MainButton.enable MainButton.disable MainButton.showProgress MainButton.hideProgress
MainButton.setParams SecondaryButton.position SecondaryButton.setParams SecondaryButton.show
HapticFeedback.impactOccurred HapticFeedback.notificationOccurred HapticFeedback.selectionChanged
CloudStorage.setItem CloudStorage.getItem CloudStorage.getItems CloudStorage.removeItem CloudStorage.removeItems
CloudStorage.getKeys DeviceStorage.setItem DeviceStorage.getItem DeviceStorage.removeItem DeviceStorage.clear
SecureStorage.setItem SecureStorage.getItem SecureStorage.restoreItem SecureStorage.removeItem SecureStorage.clear
BiometricManager.isInited BiometricManager.isBiometricAvailable BiometricManager.biometricType
BiometricManager.isAccessRequested BiometricManager.isAccessGranted BiometricManager.isBiometricTokenSaved
BiometricManager.deviceId BiometricManager.init BiometricManager.requestAccess BiometricManager.authenticate
BiometricManager.updateBiometricToken BiometricManager.openSettings
Accelerometer.isStarted Accelerometer.x Accelerometer.y Accelerometer.z Accelerometer.start Accelerometer.stop
DeviceOrientation.isStarted DeviceOrientation.absolute DeviceOrientation.alpha DeviceOrientation.beta
DeviceOrientation.gamma DeviceOrientation.start DeviceOrientation.stop
Gyroscope.isStarted Gyroscope.x Gyroscope.y Gyroscope.z Gyroscope.start Gyroscope.stop
LocationManager.isInited LocationManager.isLocationAvailable LocationManager.isAccessRequested
LocationManager.isAccessGranted LocationManager.init LocationManager.getLocation LocationManager.openSettings`.split(
		/\s+/,
	)

/** Presses the program's main button, which no script can reach: it is in a closed tree at the bottom of the frame. */
async function pressBelow(page: Page): Promise<void> {
	const place = await page.locator("iframe.drawn").boundingBox()
	if (place === null) throw new Error("no frame")
	await page.mouse.click(place.x + place.width / 2, place.y + place.height - 30)
}

const sheet = (page: Page) => page.getByRole("dialog", { name: /^(Pay|Paid)$/ })

test("a program that was written for Telegram runs as it is", async ({ browser }) => {
	let token = ""
	const { host, port, server } = await bot(() => token)
	const plaza = await Plaza.start(["--proxy-allow", `${host}=127.0.0.1:${port}`])
	try {
		await plaza.publish("tea-stall", stall(host))
		const made = await plaza.call<{ key: string }>("creator", "/api/mp/tea-stall/keys", {
			name: "bot",
			kind: "server",
		})
		token = made.key
		const page = await (await browser.newContext(phone)).newPage()
		const errors: string[] = []
		page.on("console", (line) => line.type() === "error" && errors.push(line.text()))
		await signIn(page, `${plaza.url}/sign-in`, "person")
		const frame = await openProgram(page, `${plaza.url}/p/tea-stall?startapp=table_7`)

		// Theme, storage and who it is are there; the back end believes who it is.
		await expect(frame.locator("#theme")).toHaveText("light rgb(255, 255, 255) true false")
		await expect(frame.locator("#who")).toHaveText("Guest true table_7")
		await expect(frame.locator("#cups")).toHaveText("cups 0")
		const missing = await frame.locator("body").evaluate((_, names) => {
			const { WebApp } = (window as unknown as { Telegram: { WebApp: object } }).Telegram
			const step = (of: unknown, name: string) =>
				(of as Record<string, unknown> | undefined)?.[name]
			return names.filter((name) => name.split(".").reduce(step, WebApp as unknown) === undefined)
		}, NAMES)
		expect(missing).toEqual([])
		await page.emulateMedia({ colorScheme: "dark" })
		await expect(frame.locator("#theme")).toHaveText("dark rgb(25, 31, 29)")

		if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/dark.png` })
		// The host's back belongs to the BackButton while it is shown, and the button below is drawn by the house.
		await frame.getByRole("button", { name: "Details" }).click()
		await expect(frame.locator("#back")).toHaveText("details")
		await pressBelow(page) // it is disabled
		await expect(frame.locator("#end")).toHaveText("")
		await page.goBack()
		await expect(frame.locator("#back")).toHaveText("stall")
		await expect(page).toHaveURL(/\/p\/tea-stall/)

		// An invoice is a bill: closed by the person, then paid.
		await pressBelow(page)
		await expect(sheet(page).getByText("A cup of tea")).toBeVisible()
		if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/sheet.png` })
		await sheet(page).getByRole("button", { name: "Close" }).click()
		await expect(frame.locator("#end")).toHaveText("cancelled")
		await pressBelow(page)
		await sheet(page)
			.getByRole("button", { name: /^Pay €2.50/ })
			.click()
		await expect(sheet(page).getByRole("heading", { name: "Paid" })).toBeVisible()
		await sheet(page).getByRole("button", { name: "Close" }).last().click()
		await expect(frame.locator("#end")).toHaveText("paid")
		await expect(frame.locator("#cups")).toHaveText("cups 1")

		// What it keeps is there at the next opening.
		await expect.poll(() => keptOnDevice(page, "telegram:cloud:cups")).toContain("1")
		const again = await openProgram(page, `${plaza.url}/p/tea-stall`)
		await expect(again.locator("#cups")).toHaveText("cups 1")
		expect(errors).toEqual([])
	} finally {
		await plaza.stop()
		server.close()
	}
})

/** A page that uses the bridge, and tries what it must not have. */
const corner = {
	"manifest.json": manifest("corner", "Corner", { domains: { request: ["api.corner.example"] } }),
	"clouddb.json": JSON.stringify({ collections: { notes: { acl: "PRIVATE" } } }),
	"index.html": `<!doctype html><title>Corner</title><p id="kept"></p><ol id="lines"></ol><p id="done"></p><script type="module" crossorigin src="corner.js"></script>`,
	"name.js": `export const visits = "visits"`,
	"corner.js": `
import { visits } from "./name.js"
const say = (name, got) => document.getElementById("lines").append(Object.assign(document.createElement("li"), { textContent: name + ": " + got }))
const attempt = async (name, run) => { try { say(name, JSON.stringify(await run())) } catch (error) { say(name, "refused " + (error.code || error.name)) } }
localStorage.setItem("before", "here")
sessionStorage.visits = "1"
async function start() {
	await plaza.ready()
	document.getElementById("kept").textContent = [localStorage.getItem("visits"), localStorage.before, sessionStorage.visits].join(" ")
	localStorage[visits] = Number(localStorage.visits || 0) + 1
	const notes = plaza.database().collection("notes")
	await attempt("note", async () => { await notes.add({ data: { text: "mine" } }); return (await notes.get()).data.length > 0 })
	await attempt("undeclared host", () => plaza.request("https://undeclared.example/"))
	await attempt("the house inside", () => plaza.request("http://127.0.0.1:1/"))
	await attempt("fetch elsewhere", () => fetch("https://undeclared.example/"))
	await attempt("fetch the house", () => fetch("/api/plaza"))
	await attempt("orders without the scope", () => plaza.call("orders." + "list"))
	await attempt("a bill from a page", () => plaza.call("bills." + "make", { amount: 1, title: "x", reference: "x" }))
	await attempt("a place without the scope", () => plaza.location())
	await attempt("an order that is nobody's", () => plaza.pay("not an id"))
	await attempt("a program that is none", () => plaza.open("nowhere-at-all"))
	await attempt("a method that is none", () => plaza.call("nothing." + "here"))
	await attempt("Telegram unasked", async () => { if (!window.Telegram) throw new Error() })
	document.getElementById("done").textContent = "done"
}
start()`,
}

test("a web program has what any program has, and no more", async ({ browser, plaza }) => {
	await plaza.publish("corner", corner)
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/corner`)
	await expect(frame.locator("#done")).toHaveText("done")
	await expect(frame.locator("#kept")).toHaveText(" here 1")
	expect(await frame.locator("#lines li").allInnerTexts()).toEqual([
		"note: true",
		"undeclared host: refused domain_undeclared",
		"the house inside: refused network_url",
		"fetch elsewhere: refused domain_undeclared",
		"fetch the house: refused TypeError",
		"orders without the scope: refused scope_undeclared",
		"a bill from a page: refused function_only",
		"a place without the scope: refused scope_undeclared",
		"an order that is nobody's: refused bad_args",
		"a program that is none: refused program_not_found",
		"a method that is none: refused method_unknown",
		"Telegram unasked: refused Error",
	])
	await expect.poll(() => keptOnDevice(page, "visits")).toContain("1")
	const again = await openProgram(page, `${plaza.url}/p/corner`)
	await expect(again.locator("#done")).toHaveText("done")
	await expect(again.locator("#kept")).toHaveText("1 here 1")
})

/** A page with a way to everything that leads around it. */
const junction = {
	"manifest.json": manifest("junction", "Junction", {}),
	"index.html": `<!doctype html><title>Junction</title><p id="back">none</p>
		<button id="name">Name</button><button id="deeper">Deeper</button><button id="share">Share</button>
		<button id="other">Other</button><button id="leave">Leave</button><script src="junction.js"></script>`,
	"junction.js": `
const press = (id, run) => { document.getElementById(id).onclick = () => Promise.resolve(run()).catch(() => {}) }
press("name", () => plaza.title("Platform 9"))
press("deeper", () => {
	const off = plaza.on("back", () => { document.getElementById("back").textContent = "back"; off() })
})
press("share", () => plaza.share({ path: "track?n=9" }))
press("other", () => plaza.open("wheel"))
press("leave", () => plaza.close())
`,
}

test("a web program names its page, goes back, shares, opens another and leaves", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("junction", junction)
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/junction`)
	await frame.getByRole("button", { name: "Name" }).click()
	await expect(page.getByRole("heading", { name: "Platform 9" })).toBeVisible()

	await frame.getByRole("button", { name: "Deeper" }).click()
	await page.getByRole("button", { name: "Back", exact: true }).click()
	await expect(frame.locator("#back")).toHaveText("back")
	await expect(page.getByRole("button", { name: "Back", exact: true })).toBeHidden()

	await frame.getByRole("button", { name: "Share" }).click()
	await expect(page.getByRole("dialog").getByText("Platform 9")).toBeVisible()
	await page.getByRole("dialog").getByRole("button", { name: "Close" }).click()

	// Another program opens only if the person says so, and they see which.
	const question = page.getByRole("dialog", { name: "Open this program?" })
	await frame.getByRole("button", { name: "Other" }).click()
	await expect(question.getByText("Wheel", { exact: true })).toBeVisible()
	await question.getByRole("button", { name: "Cancel" }).click()
	await expect(question).toBeHidden()
	await expect(page).toHaveURL(/\/p\/junction/)
	await frame.getByRole("button", { name: "Other" }).click()
	await question.getByRole("button", { name: "Open", exact: true }).click()
	await expect(page).toHaveURL(/\/p\/wheel/)

	const again = await openProgram(page, `${plaza.url}/p/junction`)
	await again.getByRole("button", { name: "Leave" }).click()
	await expect(page).not.toHaveURL(/\/p\//)
})
