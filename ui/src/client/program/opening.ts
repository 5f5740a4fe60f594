/** What opens a program: a page with its query, how the person came, where they stand, which trial. */
import type { ProgramLink } from "../../lib/records"

export interface Opening {
	path: string
	query: Record<string, string>
	/** WeChat's number for how the person came here. */
	scene: number
	/** A trial version's number; 0 is whatever the person gets. */
	version: number
	/** The short link that was followed. */
	link: string
}

/** WeChat's scene of a program that was opened from a list. */
const FROM_LIST = 1001

/** The names in an address that are the host's; every other one is the page's own. */
const HOSTS = ["path", "scene", "version", "link"]

/** Reads `/p/:appid?path=…`: a query inside the path wins over names beside it, and can have any name. */
export function openingOf(params: URLSearchParams): Opening {
	const beside = [...params].filter(([name]) => !HOSTS.includes(name))
	const [path = "", own = ""] = (params.get("path") ?? "").split(/\?(.*)/s)
	return {
		path,
		query: Object.fromEntries([...beside, ...new URLSearchParams(own)]),
		scene: Number(params.get("scene")) || FROM_LIST,
		version: Number(params.get("version")) || 0,
		link: params.get("link") ?? "",
	}
}

/** What a short link opens. */
export function openingOfLink(code: string, link: ProgramLink): Opening {
	return {
		path: link.path,
		query: {
			...(link.place ? { place: link.place } : {}),
			...Object.fromEntries(new URLSearchParams(link.query)),
		},
		scene: link.scene || FROM_LIST,
		version: link.version,
		link: code,
	}
}

/** The body of a launch; what is not asked for is not in it. */
export function launchBody({
	path,
	query,
	scene,
	version,
	link,
}: Opening): Record<string, unknown> {
	return {
		scene,
		path,
		query: new URLSearchParams(query).toString(),
		...(version > 0 ? { version } : {}),
		...(link ? { link } : {}),
	}
}

/** Whether a program that is open is wanted at another page than it was opened at. */
export function another(before: Opening, now: Opening): boolean {
	const asks = now.path !== "" || Object.keys(now.query).length > 0
	return (
		asks && JSON.stringify([before.path, before.query]) !== JSON.stringify([now.path, now.query])
	)
}
