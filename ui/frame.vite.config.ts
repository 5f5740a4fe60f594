import { createHash } from "node:crypto"
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build, defineConfig, type InlineConfig, type Plugin } from "vite"

/** A script that is alone in its file and needs nothing that browsers load later. */
const alone = (input: string, outDir: string, name: string): InlineConfig => ({
	publicDir: false,
	define: { "process.env.NODE_ENV": '"production"' },
	build: {
		outDir,
		emptyOutDir: true,
		target: ["chrome123", "firefox121", "safari17.5"],
		cssMinify: true,
		rollupOptions: { input, output: { format: "iife", entryFileNames: name } },
	},
})

/** What web programs have instead of the runtime. */
const WEB = ["web", "database", "telegram"] as const

/** Builds the scripts of web programs; their names have one hash together, so that the address of a document that names one of them names all. */
async function buildWeb(dir: string): Promise<Record<string, string>> {
	const beside = join(dir, ".web")
	const hash = createHash("sha256")
	for (const name of WEB) {
		const input = `src/frame/${name === "database" ? "webdatabase" : name === "web" ? "webentry" : name}.ts`
		await build({
			...alone(input, join(beside, name), "script.js"),
			configFile: false,
			logLevel: "warn",
		})
		hash.update(readFileSync(join(beside, name, "script.js")))
	}
	const mark = hash.digest("base64url").slice(0, 8)
	const told = Object.fromEntries(WEB.map((name) => [name, `frame-${name}-${mark}.js`]))
	mkdirSync(dir, { recursive: true })
	for (const name of WEB)
		copyFileSync(join(beside, name, "script.js"), join(dir, told[name] as string))
	rmSync(beside, { recursive: true })
	return told
}

interface Script {
	name: string
	code: string
	sha256: string
}

/** Builds what draws maps. The runtime has its name in it, so it is built before. */
async function buildMap(): Promise<Script> {
	const config = alone("src/frame/components/mapdraw.ts", "dist/frame", "map.js")
	const built = await build({
		...config,
		build: { ...config.build, write: false },
		configFile: false,
		logLevel: "warn",
	})
	const [one] = [built].flat()
	const chunk = one && "output" in one ? one.output[0] : undefined
	if (!chunk) throw new Error("there is no script of maps")
	const code = `${chunk.code}\n//# sourceURL=map.js\n`
	const sum = createHash("sha256").update(code)
	const mark = sum.copy().digest("base64url").slice(0, 8)
	return { name: `frame-map-${mark}.js`, code, sha256: sum.digest("base64") }
}

/** Builds the runtime of games, which has no pages in it. */
async function buildGame(): Promise<Script> {
	const config = alone("src/frame/game/main.ts", "dist/frame", "game.js")
	const built = await build({
		...config,
		build: { ...config.build, write: false },
		configFile: false,
		logLevel: "warn",
	})
	const [one] = [built].flat()
	const chunk = one && "output" in one ? one.output[0] : undefined
	if (!chunk) throw new Error("there is no runtime of games")
	const code = `${chunk.code}\n//# sourceURL=plaza.js\n`
	const sum = createHash("sha256").update(code)
	const mark = sum.copy().digest("base64url").slice(0, 8)
	return { name: `frame-game-${mark}.js`, code, sha256: sum.digest("base64") }
}

// Who asks which scripts are current (the server, for the frame documents and their policies) reads this.
const manifest = (map: Script): Plugin => ({
	name: "frame-manifest",
	// It runs as text: this is its name in the stacks of errors.
	generateBundle(_options, bundle) {
		for (const file of Object.values(bundle))
			if (file.type === "chunk") file.code += "\n//# sourceURL=plaza.js\n"
	},
	async writeBundle({ dir = "" }, bundle) {
		const script = Object.values(bundle).find((file) => file.type === "chunk" && file.isEntry)
		if (script?.type !== "chunk") throw new Error("there is no runtime")
		const sha256 = createHash("sha256").update(script.code).digest("base64")
		const game = await buildGame()
		writeFileSync(join(dir, map.name), map.code)
		writeFileSync(join(dir, game.name), game.code)
		const told = {
			script: script.fileName,
			sha256,
			game: game.name,
			game_sha256: game.sha256,
			map: map.name,
			map_sha256: map.sha256,
			...(await buildWeb(dir)),
		}
		writeFileSync(`${dir}/manifest.json`, `${JSON.stringify(told)}\n`)
	},
})

/** The runtime of mini programs, one classic script that every frame runs, the one of maps, and those of web programs. */
export default defineConfig(async () => {
	const map = await buildMap()
	const runtime = alone("src/frame/main.ts", "dist/frame", "frame-[hash].js")
	return {
		...runtime,
		define: { ...runtime.define, MAP_SCRIPT: JSON.stringify(map.name) },
		plugins: [manifest(map)],
	}
})
