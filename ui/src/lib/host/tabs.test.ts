import { expect, test } from "vitest"
import { checkTabs } from "./checks"

const entry = { text: "Home", icon: "img/a.png", selectedIcon: "", badge: "", dot: false }
const bar = (given: object) => ({
	list: [entry, entry],
	selected: 0,
	hidden: false,
	color: "",
	selectedColor: "",
	background: "",
	border: "black",
	...given,
})

test("a tab bar is drawn as it is told, in the package's own pictures", () => {
	expect(checkTabs(bar({ color: "#ff0000" }))).toEqual(bar({ color: "#ff0000" }))
	for (const icon of ["https://x.test/a.png", "../other/a.png", "//x.test/a", "javascript:x"])
		expect(checkTabs(bar({ list: [{ ...entry, icon }, entry] }))?.list[0]?.icon).toBe("")
	expect(checkTabs(bar({ color: "red;position:fixed" }))?.color).toBe("")
})

test("no bar for a page that is none of it, nor for nonsense", () => {
	for (const args of [
		null,
		{},
		{ list: "x" },
		bar({ selected: -1 }),
		bar({ hidden: true }),
		bar({ list: [entry] }),
	])
		expect(checkTabs(args)).toBeNull()
	expect(checkTabs(bar({ list: Array(50).fill(entry) }))?.list).toHaveLength(5)
})
