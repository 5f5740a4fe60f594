import type { Page } from "@playwright/test"
import { expect, openProgram, password, signIn, test } from "./plaza"

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

/** A library: its first page lists, its second shows what a link asked for. */
function library(appid: string, more: { names?: object; scopes?: string[]; code?: number } = {}) {
	const { names = {}, scopes = [], code = 1 } = more
	return {
		"app.json": JSON.stringify({ pages: ["pages/home/home", "pages/book/book"] }),
		"app.js": "App({})",
		"manifest.json": JSON.stringify({
			app_id: appid,
			name: "Quarter Library",
			description: "Borrow a book around the corner.",
			version: { code, name: `1.${code}` },
			platform_version: { min_code: 1 },
			icons: [],
			pages: ["pages/home/home", "pages/book/book"],
			x_plaza: { category: "education", icon: "book-open", color: "#4a3f8f", names, scopes },
		}),
		"pages/home/home.json": JSON.stringify({ navigationBarTitleText: "Shelves" }),
		"pages/home/home.wxml": `<view>All shelves, edition ${code}</view>`,
		"pages/home/home.js": "Page({})",
		"pages/book/book.json": JSON.stringify({ navigationBarTitleText: "A book" }),
		"pages/book/book.wxml": "<view>Book {{id}}, shelf {{shelf}}</view>",
		"pages/book/book.js":
			"Page({ data: { id: '', shelf: '' }, onLoad(query) { this.setData({ id: query.id, shelf: query.shelf }) } })",
	}
}

async function phoneOf(browser: import("@playwright/test").Browser, locale: string): Promise<Page> {
	return (await browser.newContext({ ...phone, locale })).newPage()
}

test("a person finds a program in French, reads what it can see, opens it and rates it", async ({
	browser,
	plaza,
}) => {
	await plaza.publish(
		"quarter-library",
		library("quarter-library", {
			names: { en: "Quarter Library", fr: "Bibliothèque du quartier", zh: "社区图书馆" },
			scopes: ["profile"],
		}),
	)
	const page = await phoneOf(browser, "fr-FR")
	await page.goto(`${plaza.url}/sign-in`)
	await page.getByLabel(/e-?mail/i).fill("person@plaza.example")
	await page.getByLabel("Mot de passe", { exact: true }).fill(password)
	await page.getByRole("button", { name: "Se connecter" }).click()

	// Without accents, and with a letter wrong.
	await page.getByRole("searchbox").fill("bibliotheqe quartier")
	const found = page.getByRole("link", { name: "Bibliothèque du quartier", exact: true })
	await expect(found).toBeVisible()
	await found.click()

	await expect(page.getByRole("heading", { name: "Bibliothèque du quartier" })).toBeVisible()
	await expect(page.getByRole("heading", { name: "Ce qu’il peut voir" })).toBeVisible()
	await expect(page.getByText("Voir votre nom et votre langue")).toBeVisible()
	await expect(
		page.getByText("Vous pourrez donner votre avis après l’avoir utilisé."),
	).toBeVisible()

	await page.getByRole("link", { name: "Ouvrir", exact: true }).click()
	const first = page.getByRole("dialog")
	await expect(first).toContainText("Atelier Lune")
	await expect(first).toContainText("Voir votre nom et votre langue")
	await first.getByRole("button", { name: "Ouvrir", exact: true }).click()
	await expect(page.frameLocator("iframe").getByText("All shelves, edition 1")).toBeVisible()
	await page.getByRole("button", { name: "Fermer Bibliothèque du quartier" }).click()

	await page.getByRole("button", { name: /Donner 4 étoiles/ }).click()
	await page.getByLabel(/Que devraient savoir/).fill("Enfin un livre sans traverser la ville.")
	await page.getByRole("button", { name: "Publier" }).click()
	await expect(page.getByText("Merci, votre avis est publié")).toBeVisible()
	await expect(page.getByText("Enfin un livre sans traverser la ville.")).toBeVisible()
	await expect(page.getByRole("heading", { name: "Votre avis", exact: true })).toBeVisible()

	// Known by now: it opens without a word, and stands among the recent ones.
	await page.getByRole("link", { name: "Ouvrir", exact: true }).click()
	await expect(page.frameLocator("iframe").getByText("All shelves")).toBeVisible()
	await page.goto(plaza.url)
	await page.getByRole("button", { name: /Tirez/ }).click()
	await expect(
		page.getByRole("region", { name: "Récemment utilisés" }).getByText("Bibliothèque du quartier"),
	).toBeVisible()
})

test("what the operator takes down covers the open page with the reason", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("short-lived", library("short-lived"))
	const page = await phoneOf(browser, "en-GB")
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/short-lived`)
	await expect(frame.getByText("All shelves")).toBeVisible()

	const takedown = await plaza.call<{ id: string }>("operator", "/api/takedowns", {
		scope: "program",
		appid: "short-lived",
		rule: "1.1",
		reason: "It lends what it does not have.",
		notice: "Please return borrowed books to the town hall.",
	})
	await expect(page.getByRole("heading", { name: /was taken down/ })).toBeVisible({
		timeout: 8_000,
	})
	await expect(page.locator("iframe")).toHaveCount(0)
	await expect(page.getByText("Please return borrowed books to the town hall.")).toBeVisible()

	// Nobody can open it any more, and it says why; restored, it opens again.
	await page.goto(`${plaza.url}/p/short-lived`)
	await expect(page.getByRole("heading", { name: /was taken down/ })).toBeVisible()
	await plaza.call("operator", `/api/takedowns/${takedown.id}/restore`, { answer: "Settled." })
	await openProgram(page, `${plaza.url}/p/short-lived`)
	await expect(page.frameLocator("iframe").getByText("All shelves")).toBeVisible()
})

test("an open page offers the next release, and says when the program was ended", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("moving-on", library("moving-on"))
	const page = await phoneOf(browser, "en-GB")
	await signIn(page, `${plaza.url}/sign-in`, "person")
	const frame = await openProgram(page, `${plaza.url}/p/moving-on`)
	await expect(frame.getByText("edition 1")).toBeVisible()
	await plaza.publish("moving-on", library("moving-on", { code: 2 }))
	await page.getByRole("button", { name: "Reload" }).click()
	await expect(frame.getByText("edition 2")).toBeVisible()
	await plaza.call("creator", "/api/mp/moving-on", undefined, "DELETE")
	await expect(page.getByRole("heading", { name: /no longer exists/ })).toBeVisible()
	await expect(page.locator("iframe")).toHaveCount(0)
})

test("a short link opens its page with its query, until it is taken back", async ({
	browser,
	plaza,
}) => {
	await plaza.publish("by-link", library("by-link"))
	const link = await plaza.call<{ code: string; id?: string }>("creator", "/api/mp/by-link/links", {
		name: "Shelf 12",
		path: "pages/book/book",
		query: "id=moby-dick&shelf=12",
		scene: 1011,
	})
	const page = await phoneOf(browser, "en-GB")
	await signIn(page, `${plaza.url}/sign-in?next=/m/${link.code}`, "person")
	await expect(page.frameLocator("iframe").getByText("Book moby-dick, shelf 12")).toBeVisible()

	// The page is shared as it is.
	await page.getByRole("button", { name: "More about Quarter Library" }).click()
	await page.getByRole("button", { name: "Share", exact: true }).click()
	await expect(page.getByRole("img", { name: "Code that opens Quarter Library" })).toBeVisible()
	await page.getByRole("dialog").getByRole("button", { name: "Close" }).click()

	await plaza.call("creator", `/api/mp/by-link/links/${link.code}`, undefined, "DELETE")
	// In another tab: this one may still be stepping back out of its sheet.
	const later = await page.context().newPage()
	await later.goto(`${plaza.url}/m/${link.code}`)
	await expect(later.getByRole("heading", { name: "This link no longer works" })).toBeVisible()
	await later.goto(`${plaza.url}/m/0000000000`)
	await expect(later.getByRole("heading", { name: "This link is unknown" })).toBeVisible()
})

test("what nobody has reviewed says so before and while it is open", async ({ browser, plaza }) => {
	await plaza.publish("unseen", library("unseen"), { reviewed: false })
	const page = await phoneOf(browser, "en-GB")
	await signIn(page, `${plaza.url}/sign-in`, "person")
	await page.goto(`${plaza.url}/p/unseen`)
	await expect(page.getByRole("dialog")).toContainText("The operator has not reviewed this program")
	await page.getByRole("button", { name: "Open", exact: true }).click()
	await expect(page.frameLocator("iframe").getByText("All shelves")).toBeVisible()
	await expect(page.getByText("Not reviewed by the operator: no payments")).toBeVisible()
})

test("favourites are kept, put in order by keyboard, and taken out again", async ({
	browser,
	plaza,
}) => {
	await plaza.call("person", "/api/mp/mine", { favorites: [] }, "PUT")
	const page = await (
		await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" })
	).newPage()
	// What this device kept by itself, before the server could, moves there once; what is gone stays behind.
	await page.goto(plaza.url)
	await page.evaluate(() =>
		localStorage.setItem("plaza.programs.mine", JSON.stringify(["no-such-program", "market"])),
	)
	await signIn(page, `${plaza.url}/sign-in`, "person")
	await expect(page.getByRole("region", { name: "My programs" }).getByRole("link")).toHaveText([
		"Market",
	])
	await plaza.publish("kept", library("kept"))
	await page.goto(`${plaza.url}/store/kept`)
	await page.getByRole("button", { name: "Add to my programs" }).click()
	await expect(page.getByRole("button", { name: "Remove from my programs" })).toBeVisible()

	await page.goto(plaza.url)
	const mine = page.getByRole("region", { name: "My programs" })
	await expect(mine.getByRole("link")).toHaveText(["Market", "Quarter Library"])
	await mine.getByRole("button", { name: "Edit" }).click()
	await page.getByRole("button", { name: "Move Quarter Library up" }).press("Enter")
	await expect(mine.getByRole("link")).toHaveText(["Quarter Library", "Market"])
	await page.reload()
	await expect(mine.getByRole("link")).toHaveText(["Quarter Library", "Market"])
	await mine.getByRole("button", { name: "Edit" }).click()
	await page.getByRole("button", { name: "Remove Market", exact: true }).click()
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(mine.getByRole("link")).toHaveText(["Quarter Library", "Market"])
})
