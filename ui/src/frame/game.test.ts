import { expect, test } from "vitest"
import { inPackage } from "./game"

// A game names its files from the package's root; the frame's document lies one folder above them.
test("a file of the package is looked for in the package", () => {
	expect(inPackage("images/hero.png")).toBe("res/images/hero.png")
	expect(inPackage("/images/hero.png")).toBe("res/images/hero.png")
	expect(inPackage("./images/hero.png")).toBe("res/images/hero.png")
})

test("what has a scheme stays, and the policy decides", () => {
	for (const src of ["data:image/png;base64,AA==", "blob:null/1", "https://evil.example/a.png"])
		expect(inPackage(src)).toBe(src)
	// Without one it is no address of another machine either.
	expect(inPackage("//evil.example/a.png")).toBe("res/evil.example/a.png")
})
