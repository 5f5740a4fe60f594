// Pictures as a game makes them: of the package, of its files, of other hosts through the house.

import { make } from "../own"

const { set, get } = globalThis.HTMLImageElement
	? (Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src") ?? {})
	: {}

/** A picture whose `src` is read as WeChat reads it; `link` says where it is. */
export function pictures(link: (path: string) => string | Promise<string>) {
	return (): HTMLImageElement => {
		const image = make("img")
		image.crossOrigin = "anonymous" // or nothing it is drawn on could be read, nor a texture be made of it
		let named = ""
		Object.defineProperty(image, "src", {
			configurable: true,
			enumerable: true,
			get: () => named,
			set: (source: unknown) => {
				named = String(source ?? "")
				if (named === "") return image.removeAttribute("src")
				const at = link(named)
				if (typeof at === "string") set?.call(image, at)
				else
					at.then(
						(address) => named === String(source) && set?.call(image, address),
						() => image.dispatchEvent(new Event("error")),
					)
			},
		})
		return image
	}
}

/** What the browser itself would say that it shows. */
export const shownBy = (image: HTMLImageElement): string => String(get?.call(image) ?? "")
