import { expect, test } from "vitest"
import support from "../../../internal/check/support.json"
import { exposeWeb, leaves } from "./web"

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

test("what reports say of window.plaza is what is there", () => {
	const scope: Record<string, unknown> = {
		fetch: () => {},
		document: { addEventListener: () => {} },
	}
	exposeWeb(scope as never)
	const names = Object.keys(scope.plaza as object).map((name) => `plaza.${name}`)
	expect(names.sort()).toEqual(Object.keys(support.web))
	// A page may have names of its own for all of it.
	for (const name of ["plaza", "localStorage", "sessionStorage", "fetch"])
		expect(Object.getOwnPropertyDescriptor(scope, name)).toMatchObject({
			configurable: true,
			writable: true,
		})
	expect(() => (scope.plaza as { database(): unknown }).database()).toThrow("no document or script")
	expect(() => (scope.plaza as { on(name: string): unknown }).on("pay")).toThrow(TypeError)
})
