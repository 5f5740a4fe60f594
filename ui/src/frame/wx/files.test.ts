import { expect, test } from "vitest"
import { bytesOf, Files, filesApi, textOf } from "./files"

interface Manager {
	writeFileSync(path: string, data: unknown, encoding?: string): void
	readFileSync(path: string, encoding?: string): string | ArrayBuffer
	mkdirSync(path: string, recursive?: boolean): void
	rmdirSync(path: string, recursive?: boolean): void
	readdirSync(path: string): string[]
	accessSync(path: string): void
	statSync(path: string): { size: number; isDirectory(): boolean }
	readFile(options: object): Promise<{ data: string }>
}

const open = () => filesApi(new Files(), () => {}).getFileSystemManager() as unknown as Manager

test("a program keeps files in folders that it makes", async () => {
	const fs = open()
	expect(() => fs.writeFileSync("wxfile://usr/a/b.txt", "x")).toThrow(/no such file/)
	fs.mkdirSync("wxfile://usr/a/deep", true)
	fs.writeFileSync("wxfile://usr/a/b.txt", "héllo")
	expect(fs.readFileSync("wxfile://usr/a/b.txt", "utf8")).toBe("héllo")
	expect(fs.statSync("wxfile://usr/a/b.txt").size).toBe(6)
	expect(fs.readdirSync("wxfile://usr/a").sort()).toEqual(["b.txt", "deep"])
	expect(() => fs.rmdirSync("wxfile://usr/a")).toThrow(/not empty/)
	fs.rmdirSync("wxfile://usr/a", true)
	expect(() => fs.accessSync("wxfile://usr/a")).toThrow("accessSync:fail no such file or directory")
	await expect(fs.readFile({ filePath: "none" })).rejects.toMatchObject({
		errMsg: "readFile:fail no such file or directory, none",
	})
})

test("nothing is written outside of the program's own folder, nor without end", () => {
	const fs = open()
	expect(() => fs.mkdirSync("/etc")).toThrow(/permission denied/)
	const large = new ArrayBuffer(30_000_000)
	fs.writeFileSync("wxfile://usr/one", large)
	fs.writeFileSync("wxfile://usr/one", large)
	expect(() => fs.writeFileSync("wxfile://usr/two", large)).toThrow(/limit is exceeded/)
})

test("bytes go through every encoding and come back", () => {
	const bytes = Uint8Array.from([0, 255, 104, 233])
	for (const encoding of ["base64", "hex", "binary"])
		expect(bytesOf(textOf(bytes, encoding), encoding)).toEqual(bytes)
	expect(textOf(bytesOf("né", "utf8"), "utf8")).toBe("né")
	expect(textOf(bytes)).toEqual(bytes.buffer)
})
