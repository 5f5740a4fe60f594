// Pictures and fonts of other hosts. A frame may load from the house alone, so the house fetches them for it: of hosts
// that the program declares, and nothing but pictures and fonts.

let below = ""

/** Where the house shows what is elsewhere; the address holds this launch's pass. */
export function fetchBelow(address: string): void {
	below = address
}

const ELSEWHERE = /^(?:https?:)?\/\//i

/** Where a picture of another host is loaded from; what is the program's own stays as it is. */
export function remote(source: string): string {
	if (below === "" || !ELSEWHERE.test(source)) return source
	const address = source.startsWith("//") ? `https:${source}` : source
	return `${below}?url=${encodeURIComponent(address)}`
}

const LINK =
	/\burl\(\s*(?:"((?:https?:)?\/\/[^"\n]+)"|'((?:https?:)?\/\/[^'\n]+)'|((?:https?:)?\/\/[^\s"'()]+))\s*\)/gi

/** A sheet, or the text of a style attribute, with its backgrounds and fonts. */
export function remoteLinks(css: string): string {
	if (below === "" || !css.includes("//")) return css
	return css.replace(LINK, (_whole, double?: string, single?: string, bare?: string) => {
		const source = (double ?? single ?? bare ?? "").replace(/\\([^\da-f\n])/gi, "$1")
		return `url("${remote(source)}")`
	})
}
