// Opens every page of whole programs, as their authors have them, in the client and its real frame, and writes a
// table: pages drawn, pages without an uncaught error, and the names and tags that they asked for in vain. What a
// program does not catch when its own server does not answer is counted apart: no server of theirs is asked here.
//
//	node scripts/programs.mjs FOLDER… [--out FILE.json] [--shots DIR] [--dark] [--only PART] [--most N] [--wait MS]
//
// A folder is a project of WeChat's developer tools, or holds several. Nothing of them is part of this repository;
// without a folder there is nothing to do. A project without manifest.json gets the least one.
import { execFile } from "node:child_process"
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
import { basename, join } from "node:path"
import { binary, browse, end, option, programFrame, serve, telephone } from "./client.mjs"

const shots = option("--shots")
const only = option("--only")
const most = Number(option("--most") || Number.POSITIVE_INFINITY)
const wait = Number(option("--wait") || 350)
const dark = process.argv.includes("--dark")
const HANGS = 10_000 // ms after which a page is given up
const valued = ["--out", "--shots", "--only", "--most", "--wait"]
const folders = process.argv
	.slice(2)
	.filter((word, at, all) => !word.startsWith("--") && !valued.includes(all[at - 1]))

/** A refusal of the network or of a login, which a program without its server cannot do without. */
const NO_SERVER =
	/^(?:request|uploadFile|downloadFile|connectSocket|login|cloud\.\w+|authorize|getUserProfile):fail/

const read = (path) => JSON.parse(readFileSync(path, "utf8").replace(/^\ufeff/, ""))

/** The folder with the pages in a project's folder, or "". */
function pagesFolder(dir) {
	const config = join(dir, "project.config.json")
	let named = ""
	try {
		named = existsSync(config) ? (read(config).miniprogramRoot ?? "") : ""
	} catch {} // the check says what is wrong with it
	for (const sub of [named, "", "miniprogram"])
		if (existsSync(join(dir, sub, "app.json"))) return join(dir, sub)
	return ""
}

/** The projects in what was named. */
function projects() {
	return folders.flatMap((folder) => {
		if (pagesFolder(folder)) return [folder]
		return readdirSync(folder)
			.map((name) => join(folder, name))
			.filter((path) => statSync(path).isDirectory() && pagesFolder(path))
	})
}

const run = (args) =>
	new Promise((done) =>
		execFile(binary, args, { maxBuffer: 1 << 26 }, (error, out, words) =>
			done({ error, out, words }),
		),
	)

/** A copy with a manifest, since nothing is written where the author works. */
function copied(dir, name) {
	const to = join(mkdtempSync(join(tmpdir(), "plaza-programs-")), name)
	cpSync(dir, to, { recursive: true, filter: (path) => basename(path) !== ".git" })
	if (!existsSync(join(to, "manifest.json")))
		writeFileSync(
			join(to, "manifest.json"),
			JSON.stringify({
				app_id: "tried",
				name: "Tried",
				version: { code: 1, name: "1" },
				icons: [],
				x_plaza: { category: "tools" },
			}),
		)
	return to
}

/** Runs in every frame before its first script: keeps what went wrong, and gets hold of the program's `wx`. */
function probe() {
	const seen = { errors: [], asked: {}, wx: null, warnings: [] }
	Object.defineProperty(globalThis, "tried", { value: seen })
	const post = MessagePort.prototype.postMessage
	MessagePort.prototype.postMessage = function (message, ...rest) {
		if (message?.m === "error") seen.errors.push(`${message.a?.message} @ ${message.a?.where}`)
		return post.call(this, message, ...rest)
	}
	let define
	Object.defineProperty(globalThis, "__d", {
		configurable: true,
		set(given) {
			define = given
		},
		get:
			() =>
			(path, factory, ...rest) =>
				define?.(
					path,
					(...names) => {
						if (!seen.wx) {
							seen.wx = names[0]
							for (const [name, call] of Object.entries(seen.wx))
								if (typeof call === "function")
									seen.wx[name] = function (...args) {
										const count = () => {
											seen.asked[name] = (seen.asked[name] ?? 0) + 1
										}
										const refused = (error) =>
											/:fail not supported/.test(error?.errMsg ?? error?.message ?? "")
										const options = args[0]
										if (options && typeof options === "object")
											for (const how of ["fail", "complete"]) {
												const heard = options[how]
												if (
													typeof heard === "function" ||
													(how === "fail" && typeof options.success === "function")
												)
													args[0] = {
														...args[0],
														[how]: (told) => {
															if (how === "fail" && refused(told)) count()
															return heard?.call(options, told)
														},
													}
											}
										try {
											const answer = call.apply(this, args)
											answer?.then?.(undefined, (error) => refused(error) && count())
											return answer
										} catch (error) {
											if (refused(error)) count()
											throw error
										}
									}
						}
						return factory(...names)
					},
					...rest,
				),
	})
}

/** Opens one page and tells what came of it. */
const visit = (frame, url) =>
	Promise.race([
		frame.evaluate(
			async ([to, ms]) => {
				const { wx, errors } = globalThis.tried
				errors.length = 0
				try {
					await wx.reLaunch({ url: to })
				} catch (error) {
					errors.push(error.errMsg ?? String(error))
				}
				await new Promise((done) => setTimeout(done, ms))
				const page = document.querySelector("wx-page:not([hidden])")
				const boxes = [...(page?.querySelectorAll("*") ?? [])].filter((node) => {
					const { width, height } = node.getBoundingClientRect()
					return width > 0 && height > 0
				})
				const plain = new Set(
					[...(page?.querySelectorAll("*") ?? [])]
						.filter(
							(node) => node.__wxElement && !node.__wxElement.data && /^wx-/.test(node.localName),
						)
						.map((node) => node.localName.slice(3)),
				)
				return {
					errors: [...new Set(errors)].slice(0, 3),
					drawn: boxes.length > 1,
					tags: [...plain],
					wide: document.documentElement.scrollWidth > innerWidth + 1,
				}
			},
			[url, wait],
		),
		new Promise((done) =>
			setTimeout(
				() => done({ errors: ["the page hangs"], drawn: false, tags: [], hangs: true }),
				HANGS,
			),
		),
	]).catch((error) => ({ errors: [String(error)], drawn: false, tags: [], hangs: true }))

/** Opens the client on a project and answers its page and frame. */
async function open(browser, url) {
	const context = await telephone(browser, { colorScheme: dark ? "dark" : "light" })
	await context.addInitScript(probe)
	const page = await context.newPage()
	await page.goto(url)
	const frame = await programFrame(page, () => Boolean(globalThis.tried?.wx), 200)
	await new Promise((done) => setTimeout(done, 600))
	return { context, page, frame }
}

/** All pages of a program. */
async function pages(dir, name, browser) {
	const { out } = await run(["mp", "check", dir, "--json"])
	let report = {}
	try {
		report = JSON.parse(out)
	} catch {}
	const findings = report.findings ?? []
	const faults = findings.filter(({ severity }) => severity === "error")
	const app = read(join(pagesFolder(dir), "app.json"))
	const subs = [...(app.subpackages ?? []), ...(app.subPackages ?? [])]
	const all = [
		...(app.pages ?? []),
		...subs.flatMap(({ root, pages: inside = [] }) => inside.map((page) => `${root}/${page}`)),
	].map((path) => path.replace(/\/+/g, "/").replace(/^\//, ""))
	const list = [...new Set(all)].filter((path) => path.includes(only)).slice(0, most)
	const row = {
		name,
		refused: 0,
		pages: list.length,
		faults: faults.length,
		drawn: 0,
		clean: 0,
		failed: [],
		asked: {},
		tags: {},
	}
	row.words = faults
		.slice(0, 12)
		.map(({ file, line, message }) => `${file}:${line ?? 0} ${message}`)
	if (faults.length > 0) return row
	const { child, url } = await serve(dir)
	let at
	try {
		at = await open(browser, url)
		row.start = await at.frame.evaluate(() => globalThis.tried.errors.slice(0, 3))
		for (const path of list) {
			const told = await visit(at.frame, `/${path}`)
			if (told.drawn) row.drawn++
			const own = told.errors.filter((words) => !NO_SERVER.test(words))
			if (own.length === 0) row.clean++
			if (own.length < told.errors.length) row.refused++
			if (own.length > 0 || !told.drawn)
				row.failed.push({ path, why: own.join(" | ") || "nothing drawn" })
			for (const tag of told.tags) row.tags[tag] = (row.tags[tag] ?? 0) + 1
			if (shots) {
				mkdirSync(join(shots, name), { recursive: true })
				const file = `${path.replace(/\//g, "_")}${dark ? ".dark" : ""}.png`
				await at.page.screenshot({ path: join(shots, name, file), timeout: 5_000 }).catch(() => {})
			}
			const asked = told.hangs
				? {}
				: await at.frame.evaluate(() => globalThis.tried.asked).catch(() => ({}))
			row.asked = { ...row.asked, ...asked }
			if (told.hangs) {
				await at.context.close()
				at = await open(browser, url)
			}
		}
	} catch (error) {
		row.words.push(String(error))
	} finally {
		await at?.context.close().catch(() => {})
		await end(child)
	}
	return row
}

if (folders.length === 0) {
	console.log("No folder with programs was named: nothing to open.")
} else {
	const browser = await browse()
	const rows = []
	try {
		for (const dir of projects()) {
			const name = basename(dir)
			const copy = copied(dir, name)
			try {
				const row = await pages(copy, name, browser).catch((error) => ({
					name,
					pages: 0,
					faults: 0,
					drawn: 0,
					clean: 0,
					refused: 0,
					failed: [],
					asked: {},
					tags: {},
					words: [String(error)],
				}))
				rows.push(row)
				console.log(
					`${name}  pages ${row.pages}  drawn ${row.drawn}  clean ${row.clean}  without their server ${row.refused}${row.faults ? `  does not compile: ${row.faults}` : ""}`,
				)
				for (const words of row.words) console.log(`    ${words}`)
				for (const words of row.start ?? []) console.log(`    at start: ${words}`)
				for (const { path, why } of row.failed) console.log(`    ${path}: ${why.slice(0, 300)}`)
				const list = (counts) =>
					Object.entries(counts)
						.sort((a, b) => b[1] - a[1])
						.map(([k, n]) => `${k} ${n}`)
						.join(", ")
				if (Object.keys(row.asked).length) console.log(`    asked in vain: ${list(row.asked)}`)
				if (Object.keys(row.tags).length) console.log(`    unknown tags: ${list(row.tags)}`)
			} finally {
				rmSync(join(copy, ".."), { recursive: true, force: true })
			}
			if (option("--out")) writeFileSync(option("--out"), `${JSON.stringify(rows, null, "\t")}\n`)
		}
	} finally {
		await browser.close()
	}
	const sum = (key) => rows.reduce((all, row) => all + row[key], 0)
	console.log(
		`programs ${rows.length}  pages ${sum("pages")}  drawn ${sum("drawn")}  clean ${sum("clean")}`,
	)
}
