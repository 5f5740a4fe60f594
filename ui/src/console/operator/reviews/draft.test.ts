import { expect, it } from "vitest"
import { placeText, readPlace, ruleIn, withTemplate } from "./draft"

const rule = { id: "3.1", titles: { en: "Ask", fr: "Demander" }, texts: { en: "Only", fr: "" } }

it("speaks the language of the makers, and English where the rule does not", () => {
	expect(ruleIn(rule, "fr")).toEqual({ title: "Demander", text: "Only" })
	expect(ruleIn(rule, "zh")).toEqual({ title: "Ask", text: "Only" })
})

it("puts the words of a rule in the place of another's, and keeps what was written", () => {
	expect(withTemplate("", "", "Rule 1.")).toBe("Rule 1.")
	expect(withTemplate("Rule 1.", "Rule 1.", "Rule 2.")).toBe("Rule 2.")
	expect(withTemplate("Rule 1. On page two.", "Rule 1.", "Rule 2.")).toBe("Rule 2. On page two.")
	expect(withTemplate("On page two.", "", "Rule 2.")).toBe("Rule 2.\nOn page two.")
})

it("reads a place as the check report writes it", () => {
	expect(readPlace("pages/a.js:12:4")).toEqual({ file: "pages/a.js", line: 12 })
	expect(readPlace("pages/a.js")).toEqual({ file: "pages/a.js", line: 0 })
	expect(readPlace(" a:b.js:3 ")).toEqual({ file: "a:b.js", line: 3 })
	expect(placeText({ file: "a.js", line: 0 })).toBe("a.js")
})
