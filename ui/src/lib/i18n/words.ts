/** The words of lib itself: the kit's own labels and every refusal the server may answer. */
import { Catalogue } from "./catalogue.svelte"

export const words = new Catalogue({
	en: () => import("./en.json"),
	fr: () => import("./fr.json"),
	zh: () => import("./zh.json"),
})

export const say = words.t
