// A contact and an event as the files that phones and computers read.

import { words } from "../checks"
import { badArgs } from "../session"

/** Text of a line of vCard or iCalendar (RFC 6350 and 5545: backslash, comma, semicolon and newline are escaped). */
export function escaped(value: unknown): string {
	return words(value)
		.replace(/([\\,;])/g, "\\$1")
		.replace(/\r?\n/g, "\\n")
}

const PHONES = { mobilePhoneNumber: "CELL", workPhoneNumber: "WORK", homePhoneNumber: "HOME" }

/** A contact as vCard 3.0, which phones read. */
export function contact(given: Record<string, unknown>): string {
	const first = escaped(given.firstName)
	if (!first) throw badArgs
	const last = escaped(given.lastName)
	const lines = [
		"BEGIN:VCARD",
		"VERSION:3.0",
		`N:${last};${first};${escaped(given.middleName)};;`,
		`FN:${[first, last].filter(Boolean).join(" ")}`,
	]
	for (const [name, type] of Object.entries(PHONES))
		if (given[name]) lines.push(`TEL;TYPE=${type}:${escaped(given[name])}`)
	for (const [name, field] of [
		["organization", "ORG"],
		["title", "TITLE"],
		["email", "EMAIL"],
		["url", "URL"],
		["remark", "NOTE"],
	] as const)
		if (given[name]) lines.push(`${field}:${escaped(given[name])}`)
	return `${[...lines, "END:VCARD"].join("\r\n")}\r\n`
}

const RULES = { day: "DAILY", week: "WEEKLY", month: "MONTHLY", year: "YEARLY" }

/** An event as iCalendar; times are seconds since 1970, as in WeChat. */
export function calendar(given: Record<string, unknown>): string {
	const [start, end] = [Number(given.startTime), Number(given.endTime ?? given.startTime)]
	const title = escaped(given.title)
	if (!title || !(start > 0) || !(end >= start) || end > 32_503_680_000) throw badArgs
	const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, "")
	const rule = RULES[words(given.repeatInterval) as keyof typeof RULES]
	return `${[
		"BEGIN:VCALENDAR",
		"VERSION:2.0",
		"PRODID:-//Plaza//mini program//EN",
		"BEGIN:VEVENT",
		`UID:${start}-${crypto.getRandomValues(new Uint32Array(1))[0]}@plaza`,
		`DTSTAMP:${at(Date.now() / 1000)}`,
		`DTSTART:${at(start)}`,
		`DTEND:${at(end)}`,
		`SUMMARY:${title}`,
		`DESCRIPTION:${escaped(given.description)}`,
		`LOCATION:${escaped(given.location)}`,
		...(rule ? [`RRULE:FREQ=${rule}`] : []),
		"END:VEVENT",
		"END:VCALENDAR",
	].join("\r\n")}\r\n`
}
