import { svelte } from "@sveltejs/vite-plugin-svelte"
import tailwindcss from "@tailwindcss/vite"
import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"

const server = process.env.PLAZA_SERVER ?? "http://127.0.0.1:8090"

// The binary answers any unknown path under /console/ with the console's page; so does the dev server.
const consolePages: Plugin = {
	name: "console-pages",
	configureServer(dev) {
		dev.middlewares.use((request, _response, next) => {
			const path = (request.url ?? "").split("?")[0] ?? ""
			if (path.startsWith("/console") && !path.includes(".")) request.url = "/console/index.html"
			next()
		})
	},
}

const SHELL =
	/lucide\/svelte\/dist\/icons\/(?:chevron-right|chevron-up|search|scan-line|receipt-text)\.|disclose-version|lib\/ui\/Badge\.svelte/

export default defineConfig({
	plugins: [consolePages, tailwindcss(), svelte()],
	build: {
		// These have light-dark(), so the tokens stay as written.
		target: ["chrome123", "firefox121", "safari17.5"],
		manifest: "assets/manifest.json",
		// A data: URL would need a hole in the content security policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rollupOptions: {
			input: ["index.html", "console/index.html"],
			// What the first page shows in any case is one file: alone, each of these is mostly its own wrapping.
			output: { advancedChunks: { groups: [{ name: "shell", test: SHELL }] } },
		},
	},
	worker: { format: "es" },
	server: {
		proxy: Object.fromEntries(["/api", "/mp", "/frame", "/_"].map((path) => [path, server])),
	},
	test: { include: ["src/**/*.test.ts"], environment: "node" },
	resolve: process.env.VITEST ? { conditions: ["browser"] } : {},
})
