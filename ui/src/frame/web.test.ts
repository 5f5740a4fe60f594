import { expect, test } from "vitest"
import { leaves } from "./web"

const here = "https://plaza.example/mp/wheel/abc/?lang=fr&theme=dark"

// A page may jump within itself; whatever else a link leads to would take the frame away from the host.
test("a place in the document is no other document", () => {
	expect(leaves("#answer", here)).toBe(false)
	expect(leaves("#", here)).toBe(false)
	expect(leaves(`${here}#top`, `${here}#answer`)).toBe(false)
})

test("everything else is", () => {
	for (const target of [
		"about.html",
		"about.html#top",
		"",
		"?page=2",
		"?lang=fr&theme=dark",
		"./#top",
		"https://evil.example/",
		"//evil.example/",
		"javascript:void 0",
		"mailto:a@b.example",
		"http://[",
	]) {
		expect(leaves(target, here), target).toBe(true)
	}
})
