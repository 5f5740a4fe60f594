import { crc32 } from "node:zlib"
import type { Locator } from "@playwright/test"

/** A zip archive of text files, stored and not compressed: enough for a program in a story. */
export function zip(files: Record<string, string>): Buffer {
	const parts: Buffer[] = []
	const directory: Buffer[] = []
	let offset = 0
	for (const [path, text] of Object.entries(files)) {
		const name = Buffer.from(path)
		const data = Buffer.from(text)
		const local = Buffer.alloc(30)
		local.writeUInt32LE(0x04034b50, 0)
		local.writeUInt16LE(20, 4)
		local.writeUInt16LE(0x0800, 6) // names are UTF-8
		local.writeUInt32LE(crc32(data), 14)
		local.writeUInt32LE(data.length, 18)
		local.writeUInt32LE(data.length, 22)
		local.writeUInt16LE(name.length, 26)
		const entry = Buffer.alloc(46)
		entry.writeUInt32LE(0x02014b50, 0)
		entry.writeUInt16LE(20, 4)
		local.copy(entry, 6, 4, 30)
		entry.writeUInt32LE(offset, 42)
		parts.push(local, name, data)
		directory.push(entry, name)
		offset += local.length + name.length + data.length
	}
	const size = directory.reduce((sum, part) => sum + part.length, 0)
	const end = Buffer.alloc(22)
	end.writeUInt32LE(0x06054b50, 0)
	end.writeUInt16LE(Object.keys(files).length, 8)
	end.writeUInt16LE(Object.keys(files).length, 10)
	end.writeUInt32LE(size, 12)
	end.writeUInt32LE(offset, 16)
	return Buffer.concat([...parts, ...directory, end])
}

/** A small program of two pages, as a project folder; `files` replace or add some of it. */
export function teaHouse(
	appid: string,
	files: Record<string, string> = {},
): Record<string, string> {
	const pages = ["pages/menu/menu", "pages/table/table"]
	return {
		"app.json": JSON.stringify({ pages }),
		"app.js": "App({})",
		"manifest.json": JSON.stringify(
			{
				app_id: appid,
				name: "Moon Tea",
				description: "Order tea from your table.",
				version: { code: 1, name: "1.0" },
				platform_version: { min_code: 1 },
				icons: [],
				pages,
				x_plaza: {
					category: "food",
					scopes: ["profile"],
					names: { en: "Moon Tea", fr: "Thé de lune", zh: "月茶" },
					descriptions: {
						en: "Order tea from your table.",
						fr: "Commandez le thé depuis votre table.",
						zh: "在座位上点茶。",
					},
				},
			},
			null,
			"\t",
		),
		"pages/menu/menu.wxml":
			'<view>\n\t<text>Tea of the day</text>\n\t<button bindtap="go">Sit down</button>\n</view>\n',
		"pages/menu/menu.js":
			'Page({\n\tgo() {\n\t\twx.navigateTo({ url: "/pages/table/table" })\n\t},\n})\n',
		"pages/table/table.wxml": "<view>Your table</view>\n",
		"pages/table/table.js": "Page({})\n",
		...files,
	}
}

/** Drops a file on the element, as a hand would. */
export async function drop(onto: Locator, name: string, bytes: Buffer): Promise<void> {
	const dataTransfer = await onto.page().evaluateHandle(
		({ name, base64 }) => {
			const data = new DataTransfer()
			const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
			data.items.add(new File([bytes], name, { type: "application/zip" }))
			return data
		},
		{ name, base64: bytes.toString("base64") },
	)
	await onto.dispatchEvent("dragover", { dataTransfer })
	await onto.dispatchEvent("drop", { dataTransfer })
}
