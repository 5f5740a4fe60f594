// Mounts every component of three published libraries, unmodified from npm, in the real frame, and counts those
// that are drawn without an uncaught error; the rows go to bench/latest.json.
//
//	node scripts/components.mjs [--shots DIR] [--only PART]
import { spawn } from "node:child_process"
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { browse, end, option, programFrame, root, serve, telephone } from "./client.mjs"
import { libraries } from "./components.data.mjs"

const cache = join(root, "bench/.cache")
const latest = join(root, "bench/latest.json")
const target = 0.98
const wait = 400 // ms after a page is opened
const shots = option("--shots")
const only = option("--only")
const picture =
	'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 200" width="300" height="200"><rect width="300" height="200" fill="#2b7bd6"/><circle cx="150" cy="100" r="60" fill="#ffd257"/></svg>'

function run(command, args, options = {}) {
	return new Promise((done, failed) => {
		const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], ...options })
		child.once("exit", (code) => (code === 0 ? done() : failed(new Error(`${command}: ${code}`))))
	})
}

/** The unpacked package of a library, from the cache or from npm. */
async function unpacked({ name, version }) {
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

/** The library's components by their folder's name: the path of each, without extension. */
function componentsOf({ dist, skip }, folder) {
	const found = {}
	for (const name of readdirSync(join(folder, dist))) {
		if (skip.includes(name)) continue
		for (const file of [name, "index"]) {
			const json = join(folder, dist, name, `${file}.json`)
			if (existsSync(json) && JSON.parse(readFileSync(json, "utf8")).component) {
				found[name] = `${name}/${file}`
				break
			}
		}
	}
	return found
}

function write(dir, files) {
	for (const [name, content] of Object.entries(files)) {
		const path = join(dir, name)
		mkdirSync(dirname(path), { recursive: true })
		writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content))
	}
}

/** Writes the project: one page for each component. Answers what was mounted. */
async function project(dir) {
	const mounted = []
	for (const library of libraries) {
		const folder = await unpacked(library)
		const all = componentsOf(library, folder)
		cpSync(join(folder, library.dist), join(dir, "miniprogram_npm", library.name), {
			recursive: true,
			filter: (path) => !/\.d\.ts$/.test(path),
		})
		for (const name of Object.keys(all)) {
			const page = `pages/${library.prefix}/${name}/index`
			const wxml = library.mounts[name] ?? `<${library.prefix}-${name} />`
			const tags = [...wxml.matchAll(new RegExp(`<${library.prefix}-([a-z-]+)`, "g"))].map(
				(m) => m[1],
			)
			const using = Object.fromEntries(
				tags.map((tag) => [
					`${library.prefix}-${tag}`,
					`/miniprogram_npm/${library.name}/${all[tag]}`,
				]),
			)
			write(dir, {
				[`${page}.json`]: {
					usingComponents: using,
					navigationBarTitleText: `${library.prefix}-${name}`,
				},
				[`${page}.wxml`]: wxml,
				[`${page}.wxss`]: library.sheet ?? "",
				[`${page}.js`]: `Page({ data: ${JSON.stringify(library.data)}, onLoad() { this.setData({ ${library.code} }) }, onReady() { ${library.ready ?? ""} } })`,
			})
			mounted.push({ library: library.name, name, page })
		}
	}
	write(dir, {
		"img/a.svg": picture,
		"app.json": { pages: ["pages/home/index", ...mounted.map(({ page }) => page)] },
		"app.js":
			"globalThis.mounts = { wx, errors: [] }; App({ onError(text) { mounts.errors.push(String(text)) } })",
		"pages/home/index.json": {},
		"pages/home/index.wxml": "<view>Ready</view>",
		"pages/home/index.js": "Page({})",
		"manifest.json": {
			app_id: "mounts",
			name: "Components",
			version: { code: 1, name: "1" },
			platform_version: { min_code: 1 },
			icons: [],
			pages: ["pages/home/index"],
			x_plaza: { category: "tools" },
		},
	})
	return mounted
}

/** Opens one page and answers what is wrong with it: nothing, or words. */
async function mount(frame, { page: path }) {
	return frame.evaluate(
		async ([url, ms]) => {
			const { wx, errors } = globalThis.mounts
			errors.length = 0
			const heard = (event) => errors.push(String(event.error ?? event.reason ?? event.message))
			addEventListener("error", heard)
			addEventListener("unhandledrejection", heard)
			try {
				await wx.reLaunch({ url })
			} catch (error) {
				errors.push(error.errMsg ?? String(error))
			}
			await new Promise((done) => setTimeout(done, ms))
			removeEventListener("error", heard)
			removeEventListener("unhandledrejection", heard)
			const drawn = [...document.querySelectorAll("wx-page:not([hidden]) *")].some((node) => {
				const { width, height } = node.getBoundingClientRect()
				return width > 0 && height > 0
			})
			return { errors: [...new Set(errors)].slice(0, 3), drawn }
		},
		[`/${path}`, wait],
	)
}

const dir = mkdtempSync(join(tmpdir(), "plaza-mounts-"))
const mounted = (await project(dir)).filter(({ page }) => page.includes(only))
const { child, url } = await serve(dir)
const browser = await browse()
try {
	const context = await telephone(browser)
	const page = await context.newPage()
	await page.goto(url)
	const frame = await programFrame(page, () => Boolean(globalThis.mounts))
	const failed = []
	for (const one of mounted) {
		const { errors, drawn } = await mount(frame, one)
		if (errors.length > 0 || !drawn)
			failed.push({ ...one, why: errors.join(" | ") || "nothing drawn" })
		if (shots) {
			mkdirSync(shots, { recursive: true })
			await page.screenshot({
				path: join(shots, `${one.page.split("/").slice(1, 3).join("-")}.png`),
			})
		}
	}
	const rows = libraries.map(({ name, version }) => {
		const all = mounted.filter(({ library }) => library === name).length
		const bad = failed.filter(({ library }) => library === name).length
		return {
			name: `components of ${name} ${version} drawn without an error`,
			value: all - bad,
			unit: `of ${all}`,
			peer: "all of them",
			ratio: (all - bad) / (all || 1),
			target: `≥ ${target}`,
			ok: all === 0 || (all - bad) / all >= target,
		}
	})
	for (const { library, name, why } of failed) console.log(`failed  ${library} ${name}: ${why}`)
	for (const r of rows)
		console.log(`${r.name}  ${r.value} ${r.unit}  ${r.ratio.toFixed(3)}  ${r.ok ? "ok" : "MISSED"}`)
	if (!only && existsSync(latest)) {
		const names = new Set(rows.map((r) => r.name))
		const before = JSON.parse(readFileSync(latest, "utf8")).filter((r) => !names.has(r.name))
		writeFileSync(latest, `${JSON.stringify([...before, ...rows], null, 2)}\n`)
	}
} finally {
	await browser.close()
	await end(child)
	rmSync(dir, { recursive: true, force: true })
}
