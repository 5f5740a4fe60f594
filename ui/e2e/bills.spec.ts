import type { FrameLocator, Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}
const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB" }

const sheet = (page: Page) => page.getByRole("dialog", { name: /^(Pay|Paid)$/ })
const payButton = (page: Page) => sheet(page).getByRole("button", { name: /^Pay €/ })

async function buyTwo(pool: FrameLocator): Promise<void> {
	await pool.getByRole("button", { name: "One swim" }).click()
	await pool.getByRole("button", { name: "One more" }).click()
	await pool.getByRole("button", { name: "Buy · €9.00" }).click()
}

async function refund(hall: Page, amount: string, reason: string): Promise<void> {
	await hall.getByRole("button", { name: "Refund", exact: true }).click()
	await hall.getByLabel("Amount").fill(amount)
	await hall.getByLabel("Reason").fill(reason)
	await hall.getByRole("button", { name: "Refund", exact: true }).click()
	const sure = hall.getByRole("dialog", { name: `Refund €${amount}?` })
	await sure.getByRole("button", { name: "Refund", exact: true }).click()
	await expect(sure).toBeHidden()
}

test("a bill is paid and given back, seen by both sides", async ({ browser, plaza }) => {
	const person = await (await browser.newContext(phone)).newPage()
	const hall = await (await browser.newContext(desk)).newPage()
	await signIn(hall, `${plaza.url}/console/`, "neighbour15")
	await hall.getByRole("link", { name: "Bills" }).click()
	await expect(hall.getByText("swim-demo-047")).toBeVisible()

	await signIn(person, `${plaza.url}/sign-in`, "person")
	const pool = await openProgram(person, `${plaza.url}/p/swim`)

	// Who gets how much for what is on the sheet; closing it buys nothing.
	await buyTwo(pool)
	await expect(sheet(person).getByText("Mairie du Quartier")).toBeVisible()
	await expect(sheet(person).getByText("Certified organisation")).toBeVisible()
	await expect(sheet(person).getByText("One swim × 2")).toBeVisible()
	await sheet(person).getByRole("button", { name: "Close" }).click()
	await expect(pool.getByText("Not paid, nothing bought")).toBeVisible()
	await expect(pool.getByText("Your tickets will stand here.")).toBeVisible()

	await pool.getByRole("button", { name: "Buy · €9.00" }).click()
	await payButton(person).click()
	await expect(sheet(person).getByRole("heading", { name: "Paid" })).toBeVisible()
	await sheet(person).getByRole("button", { name: "Close" }).last().click()
	await expect(pool.getByText(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/)).toBeVisible()

	// The town hall sees both come, and opens the one that was paid.
	await hall.getByRole("button", { name: "2 new bills" }).click()
	await hall
		.getByRole("row", { name: /One swim × 2.*Paid.*(now|second)/ })
		.getByRole("button")
		.click()
	await expect(hall.getByRole("heading", { name: "Bill", exact: true })).toBeVisible()

	// The receipt is found in the wallet, and follows what the town hall gives back.
	await person.goto(`${plaza.url}/wallet`)
	await person
		.getByRole("link", { name: /Mairie du Quartier One swim × 2/ })
		.first()
		.click()
	await expect(person.getByText("Paid", { exact: true })).toBeVisible()
	await refund(hall, "3.00", "The slide was closed")
	await expect(person.getByText("Partly refunded")).toBeVisible()
	await expect(person.getByText("The slide was closed")).toBeVisible()
	await expect(person.getByText("+€3.00")).toBeVisible()
	await expect(hall.getByRole("dialog").getByText("Partly refunded")).toBeVisible()
	await refund(hall, "6.00", "The pump broke")
	await expect(person.getByText("Refunded", { exact: true })).toBeVisible()
	await expect(hall.getByRole("button", { name: "Refund", exact: true })).toBeHidden()

	// The program is told by its hook: soon the ticket is worth nothing any more.
	await expect(async () => {
		const again = await openProgram(person, `${plaza.url}/p/swim`)
		await expect(again.getByText("Refunded: €9.00")).toBeVisible({ timeout: 2_000 })
		await expect(again.getByText("Given back")).toBeVisible()
	}).toPass()
})

// A program that makes bills and would like to have them paid without anybody's will.
const greedy = {
	"manifest.json": JSON.stringify({
		app_id: "greedy",
		name: "Greedy",
		version: { code: 1, name: "1" },
		platform_version: { min_code: 1 },
		icons: [],
		x_plaza: { category: "shopping", functions: ["ask"] },
	}),
	"app.json": JSON.stringify({ pages: ["pages/home/home"] }),
	"app.js": "App({ onLaunch() { wx.cloud.init() } })",
	"project.config.json": JSON.stringify({ appid: "greedy", cloudfunctionRoot: "cloudfunctions/" }),
	"cloudfunctions/ask/index.js": `
		const cloud = require("wx-server-sdk")
		cloud.init()
		exports.main = async ({ amount }) => cloud.cloudPay.unifiedOrder({ body: "A gift", outTradeNo: "g-" + Date.now(), totalFee: amount })
	`,
	"pages/home/home.wxml": `
		<button bindtap="ask" data-amount="100">Ask</button>
		<button bindtap="ask" data-amount="99900">Ask for much</button>
		<view class="bill">{{bill}}</view><view class="end">{{end}}</view>
	`,
	"pages/home/home.js": `
		Page({
			data: { bill: "", end: "" },
			async ask({ currentTarget }) {
				const { result } = await wx.cloud.callFunction({ name: "ask", data: { amount: Number(currentTarget.dataset.amount) } })
				this.setData({ bill: result.prepayId, end: "" })
				const trying = setInterval(grab, 40)
				try {
					await wx.requestPayment(result.payment)
					this.setData({ end: "paid" })
				} catch ({ errMsg }) {
					this.setData({ end: errMsg })
				}
				clearInterval(trying)
			},
		})
		const attempt = (act) => { try { Promise.resolve(act()).catch(() => {}) } catch {} }
		function grab() {
			const cover = document.createElement("dialog")
			cover.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:#fff"
			document.body.append(cover)
			attempt(() => cover.showModal())
			attempt(() => document.documentElement.requestFullscreen())
			attempt(() => window.focus())
			attempt(() => document.querySelector("button, input")?.focus())
			attempt(() => parent.focus())
			attempt(() => parent.document.querySelector("dialog button").click())
			attempt(() => parent.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })))
			attempt(() => document.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })))
			attempt(() => parent.postMessage({ m: "requestPayment", status: "paid" }, "*"))
			cover.remove()
		}
	`,
	"pages/home/home.json": "{}",
}

const statusOf = async (plaza: Plaza, bill: string) =>
	(await plaza.call<{ status: string }>("person", `/api/bills/${bill}`)).status

let published: Promise<number> | undefined
function publish(plaza: Plaza): Promise<number> {
	published ??= plaza.publish("greedy", greedy)
	return published
}

/** A bill of the demonstration that its payer has paid, and nobody has given back. */
async function somePaid(plaza: Plaza): Promise<{ payer: string; id: string }> {
	const paid = `/api/collections/bills/records?filter=${encodeURIComponent("status = 'paid' && reference ~ 'swim-demo'")}`
	for (let n = 1; n <= 14; n++) {
		const payer = `neighbour${n}`
		const { items } = await plaza.call<{ items: { id: string }[] }>(payer, paid)
		if (items[0]) return { payer, id: items[0].id }
	}
	throw new Error("no neighbour has paid a bill")
}

test("what is given back while a receipt opens shows on it", async ({ browser, plaza }) => {
	const { payer, id } = await somePaid(plaza)
	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, payer)
	let listen = () => {}
	const later = new Promise<void>((resolve) => {
		listen = resolve
	})
	await person.route("**/api/realtime", async (route) => {
		if (route.request().method() === "POST") await later
		await route.continue()
	})
	await person.goto(`${plaza.url}/bills/${id}`)
	await expect(person.getByText("Paid", { exact: true })).toBeVisible()
	await plaza.call("neighbour15", `/api/bills/${id}/refund`, { amount: 100, reason: "Cold water" })
	listen()
	await expect(person.getByText("Partly refunded")).toBeVisible()
	await expect(person.getByText("Cold water")).toBeVisible()
	await person.context().close()
})

test("a program neither covers nor presses nor hurries the sheet", async ({ browser, plaza }) => {
	await publish(plaza)
	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, "person")
	const program = await openProgram(person, `${plaza.url}/p/greedy`)
	await program.getByText("Ask", { exact: true }).click()
	await expect(payButton(person)).toBeVisible()
	const bill = (await program.locator(".bill").textContent()) ?? ""
	expect(bill).toMatch(/^[a-z0-9]{15}$/)

	// Somebody who is made to tap fast does not pay by it.
	const place = await payButton(person).boundingBox()
	if (place === null) throw new Error("no button")
	const [x, y] = [place.x + place.width / 2, place.y + place.height / 2]
	for (let tap = 0; tap < 12; tap++) {
		await person.mouse.click(x, y, { delay: 80 })
		await person.keyboard.press("Enter")
	}
	expect(await statusOf(plaza, bill)).toBe("open")

	// What lies under the finger is the host's own; the keyboard is in the sheet, and the frame is inert.
	await expect(payButton(person)).toBeEnabled()
	const look = await person.evaluate(
		([x = 0, y = 0]) => {
			const inSheet = (element: Element | null) => element?.closest("dialog[open]") != null
			document.querySelector<HTMLElement>("iframe.drawn")?.focus()
			return {
				under: inSheet(document.elementFromPoint(x, y)),
				keyboard: inSheet(document.activeElement),
			}
		},
		[x, y],
	)
	expect(look).toEqual({ under: true, keyboard: true })

	// A press that no person made does nothing, even by a script of the host's own page.
	const asked: string[] = []
	person.on("request", (request) => void (request.method() === "POST" && asked.push(request.url())))
	await payButton(person).evaluate(
		(button: HTMLButtonElement) =>
			new Promise<void>((done) => {
				button.click()
				button.dispatchEvent(new MouseEvent("click", { bubbles: true }))
				requestAnimationFrame(() => requestAnimationFrame(() => done()))
			}),
	)
	expect(asked.filter((url) => url.includes(bill))).toEqual([])
	expect(await statusOf(plaza, bill)).toBe("open")
	await expect(program.locator(".end")).toHaveText("")

	await payButton(person).click()
	await expect(sheet(person).getByRole("heading", { name: "Paid" })).toBeVisible()
	expect(await statusOf(plaza, bill)).toBe("paid")
	await sheet(person).getByRole("button", { name: "Close" }).last().click()
	await expect(program.locator(".end")).toHaveText("paid")
})

test("whose wallet is short tops it up; whose time is over hears it", async ({
	browser,
	plaza,
}) => {
	await publish(plaza)
	const person = await (await browser.newContext(phone)).newPage()
	await signIn(person, `${plaza.url}/sign-in`, "person")
	const program = await openProgram(person, `${plaza.url}/p/greedy`)
	await program.getByText("Ask for much").click()
	await expect(sheet(person).getByText(/Your wallet is .* short/)).toBeVisible()
	await expect(payButton(person)).toBeDisabled()
	const top = person.getByRole("dialog", { name: "Top up" })
	for (const amount of ["500", "500"]) {
		await sheet(person).getByRole("button", { name: "Top up" }).click()
		await top.getByLabel("Amount (EUR)").fill(amount)
		await top.getByRole("button", { name: `Add €${amount}.00` }).click()
		await expect(top).toBeHidden()
	}
	await expect(payButton(person)).toBeEnabled()

	await plaza.moveClock(new Date(Date.now() + 3 * 3_600_000))
	try {
		// Unless the sheet has heard it before.
		await payButton(person)
			.click({ timeout: 2_000 })
			.catch(() => {})
		await expect(sheet(person).getByText("The time to pay this bill is over.")).toBeVisible()
		await expect(payButton(person)).toBeHidden()
		await sheet(person).getByRole("button", { name: "Close" }).last().click()
		await expect(program.locator(".end")).toHaveText(/requestPayment:fail.*bill_expired/)
	} finally {
		await plaza.resetClock()
	}
})
