import { expect, it } from "vitest"
import { Attempts, readExitCode, toneOf } from "./code"

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

it("asks again under the same key until an answer comes", () => {
	let made = 0
	const attempts = new Attempts(() => `key ${++made}`)
	expect(attempts.key("AB", "door", 0)).toBe("key 1")
	expect(attempts.key("AB", "door", 5_000)).toBe("key 1")
	attempts.settle()
	expect(attempts.key("AB", "door", 6_000)).toBe("key 2")
})

it("makes a new key for another code, another door or a minute later", () => {
	let made = 0
	const attempts = new Attempts(() => `key ${++made}`)
	expect(attempts.key("AB", "door", 0)).toBe("key 1")
	expect(attempts.key("CD", "door", 1)).toBe("key 2")
	expect(attempts.key("CD", "back", 2)).toBe("key 3")
	expect(attempts.key("CD", "back", 70_000)).toBe("key 4")
})
