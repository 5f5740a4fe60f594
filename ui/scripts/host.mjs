// Measures how long a person waits for a program: from the tap to its first frame, when it was never open on this
// device and when it is kept warm, and from a tap inside it to the first frame of its next page. Medians of several
// runs against their limits, in Chromium; the rows go to bench/latest.json.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { browse, end, programFrame, root, serve, telephone } from "./client.mjs"

const latest = join(root, "bench/latest.json")
const runs = 5
const limits = { cold: 1, warm: 0.3, next: 0.05 } // seconds

const items = Array.from({ length: 60 }, (_, index) => ({ id: index, name: `Tea ${index}` }))
const list =
	'<view wx:for="{{items}}" wx:key="id" class="row"><text>{{item.name}}</text><button size="mini">Add</button></view>'
const files = {
	"app.json": { pages: ["pages/menu/menu", "pages/table/table"] },
	"app.js": "globalThis.wait = { wx }; App({})",
	"app.wxss": ".row { display: flex; justify-content: space-between; padding: 20rpx }",
	"manifest.json": {
		app_id: "wait",
		name: "Wait",
		version: { code: 1, name: "1" },
		platform_version: { min_code: 1 },
		icons: [],
		pages: ["pages/menu/menu"],
		x_plaza: { category: "tools" },
	},
	"pages/menu/menu.wxml": list,
	"pages/menu/menu.js": `Page({ data: { items: ${JSON.stringify(items)} } })`,
	"pages/table/table.wxml": list,
	"pages/table/table.js": `Page({ data: { items: ${JSON.stringify(items)} } })`,
}

function write(dir) {
	for (const [name, content] of Object.entries(files)) {
		const path = join(dir, name)
		mkdirSync(dirname(path), { recursive: true })
		writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
	}
}

/** Seconds from a tap on the program's link to the frame in which its page is seen. */
function tap(page) {
	return page.evaluate(
		() =>
			new Promise((done, failed) => {
				setTimeout(() => failed(new Error("the program did not open")), 20_000)
				const link = Object.assign(document.createElement("a"), { href: "/p/wait" })
				document.body.append(link)
				const began = performance.now()
				const look = () => {
					if (document.querySelector("iframe.drawn:not([inert] *)"))
						requestAnimationFrame(() => done((performance.now() - began) / 1000))
					else requestAnimationFrame(look)
				}
				link.click()
				link.remove()
				look()
			}),
	)
}

/** Seconds from a program's wish for its next page to the first frame of that. */
function turn(frame) {
	return frame.evaluate(
		() =>
			new Promise((done) => {
				const began = performance.now()
				globalThis.wait.wx.navigateTo({ url: "/pages/table/table" })
				requestAnimationFrame(() => setTimeout(() => done((performance.now() - began) / 1000)))
			}),
	)
}

const times = { cold: [], warm: [], next: [] }
const dir = mkdtempSync(join(tmpdir(), "plaza-wait-"))
write(dir)
const { child, url } = await serve(dir)
const browser = await browse()
const client = new URL("/", url).href
try {
	// The first context waits until the program is published.
	const first = await telephone(browser)
	const workshop = await first.newPage()
	await workshop.goto(url)
	await programFrame(workshop, () => Boolean(globalThis.wait))
	const kept = await workshop.evaluate(() => localStorage.getItem("pocketbase_auth"))
	await first.close()
	for (let run = 0; run < runs; run++) {
		const context = await telephone(browser)
		const page = await context.newPage()
		await page.addInitScript((login) => localStorage.setItem("pocketbase_auth", login), kept)
		await page.goto(client)
		await page.getByRole("heading").first().waitFor()
		await page.waitForTimeout(1_000) // the launcher has come to rest
		times.cold.push(await tap(page))
		const frame = page.frames().find((one) => one.url().includes("/mp/"))
		for (let visit = 0; visit < 3; visit++) {
			times.next.push(await turn(frame))
			await frame.evaluate(() => globalThis.wait.wx.navigateBack())
			await page.waitForTimeout(100)
		}
		await page.getByRole("button", { name: /^Close/ }).click()
		await page.locator("iframe").waitFor({ state: "hidden" })
		await page.waitForTimeout(100) // a person who comes back at once
		times.warm.push(await tap(page))
		await context.close()
	}
} finally {
	await browser.close()
	await end(child)
	rmSync(dir, { recursive: true, force: true })
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
const row = (name, what) => {
	const value = median(times[what])
	const ratio = value / limits[what]
	return {
		name,
		value,
		unit: "s",
		peer: `limit of ${limits[what]} s`,
		ratio,
		target: "≤ 1",
		ok: ratio <= 1,
	}
}
const rows = [
	row("tap to the first frame of a program, never open before", "cold"),
	row("tap to the first frame of a program, kept warm", "warm"),
	row("next page of a program to its first frame", "next"),
]
for (const r of rows)
	console.log(
		`${r.name}  ${r.value.toPrecision(3)} s  ${r.peer}  ${r.ratio.toFixed(2)}  ${r.ok ? "ok" : "MISSED"}`,
	)
const before = existsSync(latest) ? JSON.parse(readFileSync(latest, "utf8")) : []
const names = new Set(rows.map((r) => r.name))
writeFileSync(
	latest,
	`${JSON.stringify([...before.filter((r) => !names.has(r.name)), ...rows], null, 2)}\n`,
)
