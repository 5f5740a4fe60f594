// Addresses of the program's cloud files. A component is given a fileID; what it loads is an address that works for a
// while, which the host gives to those who may read the file.

import type { HostPort } from "./port"

/** How many files are asked for at once (the bridge's own limit). */
const AT_ONCE = 50
/** Seconds before its end from which on an address is not used any more. */
const MARGIN = 60

interface Link {
	fileID: string
	tempFileURL: string
	maxAge: number
}

type Put = (address: string) => void

let port: HostPort | undefined
const known = new Map<string, { address: string; until: number }>()
const waiting = new Map<string, Put[]>()

/** From now on addresses are asked for here. */
export function linkThrough(host: HostPort): void {
	port = host
}

export const isCloud = (source: string) => source.startsWith("cloud://")

/**
 * Gives `put` an address for the file, at once or when the host has answered; those who ask in the same moment ask
 * together. Where there is none it gives the fileID itself, which nothing can load: the component says so in its way.
 */
export function locate(fileID: string, put: Put): void {
	const found = known.get(fileID)
	if (found && found.until > Date.now()) {
		put(found.address)
		return
	}
	const others = waiting.get(fileID)
	if (others) {
		others.push(put)
		return
	}
	waiting.set(fileID, [put])
	if (waiting.size === 1) setTimeout(() => void ask(), 0)
}

/** What is not there any more must not be shown for an address that was. */
export function forget(fileIDs: unknown[]): void {
	for (const id of fileIDs) known.delete(String(id))
}

async function ask(): Promise<void> {
	const all = [...waiting.keys()]
	for (let at = 0; at < all.length; at += AT_ONCE) {
		const files = all.slice(at, at + AT_ONCE)
		const links = await urls(files).catch(() => [])
		for (const { fileID, tempFileURL, maxAge } of links)
			if (tempFileURL)
				known.set(fileID, { address: tempFileURL, until: Date.now() + (maxAge - MARGIN) * 1000 })
		for (const id of files) {
			const puts = waiting.get(id) ?? []
			waiting.delete(id)
			for (const put of puts) put(known.get(id)?.address ?? id)
		}
	}
	if (waiting.size > 0) setTimeout(() => void ask(), 0)
}

async function urls(files: string[]): Promise<Link[]> {
	const answer = await port?.call("bridge", { method: "files.urls", args: { files } })
	return (answer as { fileList?: Link[] } | undefined)?.fileList ?? []
}
