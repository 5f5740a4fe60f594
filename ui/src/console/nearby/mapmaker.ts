// The script that draws the maps of mini programs draws the console's, too: fetched with the first of them.
import type { MapDrawing, MapHost, MapMaker } from "../../frame/components/mapscript"
import { tiles } from "./verbs"

/** The event by which the script hands over what it makes, on its own element. */
const MADE = "plaza-map"

export interface Maps {
	make: (field: HTMLElement, host: MapHost) => MapDrawing
	/** Whether there are pictures under the pin. */
	tiles: boolean
}

let loading: Promise<MapMaker> | undefined

/** What draws maps, with the tiles as they are set now. */
export async function maps(): Promise<Maps> {
	loading ??= load().catch((error: unknown) => {
		loading = undefined
		throw error
	})
	const [maker, told] = await Promise.all([loading, tiles().catch(() => null)])
	const shown = told?.kind === "tiles" ? told : null
	return { make: maker(shown), tiles: shown !== null }
}

async function load(): Promise<MapMaker> {
	const answer = await fetch("/frame/manifest.json")
	const { map } = (await answer.json()) as { map: string }
	return new Promise((resolve, reject) => {
		const script = document.createElement("script")
		script.addEventListener(MADE, (event) => resolve((event as CustomEvent<MapMaker>).detail))
		script.addEventListener("error", () => reject(new Error("the map could not be loaded")))
		script.src = `/frame/${map}`
		document.head.append(script)
	})
}
