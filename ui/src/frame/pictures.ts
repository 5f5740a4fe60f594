// Pictures of the package where there is no network. The frame's document has no cache, so the host keeps the pictures
// that were shown, and brings those that do not load.

import type { Packaged } from "./packaged"
import type { HostPort } from "./port"

/** Milliseconds after a picture until the host is told of it and of those that came meanwhile. */
const TOLD = 2_000
/** Pictures of one opening that the host is told of. */
const MOST = 60

/** Follows every picture of the document. */
export function followPictures(port: HostPort, { file }: Packaged): void {
	const below = new URL("res/", document.baseURI).href
	const seen = new Set<string>()
	let fresh: string[] = []
	const pathOf = (target: EventTarget | null): string =>
		target instanceof HTMLImageElement && target.src.startsWith(below)
			? decodeURIComponent(target.src.slice(below.length))
			: ""
	document.addEventListener(
		"load",
		({ target }) => {
			const path = pathOf(target)
			if (path === "" || seen.has(path) || seen.size >= MOST) return
			seen.add(path)
			if (fresh.push(path) > 1) return
			setTimeout(() => {
				port.cast("packagePictures", { paths: fresh })
				fresh = []
			}, TOLD)
		},
		true,
	)
	const brought = new WeakSet<EventTarget>()
	document.addEventListener(
		"error",
		(event) => {
			const picture = event.target as HTMLImageElement
			const path = pathOf(picture)
			if (path === "" || brought.has(picture)) return
			event.stopImmediatePropagation()
			brought.add(picture)
			file(path).then(
				(bytes) => {
					// An SVG is one only by its type; the others the browser knows by their first bytes.
					const type = path.endsWith(".svg") ? "image/svg+xml" : ""
					picture.src = URL.createObjectURL(new Blob([bytes], { type }))
					picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true })
				},
				() => picture.dispatchEvent(new Event("error")),
			)
		},
		true,
	)
}
