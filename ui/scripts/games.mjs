// Runs whole games, as their authors have them, in the client and its real frame: engines from npm, unmodified, in a
// small game each, and folders that are named. Counts those that draw and those without an uncaught error, and
// measures how many frames a second a game loop has on a processor that is four times slower; that row goes to
// bench/latest.json.
//
//	node scripts/games.mjs [FOLDER…] [--out FILE.json] [--shots DIR] [--only PART] [--wait MS] [--adapter FILE]
//	[--no-bench]
//
// An adapter is a script that lays what engines ask of a browser over `wx`, as games for WeChat bring one along; none is
// on npm, so the engines get the frame's own document without it.
//
// A folder is a project of WeChat's developer tools with a game.json, or holds several. Nothing of them is part of
// this repository.
import { spawn } from "node:child_process"
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { chromium } from "@playwright/test"
import { browse, end, option, programFrame, root, serve, telephone } from "./client.mjs"
import { engines, loop } from "./games.data.mjs"

const cache = join(root, "bench/.cache")
const latest = join(root, "bench/latest.json")
const shots = option("--shots")
const only = option("--only")
const wait = Number(option("--wait") || 3_000)
const SLOWER = 4
const SECONDS = 8 // of which the best counts
const FRAMES = 50 // a second, on the slowed processor
const adapter = option("--adapter")
const valued = ["--out", "--shots", "--only", "--wait", "--adapter"]
const folders = process.argv
	.slice(2)
	.filter((word, at, all) => !word.startsWith("--") && !valued.includes(all[at - 1]))

/** Chromium with a WebGL that needs no graphics card. */
const browseGraphics = () =>
	chromium.launch({
		executablePath: process.env.PLAZA_CHROMIUM ?? "/usr/bin/chromium",
		args: [
			"--no-sandbox",
			"--use-angle=swiftshader",
			"--enable-unsafe-swiftshader",
			"--ignore-gpu-blocklist",
			"--disable-background-networking",
			"--no-first-run",
		],
	})

function run(command, args, options = {}) {
	return new Promise((done, failed) => {
		const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options })
		child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`${command}: ${code}`))))
	})
}

/** The unpacked package of an engine, from the cache or from npm. */
async function unpacked(name, version) {
	const file = `${name.replace("@", "").replace("/", "-")}-${version}`
	const at = join(cache, file)
	if (existsSync(join(at, "package"))) return join(at, "package")
	mkdirSync(at, { recursive: true })
	const archive = join(cache, `${file}.tgz`)
	if (!existsSync(archive))
		await run("npm", ["pack", "--silent", `${name}@${version}`], { cwd: cache })
	await run("tar", ["xzf", archive, "-C", at])
	return join(at, "package")
}

const manifest = (name) => ({
	app_id: "tried",
	name,
	version: { code: 1, name: "1" },
	icons: [],
	x_plaza: { category: "games", kind: "game" },
})

/** Where the game.json of a project is, or undefined. */
function gameFolder(dir) {
	let named = ""
	try {
		named = JSON.parse(readFileSync(join(dir, "project.config.json"), "utf8")).miniprogramRoot ?? ""
	} catch {} // most have none
	return [named, "", "miniprogram", "minigame"].find((sub) =>
		existsSync(join(dir, sub, "game.json")),
	)
}

/** A copy with the least manifest, since nothing is written where the author works. */
function copied(dir, name) {
	const to = join(mkdtempSync(join(tmpdir(), "plaza-games-")), name)
	cpSync(join(dir, gameFolder(dir) ?? ""), to, {
		recursive: true,
		filter: (path) => basename(path) !== ".git",
	})
	if (!existsSync(join(to, "manifest.json")))
		writeFileSync(join(to, "manifest.json"), JSON.stringify(manifest(name.slice(0, 20))))
	return to
}

/** A folder with a game of our own around engines as npm has them. */
async function written({ name, packages = [], files }) {
	const to = join(mkdtempSync(join(tmpdir(), "plaza-games-")), name)
	const all = { "game.json": {}, "manifest.json": manifest(name), ...files }
	for (const [file, content] of Object.entries(all)) {
		const path = join(to, file)
		mkdirSync(dirname(path), { recursive: true })
		writeFileSync(
			path,
			typeof content === "string" || content instanceof Uint8Array
				? content
				: JSON.stringify(content),
		)
	}
	for (const { from, version, file, as } of packages)
		cpSync(join(await unpacked(from, version), file), join(to, as))
	if (adapter && existsSync(join(to, "lib/adapter.js"))) cpSync(adapter, join(to, "lib/adapter.js"))
	return to
}

/** Runs in every frame before its first script: keeps what went wrong. */
function probe() {
	const seen = { errors: [], frames: 0, wx: false }
	Object.defineProperty(globalThis, "tried", { value: seen })
	const post = MessagePort.prototype.postMessage
	MessagePort.prototype.postMessage = function (message, ...rest) {
		if (message?.m === "error") {
			seen.errors.push(`${message.a?.message} @ ${message.a?.where}`)
			console.info(`tried ${message.a?.message} @ ${message.a?.where} ${message.a?.stack}`)
		}
		if (message?.m === "ready") seen.wx = true
		return post.call(this, message, ...rest)
	}
	const count = (native) => (run) =>
		native((time) => {
			seen.frames++
			run(time)
		})
	globalThis.requestAnimationFrame = count(globalThis.requestAnimationFrame.bind(globalThis))
}

/** How many colours a picture has, counted in a page of its own. */
async function colours(context, png) {
	const page = await context.newPage()
	const count = await page.evaluate(
		async (data) => {
			const image = await createImageBitmap(await (await fetch(data)).blob())
			const canvas = new OffscreenCanvas(image.width, image.height)
			const paint = canvas.getContext("2d")
			paint.drawImage(image, 0, 0)
			const { data: pixels } = paint.getImageData(0, 0, canvas.width, canvas.height)
			const found = new Map()
			for (let at = 0; at < pixels.length; at += 16) {
				const colour = (pixels[at] >> 3) * 1024 + (pixels[at + 1] >> 3) * 32 + (pixels[at + 2] >> 3)
				found.set(colour, (found.get(colour) ?? 0) + 1)
			}
			const most = Math.max(...found.values())
			return { count: found.size, most: most / (pixels.length / 16) }
		},
		`data:image/png;base64,${png.toString("base64")}`,
	)
	await page.close()
	return count
}

async function play(browser, dir, name) {
	const row = { name, drawn: false, frames: 0, clean: false, errors: [], colours: 0 }
	const { child, url } = await serve(dir)
	const context = await telephone(browser, { colorScheme: "light", deviceScaleFactor: 2 })
	try {
		await context.addInitScript(probe)
		const page = await context.newPage()
		const said = []
		page.on("console", (line) => {
			if (line.text().startsWith("tried ")) row.errors.push(line.text().slice(6, 500))
			if (line.type() === "error" && !/favicon|Failed to load resource/.test(line.text()))
				said.push(line.text().slice(0, 300))
		})
		await page.goto(url)
		const frame = await programFrame(
			page,
			() => Boolean(globalThis.tried?.wx || globalThis.tried?.errors.length),
			300,
		)
		await page.waitForTimeout(wait)
		// A finger in the middle, as anybody would.
		await page.touchscreen.tap(195, 500).catch(() => {})
		await page.waitForTimeout(700)
		const png = await page.screenshot()
		if (shots) {
			mkdirSync(shots, { recursive: true })
			writeFileSync(join(shots, `${name}.png`), png)
		}
		// The game alone, below the capsule.
		const told = await colours(
			context,
			await page.screenshot({ clip: { x: 0, y: 60, width: 390, height: 660 } }),
		)
		row.colours = told.count
		row.drawn = told.count > 3 && told.most < 0.999
		row.frames = await frame.evaluate(() => globalThis.tried.frames).catch(() => 0)
		row.errors = [...new Set(row.errors)].slice(0, 6)
		row.said = [...new Set(said)].slice(0, 6)
		row.clean = row.errors.length === 0 && row.frames > 0
	} catch (error) {
		row.errors.push(String(error).slice(0, 300))
	} finally {
		await context.close().catch(() => {})
		await end(child)
	}
	return row
}

/** Frames a second of a game that draws two hundred sprites, on a slowed processor: the best of some seconds, since
 * what else this machine does is not the game's. */
async function measured() {
	const browser = await browse()
	const dir = await written(loop)
	const { child, url } = await serve(dir)
	const context = await telephone(browser, { deviceScaleFactor: 1 })
	try {
		const page = await context.newPage()
		await page.goto(url)
		const frame = await programFrame(page, () => Boolean(globalThis.loop))
		const slow = await context.newCDPSession(page)
		await slow.send("Emulation.setCPUThrottlingRate", { rate: SLOWER })
		let best = 0
		for (let second = 0; second < SECONDS; second++)
			best = Math.max(best, await frame.evaluate(() => globalThis.loop.measure(1_000)))
		return best
	} finally {
		await browser.close()
		await end(child)
		rmSync(dirname(dir), { recursive: true, force: true })
	}
}

function keep(row) {
	const before = existsSync(latest) ? JSON.parse(readFileSync(latest, "utf8")) : []
	writeFileSync(
		latest,
		`${JSON.stringify([...before.filter(({ name }) => name !== row.name), row], null, 2)}\n`,
	)
}

const browser = await browseGraphics()
const rows = []
try {
	const games = []
	for (const engine of engines)
		if (engine.name.includes(only)) games.push([engine.name, () => written(engine)])
	for (const folder of folders) {
		const one = gameFolder(folder) !== undefined
		const each = one ? [folder] : readdirSync(folder).map((name) => join(folder, name))
		for (const dir of each)
			if (
				statSync(dir).isDirectory() &&
				gameFolder(dir) !== undefined &&
				basename(dir).includes(only)
			)
				games.push([basename(dir), async () => copied(dir, basename(dir))])
	}
	for (const [name, make] of games) {
		const dir = await make()
		const row = await play(browser, dir, name).catch((error) => ({ name, errors: [String(error)] }))
		rmSync(dirname(dir), { recursive: true, force: true })
		rows.push(row)
		console.log(
			`${name}  ${row.drawn ? "drawn" : "NOT DRAWN"}  ${row.clean ? "clean" : "ERRORS"}  colours ${row.colours}  frames ${row.frames ?? 0}`,
		)
		for (const words of [...row.errors, ...(row.said ?? [])])
			console.log(`    ${words.slice(0, 300)}`)
	}
	console.log(
		`games ${rows.length}  drawn ${rows.filter(({ drawn }) => drawn).length}  clean ${rows.filter(({ clean }) => clean).length}`,
	)
	if (option("--out")) writeFileSync(option("--out"), `${JSON.stringify(rows, null, "\t")}\n`)
	if (!process.argv.includes("--no-bench")) {
		const value = await measured()
		const row = {
			name: `game loop, frames per second, processor ${SLOWER} times slower`,
			value,
			unit: "fps",
			peer: `${FRAMES} fps`,
			ratio: value / FRAMES,
			target: "≥ 1",
			ok: value >= FRAMES,
		}
		keep(row)
		console.log(`${row.name}  ${value.toFixed(1)} fps  ${row.ok ? "ok" : "MISSED"}`)
	}
} finally {
	await browser.close()
}
