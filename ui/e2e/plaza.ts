import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { test as base, type FrameLocator, type Page } from "@playwright/test"
import { zip } from "./zip"

/** Everybody's password in a demonstration. */
export const password = "plaza-demo-2026"

/** A real server in a folder of its own, with the demonstration in it. */
export class Plaza {
	constructor(
		readonly url: string,
		private readonly process: ChildProcess,
		private readonly dir: string,
	) {}

	/** `more` are further flags of `plaza serve`. */
	static async start(more: string[] = []): Promise<Plaza> {
		const dir = await mkdtemp(join(tmpdir(), "plaza-e2e-"))
		const address = `127.0.0.1:${await freePort()}`
		const program = process.env.PLAZA_BINARY ?? resolve(import.meta.dirname, "../../plaza")
		const child = spawn(program, ["serve", "--demo", "--http", address, "--dir", dir, ...more], {
			stdio: ["ignore", "inherit", "inherit"],
		})
		const plaza = new Plaza(`http://${address}`, child, dir)
		await plaza.answers("/api/plaza")
		await plaza.answers("/api/collections/programs/records?filter=appid%3D%22market%22", (body) =>
			body.includes('"live"'),
		)
		return plaza
	}

	/** Waits until the path answers, and answers what is wanted. */
	private async answers(
		path: string,
		wanted: (body: string) => boolean = () => true,
	): Promise<void> {
		const until = Date.now() + 60_000
		for (;;) {
			const body = await fetch(this.url + path)
				.then((answer) => (answer.ok ? answer.text() : undefined))
				.catch(() => undefined)
			if (body !== undefined && wanted(body)) return
			if (Date.now() > until) throw new Error(`${path} did not answer as wanted: ${body}`)
			await new Promise((done) => setTimeout(done, 50))
		}
	}

	/** Signs an account in, once: guessing passwords is slow on purpose. */
	token(account: string): Promise<string> {
		let token = this.tokens.get(account)
		if (token === undefined) {
			token = this.signIn(account)
			this.tokens.set(account, token)
		}
		return token
	}

	private readonly tokens = new Map<string, Promise<string>>()

	private async signIn(account: string): Promise<string> {
		const answer = await fetch(`${this.url}/api/collections/users/auth-with-password`, {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ identity: `${account}@plaza.example`, password }),
		})
		return ((await answer.json()) as { token: string }).token
	}

	/** Calls the API as an account: GET without a body, POST with one, unless told otherwise. */
	async call<T>(
		account: string,
		path: string,
		body?: unknown,
		method = body === undefined ? "GET" : "POST",
	): Promise<T> {
		const answer = await fetch(this.url + path, {
			method,
			headers: { "Content-Type": "application/json", Authorization: await this.token(account) },
			body: body === undefined ? undefined : JSON.stringify(body),
		})
		const text = await answer.text()
		if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
		return (text === "" ? undefined : JSON.parse(text)) as T
	}

	/** Uploads a creator's program as they would, without releasing it. */
	async upload(appid: string, files: Record<string, string>): Promise<{ number: number }> {
		const orgs = await this.call<{ items: { id: string }[] }>(
			"creator",
			"/api/collections/orgs/records?filter=slug%3D%22atelier-lune%22",
		)
		const path = `/api/mp/${appid}/versions?org=${orgs.items[0]?.id}`
		const answer = await fetch(this.url + path, {
			method: "POST",
			headers: { Authorization: await this.token("creator"), "Content-Type": "application/zip" },
			body: new Uint8Array(zip(files)),
		})
		const text = await answer.text()
		if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
		return JSON.parse(text) as { number: number }
	}

	/** Uploads a program, has the operator approve it if it is to be reviewed, and releases it to everybody. */
	async publish(
		appid: string,
		files: Record<string, string>,
		{ reviewed = true } = {},
	): Promise<number> {
		const { number } = await this.upload(appid, files)
		const version = `/api/mp/${appid}/versions/${number}`
		if (reviewed) {
			const review = await this.call<{ id: string }>("creator", `${version}/submit`, { notes: "" })
			await this.call("operator", `/api/reviews/${review.id}/claim`, {})
			await this.call("operator", `${version}/approve`, { note: "" })
		}
		await this.call("creator", `${version}/release`, { percent: 100 })
		return number
	}

	/** Moves the server's clock; the pages' own clocks stay. */
	moveClock(at: Date): Promise<unknown> {
		return this.call("operator", "/api/demo/clock", { at: at.toISOString() })
	}

	resetClock(): Promise<unknown> {
		return this.call("operator", "/api/demo/clock", { reset: true })
	}

	async stop(): Promise<void> {
		const ended = new Promise((done) => this.process.once("exit", done))
		this.process.kill("SIGINT")
		await ended
		await rm(this.dir, { recursive: true, force: true })
	}
}

function freePort(): Promise<number> {
	return new Promise((done, failed) => {
		const server = createServer()
		server.once("error", failed)
		server.listen(0, "127.0.0.1", () => {
			const address = server.address()
			server.close(() =>
				typeof address === "object" && address ? done(address.port) : failed(new Error("no port")),
			)
		})
	})
}

export const test = base.extend<object, { plaza: Plaza }>({
	plaza: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern
		async ({}, use) => {
			const plaza = await Plaza.start()
			await use(plaza)
			await plaza.stop()
		},
		{ scope: "worker", timeout: 90_000 },
	],
})

export { expect } from "@playwright/test"

/** Signs in on the page that is open. */
export async function signIn(page: Page, url: string, account: string): Promise<void> {
	await page.goto(url)
	await page.getByLabel(/e-?mail/i).fill(`${account}@plaza.example`)
	await page.getByLabel("Password", { exact: true }).fill(password)
	await page.getByRole("button", { name: /^sign in$/i }).click()
	await page.getByRole("button", { name: /^sign in$/i }).waitFor({ state: "detached" })
}

/** Opens a program's address; before a first open, agrees to what the program can see. */
export async function openProgram(page: Page, url: string): Promise<FrameLocator> {
	await page.goto(url)
	const open = page.getByRole("dialog").getByRole("button", { name: "Open", exact: true })
	await open.or(page.locator("iframe.drawn")).first().waitFor()
	if (await open.isVisible()) await open.click()
	return page.frameLocator("iframe")
}

/** What a program keeps on the device under a name that ends so, once it is written; "" before. */
export function keptOnDevice(page: Page, name: string): Promise<string> {
	return page.evaluate(
		(name) =>
			new Promise<string>((resolve) => {
				const opening = indexedDB.open("plaza.programs")
				opening.onerror = () => resolve("")
				opening.onsuccess = () => {
					const all = opening.result.transaction("storage").objectStore("storage").getAll()
					all.onsuccess = () => {
						const entries = all.result.flatMap((kept: Record<string, string>) =>
							Object.entries(kept),
						)
						resolve(entries.find(([key]) => key.endsWith(name))?.[1] ?? "")
						opening.result.close()
					}
				}
			}),
		name,
	)
}
