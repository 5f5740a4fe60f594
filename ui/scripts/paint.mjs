// Measures the first paint of the client as a phone on a slow line sees it, and adds the rows to
// bench/latest.json: JavaScript before the first paint, and the largest contentful paint at 390×844 with the
// processor 4 times slower, 150 ms of latency and 1.6 Mbit/s. Both against their limits, in Chromium.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { chromium } from "@playwright/test"

const root = resolve(import.meta.dirname, "../..")
const latest = join(root, "bench/latest.json")
const scriptLimit = 60 // kB
const paintLimit = 2 // seconds
const runs = 3

/** The entry and everything that it imports before anything is drawn, in kB as sent. */
function scriptsBeforePaint() {
	const dist = join(root, "ui/dist")
	const manifest = JSON.parse(readFileSync(join(dist, "assets/manifest.json"), "utf8"))
	const files = new Set()
	const add = (key) => {
		const chunk = manifest[key]
		if (files.has(chunk.file)) return
		files.add(chunk.file)
		for (const imported of chunk.imports ?? []) add(imported)
	}
	add("index.html")
	let bytes = 0
	for (const file of files) bytes += gzipSync(readFileSync(join(dist, file)), { level: 9 }).length
	return bytes / 1000
}

function freePort() {
	return new Promise((done) => {
		const server = createServer()
		server.listen(0, "127.0.0.1", () => {
			const { port } = server.address()
			server.close(() => done(port))
		})
	})
}

async function serving(url) {
	for (let tries = 0; tries < 600; tries++) {
		if (
			await fetch(url).then(
				(answer) => answer.ok,
				() => false,
			)
		)
			return
		await new Promise((done) => setTimeout(done, 100))
	}
	throw new Error(`${url} did not answer`)
}

async function paint(browser, url) {
	const context = await browser.newContext({
		viewport: { width: 390, height: 844 },
		isMobile: true,
		hasTouch: true,
	})
	const page = await context.newPage()
	const devtools = await context.newCDPSession(page)
	await devtools.send("Network.enable")
	await devtools.send("Network.emulateNetworkConditions", {
		offline: false,
		latency: 150,
		downloadThroughput: 1_600_000 / 8,
		uploadThroughput: 750_000 / 8,
	})
	await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 })
	await page.goto(url, { waitUntil: "load" })
	const largest = await page.evaluate(
		() =>
			new Promise((done) => {
				let last = 0
				new PerformanceObserver((list) => {
					for (const entry of list.getEntries()) last = entry.startTime
				}).observe({ type: "largest-contentful-paint", buffered: true })
				setTimeout(() => done(last), 4000)
			}),
	)
	await context.close()
	return largest / 1000
}

function row(name, value, unit, limit) {
	const ratio = value / limit
	return {
		name,
		value,
		unit,
		peer: `limit of ${limit} ${unit}`,
		ratio,
		target: "≤ 1",
		ok: ratio <= 1,
	}
}

const dir = mkdtempSync(join(tmpdir(), "plaza-paint-"))
const port = await freePort()
const server = spawn(
	join(root, "plaza"),
	["serve", "--demo", "--http", `127.0.0.1:${port}`, "--dir", dir],
	{
		stdio: "ignore",
	},
)
try {
	const url = `http://127.0.0.1:${port}/`
	await serving(`${url}api/plaza`)
	const browser = await chromium.launch({
		executablePath: process.env.PLAZA_CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
	})
	const times = []
	for (let run = 0; run < runs; run++) times.push(await paint(browser, url))
	await browser.close()
	times.sort((a, b) => a - b)
	const rows = [
		row("client JavaScript before first paint, gzip", scriptsBeforePaint(), "kB", scriptLimit),
		row("largest contentful paint, slow phone", times[1], "s", paintLimit),
	]
	for (const r of rows) {
		console.log(
			`${r.name}  ${r.value.toPrecision(3)} ${r.unit}  ${r.peer}  ${r.ratio.toFixed(2)}  ${r.ok ? "ok" : "MISSED"}`,
		)
	}
	const names = new Set(rows.map((r) => r.name))
	const before = JSON.parse(readFileSync(latest, "utf8")).filter((r) => !names.has(r.name))
	writeFileSync(latest, `${JSON.stringify([...before, ...rows], null, 2)}\n`)
} finally {
	const ended = new Promise((done) => server.once("exit", done))
	server.kill("SIGINT")
	await ended
	rmSync(dir, { recursive: true, force: true })
}
