import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** Where archives of npm are kept between runs; the benchmark of components keeps its there, too. */
const cache = resolve(import.meta.dirname, "../../bench/.cache")

/** A package as npm has it: what it holds is what it was when the story was written. */
export interface Published {
	name: string
	version: string
	/** Of the archive, as npm gives it. */
	integrity: string
}

/** The folder of a published package, unmodified and not installed: fetched once, and checked each time. */
export async function unpacked({ name, version, integrity }: Published): Promise<string> {
	const file = `${name.replace("@", "").replace("/", "-")}-${version}`
	const archive = join(cache, `${file}.tgz`)
	await mkdir(cache, { recursive: true })
	if (!existsSync(archive))
		await run("npm", ["pack", "--silent", `${name}@${version}`], { cwd: cache })
	const hash = createHash("sha512")
		.update(await readFile(archive))
		.digest("base64")
	if (`sha512-${hash}` !== integrity) {
		await rm(archive)
		throw new Error(`${name}@${version} is not what it was`)
	}
	const at = join(cache, file)
	if (!existsSync(join(at, "package"))) {
		const half = join(tmpdir(), `${file}-${process.pid}`)
		await mkdir(half, { recursive: true })
		await run("tar", ["xzf", archive, "-C", half])
		await rm(at, { recursive: true, force: true })
		await run("cp", ["-r", half, at])
		await rm(half, { recursive: true, force: true })
	}
	return join(at, "package")
}

/** The text files of a folder, by path, whose names end as wanted. */
export async function textsIn(
	folder: string,
	ends: RegExp,
	below = "",
): Promise<Record<string, string>> {
	const files: Record<string, string> = {}
	for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
		const path = below ? `${below}/${entry.name}` : entry.name
		if (entry.isDirectory()) Object.assign(files, await textsIn(folder, ends, path))
		else if (ends.test(entry.name)) files[path] = await readFile(join(folder, path), "utf8")
	}
	return files
}
