import { describe, expect, test } from "vitest"
import { calendar, contact, escaped } from "./cards"
import { nameOf } from "./save"
import { felt } from "./sensors"

describe("files for the device", () => {
	test("a contact says what it was told, and nothing can add a line to it", () => {
		const card = contact({
			firstName: "Ann\nTEL:666",
			lastName: "O'Neil; the 2nd",
			mobilePhoneNumber: "+33 1",
		})
		expect(card.split("\r\n")).toEqual([
			"BEGIN:VCARD",
			"VERSION:3.0",
			"N:O'Neil\\; the 2nd;Ann\\nTEL:666;;;",
			"FN:Ann\\nTEL:666 O'Neil\\; the 2nd",
			"TEL;TYPE=CELL:+33 1",
			"END:VCARD",
			"",
		])
		expect(() => contact({ lastName: "nobody" })).toThrow("parameter error")
	})

	test("an event has its hours in UTC and its repetition", () => {
		const event = calendar({
			title: "Market, fish",
			startTime: 1_764_000_000,
			endTime: 1_764_003_600,
			repeatInterval: "week",
		})
		expect(event).toContain("DTSTART:20251124T160000Z\r\nDTEND:20251124T170000Z")
		expect(event).toContain("SUMMARY:Market\\, fish\r\n")
		expect(event).toContain("RRULE:FREQ=WEEKLY\r\n")
		for (const bad of [
			{ title: "", startTime: 1 },
			{ title: "x", startTime: "soon" },
			{ title: "x", startTime: 5, endTime: 4 },
			{ title: "x", startTime: 1, endTime: 1e300 },
		])
			expect(() => calendar(bad)).toThrow("parameter error")
	})

	test.each([
		["wxfile://usr/a/photo.jpg", "photo.jpg"],
		["..\\..\\autorun.inf", "autorun.inf"],
		["../../.bashrc", "bashrc"],
		["été 1.png", "été 1.png"],
		["\u202egpj.exe", "gpj.exe"],
		["", "file"],
		[{}, "file"],
	])("a file called %j is saved as %j", (given, name) => {
		expect(nameOf(given)).toBe(name)
	})

	test("text is escaped as vCard and iCalendar ask", () => {
		expect(escaped("a\\b,c;d\r\ne")).toBe("a\\\\b\\,c\\;d\\ne")
	})
})

describe("what a device feels, in WeChat's units", () => {
	const event = (values: object) => values as unknown as Event
	test("at rest the accelerometer says one", () => {
		const rest = event({ accelerationIncludingGravity: { x: 0, y: 0, z: 9.80665 } })
		expect(felt("accelerometer", rest)).toEqual({ x: 0, y: 0, z: 1 })
	})
	test("the compass counts clockwise from north", () => {
		expect(felt("compass", event({ alpha: 90 }))).toMatchObject({ direction: 270 })
		expect(felt("compass", event({ alpha: 0 }))).toMatchObject({ direction: 0 })
		expect(felt("compass", event({ alpha: null, webkitCompassHeading: 45 }))).toMatchObject({
			direction: 45,
		})
	})
	test("a device without the sensor says nothing", () => {
		expect(felt("accelerometer", event({ accelerationIncludingGravity: null }))).toBeNull()
		expect(felt("gyroscope", event({ rotationRate: { alpha: null } }))).toBeNull()
		expect(felt("compass", event({ alpha: null }))).toBeNull()
		expect(felt("motion", event({ alpha: null }))).toBeNull()
	})
})
