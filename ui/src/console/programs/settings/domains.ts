// The hosts that a program may reach: what its manifest names, and what its makers add beside it.

export const KINDS = ["request", "socket", "upload", "download", "webview"] as const
export type Kind = (typeof KINDS)[number]

/** Hosts by what the program does there; a kind without any may be left out. */
export type Hosts = Partial<Record<Kind, string[] | null>>

export interface Domains {
	manifest: Hosts
	own: Hosts
	limit: number
}

/** What somebody typed or pasted, as a host is declared: an address loses its scheme, its path and its own port. */
export function hostIn(text: string): string {
	const typed = text.trim().toLowerCase()
	const [, scheme, rest = ""] = /^(?:(https?|wss?):\/\/)?([^/?#]*)/.exec(typed) ?? []
	const own = scheme === "http" || scheme === "ws" ? ":80" : ":443"
	return rest.endsWith(own) ? rest.slice(0, -own.length) : rest
}

/** The server's own pattern: a name of at least two parts, and a port if it is not the usual one. */
export function isHost(host: string): boolean {
	return (
		host.length <= 259 &&
		/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](:[0-9]{1,5})?$/.test(host)
	)
}

export interface Row {
	host: string
	/** Whether the manifest names it, so that it cannot be taken off here. */
	declared: boolean
}

/** One kind's hosts, those of the manifest among them, in the order of their names. */
export function rowsOf({ manifest, own }: Domains, kind: Kind): Row[] {
	const declared = manifest[kind] ?? []
	const added = (own[kind] ?? []).filter((host) => !declared.includes(host))
	return [
		...declared.map((host) => ({ host, declared: true })),
		...added.map((host) => ({ host, declared: false })),
	].sort((a, b) => a.host.localeCompare(b.host))
}

/** How many hosts there are in all; one that is on two lists counts once. */
export function countOf({ manifest, own }: Domains): number {
	return new Set(KINDS.flatMap((kind) => [...(manifest[kind] ?? []), ...(own[kind] ?? [])])).size
}
