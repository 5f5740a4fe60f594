// How a frame gets what draws its maps: the host brings the script as text, and the frame's policy lets it run by its
// hash. The runtime knows the script's name, which holds a hash, so both are of one build.

/** Filled in by the build. */
declare const MAP_SCRIPT: string

export interface Spot {
	latitude: number
	longitude: number
}

/** What a map shows: the component's properties, read. */
export interface MapLook {
	centre: Spot
	scale: number
	minScale: number
	maxScale: number
	markers: Record<string, unknown>[]
	covers: Record<string, unknown>[]
	polyline: Record<string, unknown>[]
	circles: Record<string, unknown>[]
	polygons: Record<string, unknown>[]
	includePoints: Record<string, unknown>[]
	person: Spot | undefined
	showScale: boolean
	zoom: boolean
	scroll: boolean
	/** Where a picture of the program is loaded from. */
	picture(path: string): string
}

/** What the drawing asks of the component. */
export interface MapHost {
	tell(name: string, detail: object): void
	say(key: "place" | "openMap" | "noTiles" | "zoomIn" | "zoomOut" | "you"): string
	/** Shows the place outside, where the house has no map of its own. */
	openPlace?(): void
	/** Markers are dragged; `markerdrag` tells where to. Programs have no such maps. */
	drags?: boolean
}

/** A map as it is drawn. */
export interface MapDrawing {
	/** Draws what has changed; with a name, only if that property is about it. */
	draw(look: MapLook, name?: string): void
	move(to: Spot): void
	include(points: Spot[], padding?: number[]): void
	centre(): Spot
	scale(): number
	region(): { southwest: Spot; northeast: Spot }
	toScreen(spot: Spot): { x: number; y: number }
	fromScreen(point: { x: number; y: number }): Spot
	/** Moves a marker; done when it is there, false when there is none of that id. */
	translate(id: unknown, to: Spot, duration: number, rotate: number): Promise<boolean>
	end(): void
}

/** What the house's map is, as `nearby.map` tells it. */
export interface Tiles {
	kind: string
	url: string
	attribution: string
	min_zoom: number
	max_zoom: number
}

/** Makes maps of one house. */
export type MapMaker = (tiles: Tiles | null) => (field: HTMLElement, host: MapHost) => MapDrawing

/** The event by which the script hands over what it makes, on its own element. */
export const MADE = "plaza-map"

type Host = (method: string, args: unknown) => Promise<unknown>

let loading: Promise<ReturnType<MapMaker>> | undefined

/** What draws maps in this frame; fetched once, and again after a failure. */
export function loadDrawing(host: Host): Promise<ReturnType<MapMaker>> {
	loading ??= fetchAll(host).catch((error: unknown) => {
		loading = undefined
		throw error
	})
	return loading
}

async function fetchAll(host: Host): Promise<ReturnType<MapMaker>> {
	const tiles = host("bridge", { method: "nearby.map", args: {} }).catch(() => null)
	const { text } = (await host("frameScript", { name: MAP_SCRIPT })) as { text: string }
	const make = run(text)
	const told = (await tiles) as Tiles | null
	return make(told?.kind === "tiles" ? told : null)
}

/** Runs the script, which says at once what it makes. */
function run(text: string): MapMaker {
	const script = document.createElement("script")
	let made: MapMaker | undefined
	script.addEventListener(MADE, (event) => {
		made = (event as CustomEvent<MapMaker>).detail
	})
	script.textContent = text
	document.head.append(script)
	script.remove()
	if (!made) throw new Error("the script of maps did not run")
	return made
}
