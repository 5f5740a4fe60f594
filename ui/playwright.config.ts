import { defineConfig } from "@playwright/test"

// The stories run against the real binary (see e2e/plaza.ts) in Debian's Chromium: nothing is downloaded.
export default defineConfig({
	testDir: "e2e",
	timeout: 90_000,
	expect: { timeout: 15_000 },
	workers: 1,
	retries: 0,
	reporter: [["list"]],
	use: {
		actionTimeout: 15_000,
		trace: "retain-on-failure",
		screenshot: "only-on-failure",
		launchOptions: {
			executablePath: process.env.PLAZA_CHROMIUM ?? "/usr/bin/chromium",
			args: [
				"--no-sandbox",
				"--disable-gpu",
				"--disable-background-networking",
				"--disable-component-update",
				"--no-first-run",
				"--use-fake-ui-for-media-stream",
				"--use-fake-device-for-media-stream",
			],
		},
	},
})
