import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { defineConfig, type Plugin } from "vite"

// Who asks which runtime is current (the server, for the frame document and its policy) reads this.
const manifest: Plugin = {
	name: "frame-manifest",
	writeBundle({ dir }, bundle) {
		const script = Object.values(bundle).find((file) => file.type === "chunk" && file.isEntry)
		if (script?.type !== "chunk") throw new Error("there is no runtime")
		const sha256 = createHash("sha256").update(script.code).digest("base64")
		const told = { script: script.fileName, sha256 }
		writeFileSync(`${dir}/manifest.json`, `${JSON.stringify(told)}\n`)
	},
}

/** The runtime of mini programs: one classic script, loaded by every frame document. */
export default defineConfig({
	plugins: [manifest],
	publicDir: false,
	define: { "process.env.NODE_ENV": '"production"' },
	build: {
		outDir: "dist/frame",
		emptyOutDir: true,
		target: ["chrome123", "firefox121", "safari17.5"],
		cssMinify: true,
		rollupOptions: {
			input: "src/frame/main.ts",
			output: { format: "iife", entryFileNames: "frame-[hash].js" },
		},
	},
})
