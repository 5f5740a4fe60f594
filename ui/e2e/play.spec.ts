import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { resolve } from "node:path"
import type { Browser, FrameLocator, Page } from "@playwright/test"
import { expect, openProgram, type Plaza, signIn, test } from "./plaza"

const phone = {
	viewport: { width: 390, height: 844 },
	isMobile: true,
	hasTouch: true,
	locale: "en-GB",
}
const games = resolve(import.meta.dirname, "../../mini_programs")

interface Engine {
	begin(seed: number): { score: number }
	move(game: object, direction: number): object | null
	isOver(game: object): boolean
	pack(moves: number[]): string
}
const engine = createRequire(import.meta.url)(`${games}/tiles/lib/engine.js`) as Engine

async function phoneOf(browser: Browser, plaza: Plaza, account: string): Promise<Page> {
	const page = await (await browser.newContext(phone)).newPage()
	await signIn(page, `${plaza.url}/sign-in`, account)
	return page
}

/** A program as somebody has it open, without its page. */
async function launched(plaza: Plaza, account: string, appid: string) {
	const { token } = await plaza.call<{ token: string }>(account, `/api/mp/${appid}/launch`, {
		scene: 1001,
	})
	const as =
		(launch: string) =>
		async <T = unknown>(path: string, body: object): Promise<T> => {
			const answer = await fetch(`${plaza.url}/api/mp/${appid}/${path}`, {
				method: "POST",
				headers: {
					"Content-Type": "application/json",
					Authorization: await plaza.token(account),
					"X-Launch-Token": launch,
				},
				body: JSON.stringify(body),
			})
			return (await answer.json()) as T
		}
	return { ask: as(token), as }
}

/** Plays a whole game of Tiles as the function judges it; `forge` changes what is sent. */
async function playTiles(plaza: Plaza, account: string, most: number, forge = 0) {
	const { ask } = await launched(plaza, account, "tiles")
	const {
		result: { play, seed },
	} = await ask<{ result: { play: string; seed: number } }>("call/start", {
		event: { mode: "ranked" },
	})
	const game = engine.begin(seed)
	const moves: number[] = []
	for (let turn = 0; !engine.isOver(game) && moves.length < most; turn++)
		if (engine.move(game, turn % 4)) moves.push(turn % 4)
	const { result } = await ask<{ result: { rank?: number; refused?: string } }>("call/finish", {
		event: { play, score: game.score + forge, log: engine.pack(moves) },
	})
	return { score: game.score, ...result }
}

/** What is written on the canvases of all frames, since pictures have no words. */
async function drawn(page: Page): Promise<string> {
	const texts = await Promise.all(
		page
			.frames()
			.map((frame) =>
				frame.evaluate(() => (window as { drawn?: string[] }).drawn ?? []).catch(() => []),
			),
	)
	return texts.flat().join("\n")
}

test("Tiles is played with keys, a forged score is refused, and friends see friends alone", async ({
	browser,
	plaza,
}) => {
	const page = await phoneOf(browser, plaza, "person")
	await page.addInitScript(() => {
		const texts: string[] = []
		Object.assign(window, { drawn: texts })
		const { fillText } = CanvasRenderingContext2D.prototype
		CanvasRenderingContext2D.prototype.fillText = function (...given) {
			texts.push(given[0])
			return fillText.apply(this, given)
		}
	})
	await openProgram(page, `${plaza.url}/p/tiles`)
	await page.locator("iframe").first().focus()
	await expect.poll(() => drawn(page)).toContain("Just so")

	// The second button begins a game that counts; it is played, and finished by the person.
	await page.keyboard.press("2")
	await expect.poll(() => drawn(page)).toContain("Finish")
	for (let n = 0; n < 24; n++)
		await page.keyboard.press(["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"][n % 4] ?? "")
	await page.keyboard.press("2")
	await page.getByRole("button", { name: "Yes", exact: true }).click()
	await expect.poll(() => drawn(page)).toContain("You are number 1 this week")

	// A friend and a stranger are better; who sends more than they made is not believed.
	const friend = await playTiles(plaza, "neighbour1", 80)
	const stranger = await playTiles(plaza, "neighbour9", 70)
	expect([friend.rank, stranger.refused]).toEqual([1, undefined])
	expect((await playTiles(plaza, "neighbour9", 60, 4)).refused).toBe("score_differs")
	const { ask, as } = await launched(plaza, "person", "tiles")
	const forged = await ask("bridge/leaderboards.submit", {
		args: { board: "week", score: 999_999 },
	})
	expect(JSON.stringify(forged)).toContain("board_authoritative")

	// Friends are drawn where the game itself cannot read.
	await page.keyboard.press("4")
	await expect.poll(() => drawn(page)).toContain("All time")
	await page.keyboard.press("4")
	await expect.poll(() => drawn(page)).toContain("Adèle Moreau")
	expect(await drawn(page)).not.toContain("Gabriel Roux")
	const { token } = await ask<{ token: string }>("open-data", {})
	const { entries } = await as(token)<{ entries: { name: string }[] }>(
		"bridge/leaderboards.friends",
		{ args: { board: "week" } },
	)
	expect(entries.map(({ name }) => name)).toEqual(["Adèle Moreau", "Camille Martin"])
	expect(
		JSON.stringify(await ask("bridge/leaderboards.friends", { args: { board: "week" } })),
	).not.toContain("Adèle")
})

/** The right answers, from the file that no phone gets. */
const right = new Map(
	(readFileSync(`${games}/quiz/cloudfunctions/quiz/bank.js`, "utf8").split("`")[1] ?? "")
		.trim()
		.split("\n\n")
		.map((block) => {
			const [ask = "", answer = ""] = block.split("\n")[1]?.split("|") ?? []
			return [ask, answer] as const
		}),
)

/** Answers all questions, rightly or as it comes. */
async function answerAll(quiz: FrameLocator, rightly: boolean): Promise<void> {
	await quiz.getByRole("button", { name: "Play", exact: true }).click()
	for (let n = 1; n <= 8; n++) {
		await expect(quiz.getByText(`Question ${n} of 8`)).toBeVisible()
		const ask = (await quiz.locator(".question").textContent()) ?? ""
		const answer = quiz.locator(".answer", { hasText: right.get(ask.trim()) ?? "" })
		await (rightly ? answer.first() : quiz.locator(".answer").nth(n % 4)).click()
		await quiz.locator(".told .main").click()
	}
	await expect(quiz.getByText(/You are number \d of \d/)).toBeVisible()
}

test("two people play the quiz of the day, and its tournament pays once", async ({
	browser,
	plaza,
}) => {
	const ana = await phoneOf(browser, plaza, "person")
	const ben = await phoneOf(browser, plaza, "neighbour1")
	const quizOf = (page: Page) => openProgram(page, `${plaza.url}/p/quiz`)
	const [hers, his] = [await quizOf(ana), await quizOf(ben)]
	await Promise.all([answerAll(hers, true), answerAll(his, false)])
	await expect(hers.getByText("8 of 8 right")).toBeVisible()
	await expect(hers.getByText("1 day in a row")).toBeVisible()
	await his.getByRole("button", { name: "Back" }).click()
	await expect(his.getByText("2 played today")).toBeVisible()

	// There is one try a day.
	await expect(his.getByRole("button", { name: "See my result" })).toBeVisible()

	const points = async (account: string) => {
		const all = await plaza.call<{ org_name: string; spendable: number }[]>(account, "/api/loyalty")
		return all.find(({ org_name }) => org_name === "Plaza")?.spendable ?? 0
	}
	expect(await points("person")).toBe(0)
	try {
		const later = (hours: number) => plaza.moveClock(new Date(Date.now() + hours * 3_600_000))
		await later(25)
		await expect.poll(() => points("person"), { timeout: 15_000 }).toBe(100)
		await expect.poll(() => points("neighbour1")).toBe(60)
		await later(26)
		await plaza.call("operator", "/api/clock")
		expect(await points("person")).toBe(100)
	} finally {
		await plaza.resetClock()
	}
})

test("a guardian's limit closes games, whatever the child does, and the PIN opens them", async ({
	browser,
	plaza,
}) => {
	const page = await phoneOf(browser, plaza, "neighbour2")
	await page.goto(`${plaza.url}/playtime`)
	await page.getByRole("button", { name: "Set a limit" }).click()
	await page.getByLabel("Time for games").selectOption("15")
	await page.getByLabel("PIN of the guardian").fill("2468")
	await page.getByLabel("The PIN again").fill("2469")
	await page.getByRole("button", { name: "Save" }).click()
	await expect(page.getByText("The two are not the same")).toBeVisible()
	await page.getByLabel("The PIN again").fill("2468")
	await page.getByRole("button", { name: "Save" }).click()
	await expect(page.getByText("15 min left today")).toBeVisible()
	await openProgram(page, `${plaza.url}/p/tiles`)

	// A quarter of an hour of signs, as the open game gives them, by the server's clock.
	const began = Date.now()
	try {
		for (let n = 0; n <= 12; n++) {
			await plaza.moveClock(new Date(began + n * 80_000))
			await plaza.call("neighbour2", "/api/playtime/beat", { appid: "tiles" })
		}
		const over = page.getByText("That is all for today").last()
		await page.goto(`${plaza.url}/p/tiles`)
		await expect(over).toBeVisible()
		// A program of pages is a game, too, when its category says so.
		await openProgram(page, `${plaza.url}/p/quiz`)
		await expect(over).toBeVisible()
		await page.reload()
		await expect(over).toBeVisible()
		await expect(page.locator("iframe")).toHaveCount(0)
		await openProgram(page, `${plaza.url}/p/bins`)
		await expect(page.locator("iframe.drawn")).toBeVisible()

		await page.goto(`${plaza.url}/playtime`)
		await expect(page.getByText("Used up for today")).toBeVisible()
		await page.getByRole("button", { name: "Change the limit" }).click()
		await page.getByLabel("PIN", { exact: true }).fill("1111")
		await page.getByRole("button", { name: "Remove the limit" }).click()
		await expect(page.getByText("Wrong PIN. 4 tries left.")).toBeVisible()
		await page.getByLabel("PIN", { exact: true }).fill("2468")
		await page.getByRole("button", { name: "Remove the limit" }).click()
		await expect(page.getByText(/^No limit\./)).toBeVisible()
		await openProgram(page, `${plaza.url}/p/tiles`)
		await expect(page.locator("iframe.drawn").first()).toBeVisible()
	} finally {
		await plaza.resetClock()
	}
})

test("an invitation makes friends, and each of them can end it", async ({ browser, plaza }) => {
	const ana = await phoneOf(browser, plaza, "neighbour4")
	const ben = await phoneOf(browser, plaza, "neighbour5")
	await ana.goto(`${plaza.url}/friends`)
	await expect(ana.getByText("No friends yet")).toBeVisible()
	await ana.getByRole("button", { name: "Invite" }).click()
	const link = (await ana.getByRole("dialog").locator("bdi").textContent()) ?? ""
	await ana.getByRole("button", { name: "Close" }).click()

	await ben.goto(link)
	await expect(ben.getByText("Chloé Durand would like to be your friend")).toBeVisible()
	await ben.getByRole("button", { name: "Accept" }).click()
	await expect(ben.getByRole("list").getByText("Chloé Durand")).toBeVisible()
	await ana.reload()
	await expect(ana.getByText("陈杰")).toBeVisible()

	// What is taken away comes back by Undo; who is blocked does not come in again.
	await ana.getByRole("button", { name: "Remove 陈杰" }).click()
	await expect(ana.getByText("No friends yet")).toBeVisible()
	await ana.getByRole("button", { name: "Undo" }).click()
	await ana.getByRole("button", { name: "Block 陈杰" }).click()
	await expect(ana.getByRole("button", { name: "Unblock 陈杰" })).toBeVisible()
	await ben.goto(link)
	await ben.getByRole("button", { name: "Accept" }).or(ben.getByRole("alert")).first().waitFor()
	await expect(ben.getByText("does not hold any more")).toBeVisible()
})
