// What a request carries and what an answer says, as WeChat reads and writes them.

import type { Options } from "./api"
import { bytesOf } from "./files"

/** Methods whose data goes into the address. */
const QUERIED = ["GET", "HEAD", "OPTIONS"]

const encode = (value: unknown): string =>
	encodeURIComponent(typeof value === "object" ? JSON.stringify(value) : String(value))

/** Data as the text of a query or of a form. */
export function query(data: object): string {
	return Object.entries(data)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${encodeURIComponent(name)}=${encode(value)}`)
		.join("&")
}

/** The address with a query behind its own. */
export function joined(url: string, added: string): string {
	if (added === "") return url
	const [address = "", hash] = url.split(/#(.*)/s)
	const glue = address.includes("?") ? (/[?&]$/.test(address) ? "" : "&") : "?"
	return `${address}${glue}${added}${hash === undefined ? "" : `#${hash}`}`
}

/** What is sent for `data`: a query, or a body of the kind that the header says. */
export function bodyOf(
	method: string,
	data: unknown,
	header: Record<string, unknown>,
): { query: string; body: ArrayBuffer | undefined; header: Record<string, unknown> } {
	const own = Object.keys(header).find((name) => name.toLowerCase() === "content-type")
	const kind = String((own && header[own]) || "application/json")
	const full = own ? header : { ...header, "Content-Type": kind }
	if (data === undefined || data === null) return { query: "", body: undefined, header: full }
	if (data instanceof ArrayBuffer || ArrayBuffer.isView(data))
		return { query: "", body: bytesOf(data).buffer, header: full }
	if (QUERIED.includes(method))
		return {
			query: typeof data === "object" ? query(data) : String(data),
			body: undefined,
			header: full,
		}
	const form = /^application\/x-www-form-urlencoded/i.test(kind)
	const text =
		typeof data === "string" ? data : form ? query(Object(data) as object) : JSON.stringify(data)
	return { query: "", body: bytesOf(text).buffer, header: full }
}

/** The answer's body as it was asked for. */
export function read(
	bytes: ArrayBuffer,
	header: Record<string, string>,
	options: Pick<Options, string>,
): unknown {
	if (options.responseType === "arraybuffer") return bytes
	const text = decoded(bytes, header)
	if ((options.dataType ?? "json") !== "json") return text
	try {
		return JSON.parse(text)
	} catch {
		return text
	}
}

function decoded(bytes: ArrayBuffer, header: Record<string, string>): string {
	const kind = Object.entries(header).find(([name]) => name.toLowerCase() === "content-type")?.[1]
	const charset = /charset\s*=\s*"?([\w-]+)/i.exec(kind ?? "")?.[1] ?? "utf-8"
	try {
		return new TextDecoder(charset).decode(bytes)
	} catch {
		return new TextDecoder().decode(bytes) // a charset that nobody knows
	}
}

const quoted = (text: string) => text.replace(/\r\n|\r|\n/g, "%0D%0A").replace(/"/g, "%22")

/** A file and its fields as one body (RFC 7578). */
export function multipart(
	path: string,
	file: { bytes: ArrayBuffer; type: string },
	name: string,
	fields: unknown,
): { type: string; body: ArrayBuffer } {
	const random = crypto.getRandomValues(new Uint32Array(4))
	const boundary = `----plaza${Array.from(random, (part) => part.toString(36)).join("")}`
	const parts: BlobPart[] = []
	const head = (lines: string) => parts.push(`--${boundary}\r\n${lines}\r\n\r\n`)
	for (const [field, value] of Object.entries((fields ?? {}) as object)) {
		head(`Content-Disposition: form-data; name="${quoted(field)}"`)
		parts.push(`${typeof value === "object" ? JSON.stringify(value) : String(value)}\r\n`)
	}
	const last = path.split("/").pop() || "file"
	const type = file.type || "application/octet-stream"
	head(
		`Content-Disposition: form-data; name="${quoted(name)}"; filename="${quoted(named(last, type))}"\r\nContent-Type: ${type}`,
	)
	parts.push(file.bytes, `\r\n--${boundary}--\r\n`)
	return { type: `multipart/form-data; boundary=${boundary}`, body: join(parts) }
}

/** A temporary file has a name without an ending; many servers go by it. */
function named(name: string, type: string): string {
	if (/\.\w{1,5}$/.test(name)) return name
	const ending = /^(?:image|audio|video)\/([\w-]+)/.exec(type)?.[1]?.replace("jpeg", "jpg")
	return ending ? `${name}.${ending}` : name
}

function join(parts: BlobPart[]): ArrayBuffer {
	const all = parts.map((part) => bytesOf(part))
	const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0))
	let at = 0
	for (const part of all) {
		out.set(part, at)
		at += part.length
	}
	return out.buffer
}
