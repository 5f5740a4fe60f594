// Files of a running program: those of its package are read, its own are kept in memory until it ends.

import { resource } from "../components/media"
import { make } from "../own"
import { type Packaged, plainPath } from "../packaged"
import { asynchronous, type Implementation, type Options } from "./api"

const USER = "wxfile://usr"
/** Bytes that a program may keep (WeChat: 200 MB on disk; here it is memory). */
const MOST = 50_000_000

type Content = Uint8Array<ArrayBuffer>

/** What a path that is not the package's begins with. */
const OWN = /^(?:wxfile:\/\/(?:usr|tmp)|blob:|data:|https?:)/

/** An error of the file system, in WeChat's words. */
const no = (path: string, why = "no such file or directory") => new Error(`${why}, ${path}`)

/** A file system in memory: paths of files and of folders. */
export class Files {
	readonly #files = new Map<string, { content: Content; at: number }>()
	readonly #folders = new Set<string>([USER])
	readonly #links = new Map<string, string>()
	readonly #types = new Map<string, string>()
	readonly #names = new Map<string, string>()
	/** Files of the package that were read already. */
	readonly #package = new Map<string, Content>()
	#size = 0
	#made = 0

	/** Where a picture or a sound with this path is loaded from. */
	link(path: string): string {
		const known = this.#links.get(path)
		if (known) return known
		const file = this.#files.get(path)
		if (!file) return resource(/^(?:\/|[a-z]+:)/i.test(path) ? path : `/${path}`, "")
		const link = URL.createObjectURL(new Blob([file.content]))
		this.#links.set(path, link)
		return link
	}

	/** Makes a temporary file of a blob; its path can be shown at once. */
	keep(blob: Blob, _type: string): string {
		const link = URL.createObjectURL(blob)
		void blob.arrayBuffer().then((bytes) => this.write(link, new Uint8Array(bytes)))
		return link
	}

	/** The same, and it can be read when the promise is kept. */
	async keepWhole(blob: Blob, name = ""): Promise<string> {
		const content = new Uint8Array(await blob.arrayBuffer())
		const link = URL.createObjectURL(blob)
		this.write(link, content)
		this.#types.set(link, blob.type)
		if (name) this.#names.set(link, name)
		return link
	}

	/** What a person would call the file: a temporary one is called as it was where it came from. */
	name(path: string): string {
		return this.#names.get(path) ?? path.split(/[?#]/)[0]?.split("/").pop() ?? ""
	}

	/** The bytes of a file of its own, or of a picture that can be shown: nothing else can be fetched here. */
	async fetch(path: string): Promise<{ bytes: ArrayBuffer; type: string }> {
		if (this.#files.has(path))
			return { bytes: this.read(path).slice().buffer, type: this.#types.get(path) ?? "" }
		const image = make("img")
		image.crossOrigin = "anonymous"
		image.src = this.link(path)
		await image.decode().catch(() => {
			throw no(path)
		})
		const canvas = make("canvas")
		canvas.width = image.naturalWidth
		canvas.height = image.naturalHeight
		canvas.getContext("2d")?.drawImage(image, 0, 0)
		const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"))
		if (!blob) throw no(path, "the picture is too large")
		return { bytes: await blob.arrayBuffer(), type: blob.type }
	}

	has(path: string): boolean {
		return (
			this.#files.has(path) || this.#folders.has(trim(path)) || this.#package.has(plainPath(path))
		)
	}

	read(path: string): Content {
		const content = this.#files.get(path)?.content ?? this.#package.get(plainPath(path))
		if (!content) throw no(path)
		return content
	}

	/** Brings a file of the package, unless the path is that of another or it is there already. */
	async bring(path: unknown, pack: Packaged): Promise<void> {
		const name = String(path ?? "")
		if (name === "" || OWN.test(name) || this.has(name)) return
		const bytes = await pack.file(name).catch(() => {
			throw no(name)
		})
		this.#package.set(plainPath(name), new Uint8Array(bytes))
	}

	write(path: string, content: Content): void {
		const size = this.#size - (this.#files.get(path)?.content.length ?? 0) + content.length
		if (size > MOST) throw new Error("the maximum size of the file storage limit is exceeded")
		const folder = path.slice(0, path.lastIndexOf("/"))
		if (path.startsWith(USER) && !this.#folders.has(folder)) throw no(path)
		this.#size = size
		this.#links.delete(path)
		this.#files.set(path, { content, at: Date.now() })
	}

	remove(path: string): void {
		this.#size -= this.read(path).length
		this.#files.delete(path)
		this.#links.delete(path)
		this.#types.delete(path)
	}

	makeFolder(path: string, recursive: boolean): void {
		const folder = trim(path)
		if (this.has(folder)) throw no(path, "file already exists")
		const parent = folder.slice(0, folder.lastIndexOf("/"))
		if (!folder.startsWith(`${USER}/`)) throw no(path, "permission denied")
		if (!this.#folders.has(parent)) {
			if (!recursive) throw no(path)
			this.makeFolder(parent, true)
		}
		this.#folders.add(folder)
	}

	removeFolder(path: string, recursive: boolean): void {
		const folder = trim(path)
		if (!this.#folders.has(folder) || folder === USER) throw no(path)
		const inside = [...this.#files.keys(), ...this.#folders].filter((each) =>
			each.startsWith(`${folder}/`),
		)
		if (inside.length > 0 && !recursive) throw no(path, "directory not empty")
		for (const each of inside) {
			if (this.#files.has(each)) this.remove(each)
			this.#folders.delete(each)
		}
		this.#folders.delete(folder)
	}

	list(path: string): string[] {
		const folder = trim(path)
		if (!this.#folders.has(folder)) throw no(path)
		const names = [...this.#files.keys(), ...this.#folders]
			.filter((each) => each.startsWith(`${folder}/`))
			.map((each) => each.slice(folder.length + 1).split("/")[0] ?? "")
		return [...new Set(names)]
	}

	stat(path: string) {
		const kept = this.#package.get(plainPath(path))
		const file = this.#files.get(path) ?? (kept && { content: kept, at: 0 })
		const folder = this.#folders.has(trim(path))
		if (!file && !folder) throw no(path)
		const time = Math.floor((file?.at ?? 0) / 1000)
		return {
			mode: folder ? 0o40755 : 0o100644,
			size: file?.content.length ?? 0,
			lastAccessedTime: time,
			lastModifiedTime: time,
			isDirectory: () => folder,
			isFile: () => !folder,
		}
	}

	/** A path for a file that is saved. */
	fresh(from: string): string {
		return `${USER}/store_${++this.#made}${/\.\w{1,5}$/.exec(from)?.[0] ?? ""}`
	}

	saved() {
		return [...this.#files]
			.filter(([path]) => path.startsWith(`${USER}/store_`))
			.map(([filePath, { content, at }]) => ({
				filePath,
				size: content.length,
				createTime: Math.floor(at / 1000),
			}))
	}
}

const trim = (path: string) => path.replace(/\/+$/, "")

/** Text, or an ArrayBuffer, as bytes. */
export function bytesOf(data: unknown, encoding = "utf8"): Content {
	if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0))
	if (ArrayBuffer.isView(data))
		return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice()
	const text = String(data ?? "")
	if (encoding === "base64") return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
	if (encoding === "hex")
		return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
	if (encoding === "binary" || encoding === "latin1" || encoding === "ascii")
		return Uint8Array.from(text, (char) => char.charCodeAt(0))
	return new TextEncoder().encode(text)
}

/** Bytes in an encoding, or as they are without one. */
export function textOf(bytes: Content, encoding?: string): string | ArrayBuffer {
	if (!encoding) return bytes.slice().buffer
	const characters = () => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
	if (encoding === "base64") return btoa(characters())
	if (encoding === "hex")
		return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
	if (encoding === "binary" || encoding === "latin1" || encoding === "ascii") return characters()
	return new TextDecoder().decode(bytes)
}

type Act = (...args: never[]) => unknown

/** What each name does, with its arguments in the order of the synchronous form, and their names. */
function acts(files: Files): Record<string, [names: string[], act: Act]> {
	return {
		access: [
			["path"],
			(path: string) => {
				if (!files.has(path)) throw no(path)
			},
		],
		readFile: [
			["filePath", "encoding", "position", "length"],
			(path: string, encoding?: string, position = 0, length?: number) => {
				const content = files.read(path)
				const end = length === undefined ? content.length : position + length
				return { data: textOf(content.slice(position, end), encoding) }
			},
		],
		writeFile: [
			["filePath", "data", "encoding"],
			(path: string, data: unknown, encoding?: string) =>
				files.write(path, bytesOf(data, encoding)),
		],
		appendFile: [
			["filePath", "data", "encoding"],
			(path: string, data: unknown, encoding?: string) =>
				files.write(path, Uint8Array.from([...files.read(path), ...bytesOf(data, encoding)])),
		],
		copyFile: [
			["srcPath", "destPath"],
			(from: string, to: string) => files.write(to, files.read(from).slice()),
		],
		rename: [
			["oldPath", "newPath"],
			(from: string, to: string) => {
				files.write(to, files.read(from))
				files.remove(from)
			},
		],
		unlink: [["filePath"], (path: string) => files.remove(path)],
		mkdir: [
			["dirPath", "recursive"],
			(path: string, recursive = false) => files.makeFolder(path, recursive),
		],
		rmdir: [
			["dirPath", "recursive"],
			(path: string, recursive = false) => files.removeFolder(path, recursive),
		],
		readdir: [["dirPath"], (path: string) => ({ files: files.list(path) })],
		stat: [["path"], (path: string) => ({ stats: files.stat(path) })],
		saveFile: [
			["tempFilePath", "filePath"],
			(from: string, to?: string) => {
				const savedFilePath = to ?? files.fresh(from)
				files.write(savedFilePath, files.read(from))
				return { savedFilePath }
			},
		],
	}
}

/** What may be asked of a file of the package: it is brought first, so that the synchronous form has it afterwards. */
const READS = ["access", "readFile", "copyFile", "stat"]

/** What the synchronous form answers, where it answers something. */
const ANSWERS: Record<string, string> = {
	readFile: "data",
	readdir: "files",
	stat: "stats",
	saveFile: "savedFilePath",
}

/** `wx.getFileSystemManager()`, and the names of `wx` itself that are about saved files. */
export function filesApi(
	files: Files,
	report: (error: unknown, where: string) => void,
	pack?: Packaged,
) {
	const manager: Record<string, unknown> = {}
	for (const [name, [names, act]] of Object.entries(acts(files))) {
		const run: Implementation = async (options) => {
			const [first = ""] = names
			if (pack && READS.includes(name)) await files.bring(options[first], pack)
			return act(...(names.map((each) => options[each]) as never[]))
		}
		manager[name] = asynchronous(name, run, report)
		manager[`${name}Sync`] = (...args: never[]) => {
			try {
				const answer = act(...args) as Record<string, unknown> | undefined
				return answer?.[ANSWERS[name] ?? ""]
			} catch (error) {
				throw new Error(`${name}Sync:fail ${(error as Error).message}`)
			}
		}
	}
	const size = async ({ filePath }: Options) => {
		if (pack) await files.bring(filePath, pack)
		return { size: files.stat(String(filePath)).size }
	}
	const later: Record<string, Implementation> = {
		saveFile: (options) => acts(files).saveFile?.[1](options.tempFilePath as never),
		getSavedFileList: () => ({ fileList: files.saved() }),
		removeSavedFile: ({ filePath }) => files.remove(String(filePath)),
		getSavedFileInfo: size,
		getFileInfo: size,
	}
	for (const [name, run] of Object.entries(later)) manager[name] ??= asynchronous(name, run, report)
	return { getFileSystemManager: () => manager, later }
}
