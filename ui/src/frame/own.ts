// What the runtime itself needs of its document, taken before a program can put its own in its place: engines for
// WeChat's games lay a document of their own over the browser's.

const doc = globalThis.document

/** The document's element: what the frame measures. */
export const root = doc?.documentElement
/** Where sheets and scripts are put. */
export const head = doc?.head

const create = doc?.createElement

/** Makes an element. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
): HTMLElementTagNameMap[Tag] {
	return create.call(doc, tag) as HTMLElementTagNameMap[Tag]
}

const ratioOf = Object.getOwnPropertyDescriptor(globalThis, "devicePixelRatio")?.get
/** The device's pixels in one of CSS, now. */
export const ratio = (): number => Number(ratioOf?.call(globalThis) ?? 1)
/** The device's screen. */
export const display = globalThis.screen
