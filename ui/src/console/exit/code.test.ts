import { expect, it } from "vitest"
import { readExitCode, toneOf } from "./code"

it("reads a code as typed, grouped, in a link or with a prefix", () => {
	expect(readExitCode(" ab12-cd34 ")).toBe("AB12CD34")
	expect(readExitCode("exit:ab12cd34")).toBe("AB12CD34")
	expect(readExitCode("https://plaza.example/x?exit=ab12cd34")).toBe("AB12CD34")
	expect(readExitCode("https://plaza.example/exit/ab12cd34")).toBe("AB12CD34")
	expect(readExitCode("  ")).toBe("")
})

it("lets out only on ok", () => {
	expect(toneOf("ok")).toBe("good")
	expect(toneOf("audit")).toBe("look")
	for (const result of ["already_used", "wrong_place", "expired", "unknown"] as const)
		expect(toneOf(result)).toBe("stop")
})
