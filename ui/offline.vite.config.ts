import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { defineConfig } from "vite"

interface Chunk {
	file: string
	css?: string[]
	imports?: string[]
	dynamicImports?: string[]
}

const manifest: Record<string, Chunk> = JSON.parse(
	readFileSync("dist/assets/manifest.json", "utf8"),
)

/** Chunks that load with these, and with `lazily` those that they may load later. */
function reached(keys: string[], lazily: boolean, seen = new Set<string>()): Set<string> {
	for (const key of keys) {
		const chunk = manifest[key]
		if (!chunk || seen.has(key)) continue
		seen.add(key)
		reached(
			[...(chunk.imports ?? []), ...(lazily ? (chunk.dynamicImports ?? []) : [])],
			lazily,
			seen,
		)
	}
	return seen
}

const addresses = (keys: Set<string>) =>
	[...keys].flatMap((key) => {
		const { file = "", css = [] } = manifest[key] ?? {}
		return [`/${file}`, ...css.map((sheet) => `/${sheet}`)]
	})

/** What a program needs beside the first page: it can be opened without a network. */
const PROGRAM =
	/client\/program\/(?:ProgramScreen|LinkScreen|Stage)|lib\/host\/[A-Z]\w+\.svelte|pocketbase/

const start = ["index.html"]
const all = reached(start, true)
const shell = addresses(reached([...start, ...[...all].filter((key) => PROGRAM.test(key))], false))
const client = addresses(all)
const plain = ["index.html", "theme.js", "offline.js"].map((name) => readFileSync(`dist/${name}`))
const version = createHash("sha256")
	.update(JSON.stringify([client, ...plain.map(String)]))
	.digest("hex")
	.slice(0, 12)

/** The service worker. It is built last: it names the files that were built before. */
export default defineConfig({
	publicDir: false,
	define: {
		VERSION: JSON.stringify(version),
		SHELL: JSON.stringify([...new Set(shell)]),
		CLIENT: JSON.stringify([...new Set(client)]),
	},
	build: {
		outDir: "dist",
		emptyOutDir: false,
		target: ["chrome123", "firefox121", "safari17.5"],
		rollupOptions: {
			input: "src/offline/sw.ts",
			output: { format: "iife", entryFileNames: "sw.js" },
		},
	},
})
