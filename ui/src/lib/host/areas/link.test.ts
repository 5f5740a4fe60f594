import { expect, test } from "vitest"
import { linkOf } from "./link"

test("a link leads where its host says, encrypted", () => {
	expect(linkOf("https://tea.example/menu?x=1#top").href).toBe("https://tea.example/menu?x=1#top")
	expect(linkOf("http://tea.example/").href).toBe("https://tea.example/")
	expect(linkOf("https://xn--80ak6aa92e.com/").host).toBe("xn--80ak6aa92e.com")
	expect(linkOf("https://аррӏе.com/").host).toMatch(/^xn--/)
})

test.each([
	undefined,
	{},
	"",
	"tea.example",
	"javascript:alert(1)",
	"data:text/html,hello",
	"blob:https://tea.example/1",
	"file:///etc/passwd",
	"https://bank.example@tea.example/",
	"https://user:secret@tea.example/",
	"ftp://tea.example/",
	`https://tea.example/${"a".repeat(5_000)}`,
])("%j is not opened", (address) => {
	expect(() => linkOf(address)).toThrow("parameter error")
})
