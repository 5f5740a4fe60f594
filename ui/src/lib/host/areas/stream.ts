// The answer of Plaza's way out, as it comes: a line of JSON, then pieces of bytes, each after its length in four
// bytes; after a length of zero comes `{}`, or the refusal by which it ended.

import { isFields } from "../checks"
import { Refusal } from "../session"

/** What is known before the bytes. */
export interface Head {
	status: number
	header: Record<string, string>
	url: string
	cookies: string[]
	/** -1 when it is not known. */
	length: number
}

export interface Pieces {
	head: Head
	/** The next piece, or null at the end; what went wrong on the way is thrown. */
	next(): Promise<Uint8Array<ArrayBuffer> | null>
}

type Reader = { read(): Promise<{ done: boolean; value?: Uint8Array }> }

/** Reads the first line; the rest is read piece by piece. */
export async function headAndPieces(reader: Reader | undefined): Promise<Pieces> {
	let have = new Uint8Array(0)
	const broken = () =>
		Object.assign(new Refusal("interrupted", "unreachable"), {
			data: { reason: "net::ERR_CONNECTION_RESET" },
		})
	const more = async (): Promise<boolean> => {
		const told = await reader?.read().catch(() => undefined)
		if (!told || told.done || !told.value) return false
		const { value } = told
		const both = new Uint8Array(have.length + value.length)
		both.set(have)
		both.set(value, have.length)
		have = both
		return true
	}
	const take = async (n: number): Promise<Uint8Array<ArrayBuffer>> => {
		while (have.length < n) if (!(await more())) throw broken()
		const taken = have.slice(0, n)
		have = have.subarray(n)
		return taken
	}
	let end = have.indexOf(10)
	while (end < 0) {
		if (!(await more())) throw broken()
		end = have.indexOf(10)
	}
	const head = JSON.parse(new TextDecoder().decode(await take(end + 1))) as Head
	const last = async (): Promise<null> => {
		while (await more());
		const said: unknown = JSON.parse(new TextDecoder().decode(have) || "null")
		if (!isFields(said)) throw broken()
		if (isFields(said.data)) throw said
		return null
	}
	return {
		head,
		async next() {
			const length = new DataView((await take(4)).buffer).getUint32(0)
			return length === 0 ? last() : take(length)
		},
	}
}
