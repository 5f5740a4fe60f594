import { crc32 } from "node:zlib"

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
