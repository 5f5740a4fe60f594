// What of a program's files a tab of the house's own origin may show: by its bytes, never by its name, and only what
// no browser runs.

const SIGNS: [type: string, bytes: number[]][] = [
	["application/pdf", [0x25, 0x50, 0x44, 0x46, 0x2d]],
	["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
	["image/jpeg", [0xff, 0xd8, 0xff]],
	["image/gif", [0x47, 0x49, 0x46, 0x38]],
]

/** The type by which the bytes can be shown, or nothing. Text is shown as text, whatever it would be elsewhere. */
export function viewable(bytes: Uint8Array): string {
	const found = SIGNS.find(([, sign]) => sign.every((byte, at) => bytes[at] === byte))
	if (found) return found[0]
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
		// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell text from other bytes.
		return text !== "" && !/[\0-\x08\x0e-\x1f]/.test(text) ? "text/plain;charset=utf-8" : ""
	} catch {
		return ""
	}
}
