/** The link that opens a page of a program; the page's own query stays inside its path. */
export function pageLink(
	origin: string,
	appid: string,
	path: string,
	query: Readonly<Record<string, string>> = {},
): string {
	const url = new URL(`/p/${encodeURIComponent(appid)}`, origin)
	const own = new URLSearchParams(query).toString()
	const page = path.replace(/^\//, "")
	if (page) url.searchParams.set("path", own && !page.includes("?") ? `${page}?${own}` : page)
	return url.href
}
