// Fails the build when a size budget is crossed. K is 1,000 bytes after gzip -9.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"

const dist = process.argv[2] ?? new URL("../dist", import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(dist, "assets/manifest.json"), "utf8"))

const surfaces = {
	"index.html": { name: "client", first: 60, route: 26, css: 15, words: 20 },
	"console/index.html": { name: "console", first: 110, route: 40, css: 20, words: 25 },
}
// Named and lazy: each has a budget of its own instead of a route's.
const named = { pocketbase: 11, "regions/china": 34, "figures/": 60 }

const packed = new Map()
function gzip(file) {
	if (!packed.has(file)) {
		packed.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1000)
	}
	return packed.get(file)
}

/** Everything that loading one chunk loads with it, itself included. */
function closure(key, seen = new Set()) {
	if (seen.has(key)) return seen
	seen.add(key)
	for (const next of manifest[key]?.imports ?? []) closure(next, seen)
	return seen
}

const sum = (files) => [...new Set(files)].reduce((total, file) => total + gzip(file), 0)
const scripts = (keys) => sum([...keys].map((key) => manifest[key].file))
const styles = (keys) => sum([...keys].flatMap((key) => manifest[key].css ?? []))

const rows = []
function check(what, size, budget, unit = "K") {
	rows.push({ what, size, budget, unit, ok: size <= budget })
}

/** Lazy chunks reachable from a set of chunks, however deep. */
function lazy(from, seen = new Set()) {
	for (const key of from) {
		for (const next of manifest[key].dynamicImports ?? []) {
			if (seen.has(next)) continue
			seen.add(next)
			lazy(closure(next), seen)
		}
	}
	return seen
}

for (const [entry, budget] of Object.entries(surfaces)) {
	const first = closure(entry)
	check(`${budget.name}: JS before first paint`, scripts(first), budget.first)
	check(`${budget.name}: CSS before first paint`, styles(first), budget.css)
	const words = { en: 0, fr: 0, zh: 0 }
	for (const key of lazy(first)) {
		const locale = /i18n\/(en|fr|zh)\.json$/.exec(key)?.[1]
		const rooms = /console\/(operator|nearby|figures|rewards|programs\/boards)\/i18n/.exec(key)?.[1]
		if (locale && rooms) {
			check(`${budget.name}: the words of ${rooms}, ${locale}`, gzip(manifest[key].file), 10)
			continue
		}
		if (locale && key.includes("console/figures/")) {
			check(`${budget.name}: the words of figures, ${locale}`, gzip(manifest[key].file), 5)
			continue
		}
		if (locale) {
			words[locale] += gzip(manifest[key].file)
			continue
		}
		const own = [...closure(key)].filter((chunk) => !first.has(chunk))
		const name = Object.keys(named).find((part) => key.includes(part))
		check(
			`${budget.name}: ${key.replace(/^.*?(src|node_modules)\//, "")}`,
			scripts(own),
			named[name] ?? budget.route,
		)
	}
	for (const [locale, size] of Object.entries(words)) {
		check(`${budget.name}: words, ${locale}`, size, budget.words)
	}
}

const frame = JSON.parse(readFileSync(join(dist, "frame/manifest.json"), "utf8"))
check("runtime of mini programs", gzip(`frame/${frame.script}`), 140)
check("maps of mini programs", gzip(`frame/${frame.map}`), 95)
check("runtime of games", gzip(`frame/${frame.game}`), 90)
check("web programs: the bridge", gzip(`frame/${frame.web}`), 5)
check("web programs: the cloud database", gzip(`frame/${frame.database}`), 6)
check("web programs: Telegram.WebApp", gzip(`frame/${frame.telegram}`), 9)

let raw = 0
for (const name of readdirSync(dist, { recursive: true })) {
	const path = join(dist, name)
	if (name.endsWith(".br") || !statSync(path).isFile()) continue
	raw += statSync(path).size
	if (name.endsWith(".wasm") && existsSync(`${path}.br`)) {
		check("scanner wasm, brotli", statSync(`${path}.br`).size / 1000, 330)
	}
}
check("dist, raw, with wasm", raw / 1e6, 4, "MB")

for (const { what, size, budget, unit, ok } of rows) {
	const figures = `${size.toFixed(1)} of ${budget} ${unit}`.padStart(18)
	if (
		!ok ||
		process.argv.includes("--all") ||
		/first paint|dist|wasm|runtime|web programs/.test(what)
	) {
		console.log(`${ok ? "ok  " : "OVER"} ${figures}  ${what}`)
	}
}
if (rows.some((row) => !row.ok)) process.exit(1)
