import { expect, test } from "vitest"
import { readWeek, writeWeek } from "./week"

test("a week comes back as it was written", () => {
	for (const text of [
		"",
		"24/7",
		"Mo-Su 09:00-18:00",
		"Mo-Fr 09:00-12:00,14:00-19:00; Sa 10:00-13:00; PH off",
		"Mo 08:00-09:00; We-Th 10:00-24:00; Sa-Su 22:00-02:00",
		"PH off",
	]) {
		const week = readWeek(text)
		expect(week, text).not.toBeNull()
		expect(writeWeek(week as NonNullable<typeof week>)).toBe(text)
	}
})

test("what means the same is written the short way", () => {
	const said = (text: string) =>
		writeWeek(readWeek(text) as NonNullable<ReturnType<typeof readWeek>>)
	expect(said("09:00-18:00")).toBe("Mo-Su 09:00-18:00")
	expect(said("Mo-Su 10:00-20:00; Su off")).toBe("Mo-Sa 10:00-20:00")
	expect(said("Mo,We,Fr 10:00-12:00")).toBe("Mo 10:00-12:00; We 10:00-12:00; Fr 10:00-12:00")
	expect(said("Sa-Mo 10:00-12:00")).toBe("Mo 10:00-12:00; Sa-Su 10:00-12:00")
})

test("what says more than a week is left alone", () => {
	for (const text of [
		"Mo-Fr 09:00-sunset",
		"Jan-Mar Mo 09:00-10:00",
		'Mo-Fr 09:00-12:00 "by appointment"',
		"Mo[1] 09:00-10:00",
		"Mo-Fr 10:00+",
		"week 1-10 Mo 09:00-10:00",
		"Mo 25:00-26:00",
		"PH 10:00-12:00",
		"Mo-Fr 09:00-12:00 || Sa 10:00-11:00",
		"nonsense",
	])
		expect(readWeek(text), text).toBeNull()
})
