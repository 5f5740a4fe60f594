// What the scripts that measure programs share: a throwaway server with one project, and its frame in Chromium.
import { spawn } from "node:child_process"
import { join, resolve } from "node:path"
import { chromium } from "@playwright/test"

/** The folder of the whole project. */
export const root = resolve(import.meta.dirname, "../..")

/** The binary that is tried. */
export const binary = process.env.PLAZA_BINARY ?? join(root, "plaza")

/** The value after an option of the command line, or "". */
export const option = (name) =>
	process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : ""

/** Starts `plaza mp dev` on a project and answers the address of its page. */
export function serve(dir) {
	const child = spawn(binary, ["mp", "dev", dir, "--http", "127.0.0.1:0"], {
		stdio: ["ignore", "pipe", process.env.VERBOSE ? "inherit" : "ignore"],
	})
	return new Promise((done, failed) => {
		child.stdout.once("data", (line) => done({ child, url: String(line).trim() }))
		child.once("exit", (code) => failed(new Error(`plaza mp dev ended with ${code}`)))
	})
}

/** Ends what `serve` started. */
export async function end(child) {
	const ended = new Promise((done) => child.once("exit", done))
	child.kill("SIGINT")
	await ended
}

/** Debian's Chromium, as the browser stories have it. */
export const browse = () =>
	chromium.launch({
		executablePath: process.env.PLAZA_CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
	})

/** A telephone's screen; $PLAZA_FRAME names another build of the runtime, to try it without building everything. */
export async function telephone(browser, settings = {}) {
	const context = await browser.newContext({
		// A runtime that the policy of its document does not name runs only without the policy.
		bypassCSP: Boolean(process.env.PLAZA_FRAME),
		viewport: { width: 390, height: 844 },
		hasTouch: true,
		isMobile: true,
		...settings,
	})
	if (process.env.PLAZA_FRAME)
		await context.route("**/frame/frame-*.js", (route) =>
			route.fulfill({
				path: process.env.PLAZA_FRAME,
				contentType: "text/javascript",
				headers: { "access-control-allow-origin": "*" },
			}),
		)
	return context
}

/** The program's frame on the page of `plaza mp dev`, once `ready` is true in it. */
export async function programFrame(page, ready, tries = 600) {
	for (let tried = 0; tried < tries; tried++) {
		const open = page.frames().flatMap((frame) => (frame.url().includes("/p/") ? [frame] : []))[0]
		await open
			?.getByRole("button", { name: "Open", exact: true })
			.click({ timeout: 50 })
			.catch(() => {})
		for (const frame of page.frames())
			if (frame.url().includes("/mp/") && (await frame.evaluate(ready).catch(() => false)))
				return frame
		await new Promise((done) => setTimeout(done, 100))
	}
	throw new Error("the program did not open")
}
