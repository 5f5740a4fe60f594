import { expect, type Page } from "@playwright/test"

/** Opens a program's review from the queue, by keyboard, and claims it. */
export async function claim(page: Page, appid: string, name: string): Promise<void> {
	await page
		.getByRole("link", { name: /^Reviews/ })
		.first()
		.click()
	const row = page.getByRole("button", { name: new RegExp(` ${appid} `) })
	await expect(row).toBeVisible()
	await row.focus()
	await page.keyboard.press("Enter")
	await expect(page.getByRole("heading", { level: 1, name: `${name}, version 1` })).toBeVisible()
	await page.keyboard.press("c")
	await expect(page.getByText(/^Yours until/)).toBeVisible()
}

/** Rejects what is on the desk: a rule found by typing, words of one's own, a file and a line. */
export async function reject(
	page: Page,
	rule: { typed: string; id: string },
	reason: string,
	place: { where: string; what: string },
): Promise<void> {
	await page.keyboard.press("r")
	const sheet = page.getByRole("dialog")
	const rules = sheet.getByRole("combobox", { name: "Rule" })
	await expect(rules).toBeFocused()
	await rules.fill(rule.typed)
	await page.keyboard.press("Enter")
	const words = sheet.getByLabel("Reason")
	// In the language of whoever submitted it, until the reviewer chooses another.
	await expect(words).toHaveValue(new RegExp(`^规则 ${rule.id}`))
	await sheet.getByLabel("The makers read").selectOption("en")
	await expect(words).toHaveValue(new RegExp(`^Rule ${rule.id}`))
	// The rule alone is no reason.
	await page.keyboard.press("Control+s")
	await expect(sheet.getByText(/the rule alone helps nobody/)).toBeVisible()
	await words.press("Control+End")
	await words.pressSequentially(` ${reason}`)
	await sheet.getByLabel("File and line").fill(place.where)
	await sheet.getByLabel("What is there").fill(place.what)
	await page.keyboard.press("Enter")
	await expect(sheet.getByText(place.what)).toBeVisible()
	await page.keyboard.press("Control+s")
	const last = page.getByRole("dialog").last()
	await expect(last.getByText("This is final.", { exact: false })).toBeVisible()
	await expect(last.getByText(place.what)).toBeVisible()
	await last.getByRole("button", { name: "Reject", exact: true }).click()
	await expect(page.getByText(/is rejected, with your reasons/)).toBeVisible()
}

/** Approves what is on the desk without touching the mouse. */
export async function approve(page: Page, note: string): Promise<void> {
	await page.keyboard.press("a")
	await expect(page.getByLabel("Note")).toBeFocused()
	await page.keyboard.type(note)
	await page.keyboard.press("Enter")
	await expect(page.getByText(/is approved$/)).toBeVisible()
}

/** Takes a program down from its own page. */
export async function takeDown(
	page: Page,
	appid: string,
	{ rule, reason, notice }: { rule: string; reason: string; notice: string },
): Promise<void> {
	await page.getByRole("link", { name: "Mini programs" }).first().click()
	await page.getByRole("searchbox").fill(appid)
	await page.getByRole("button", { name: new RegExp(appid) }).click()
	await page.getByRole("link", { name: "Take down…" }).click()
	const sheet = page.getByRole("dialog")
	await expect(sheet.getByText(appid, { exact: true })).toBeVisible()
	await sheet.getByRole("combobox", { name: /^Rule/ }).fill(rule)
	await sheet.getByRole("combobox", { name: /^Rule/ }).press("Enter")
	await sheet.getByLabel("Reason, for the makers").fill(reason)
	await sheet.getByLabel("Notice, for people").fill(notice)
	await sheet.getByRole("button", { name: "Look over…" }).click()
	await page.getByRole("dialog").last().getByRole("button", { name: "Take down" }).click()
	await expect(page.getByText(/is taken down$/)).toBeVisible()
}

/** Restores what was taken down, with an answer. */
export async function restore(page: Page, name: string, answer: string): Promise<void> {
	await page
		.getByRole("link", { name: /^Takedowns/ })
		.first()
		.click()
	await page.getByRole("button", { name: new RegExp(`^${name}`) }).click()
	const sheet = page.getByRole("dialog")
	await sheet.getByRole("button", { name: "Restore…" }).click()
	await sheet.getByLabel("Answer, for the makers").fill(answer)
	await sheet.getByRole("button", { name: "Restore", exact: true }).click()
	await expect(page.getByText(/is restored$/)).toBeVisible()
}
