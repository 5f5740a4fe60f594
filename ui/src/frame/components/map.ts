// `<map>`: the built-in is here, small; what draws is a script of its own that the first map of a frame fetches through
// the host. Tiles are the house's. Where it has none, markers and lines stand on a quiet grid where they would be.

import type { Builtin, Drawn } from "./builtin"
import { loadDrawing, type MapDrawing, type MapLook } from "./mapscript"
import { resource } from "./media"
import type { Routes } from "./page"
import { say } from "./words"

/** What `createMapContext` asks of a map on a page. */
export interface MapHandle {
	/** The drawing, once it is there; a refusal when it could not be fetched. */
	drawing: Promise<MapDrawing>
	/** Moves to where the person is, if they say yes. */
	toPerson(): Promise<void>
	/** Adds markers to those that the template gave, or replaces them. */
	add(markers: unknown[], clear: boolean): void
	remove(ids: unknown[]): void
}

const handles = new WeakMap<Element, MapHandle>()

/** The map that an element is; undefined for any other element. */
export const mapOf = (node: Element | undefined): MapHandle | undefined => node && handles.get(node)

type Point = { latitude: number; longitude: number }

const LISTS = ["markers", "covers", "polyline", "circles", "polygons", "includePoints"] as const

const list = (value: unknown): Record<string, unknown>[] =>
	Array.isArray(value) ? value.filter((each) => each && typeof each === "object") : []

/** What a map cannot be drawn with is told, and can be tried again. */
function trouble(node: HTMLElement, again: () => void): void {
	const card = document.createElement("plaza-card")
	const words = document.createElement("span")
	words.textContent = say("noMap")
	const button = document.createElement("button")
	button.type = "button"
	button.textContent = say("again")
	button.addEventListener("click", (event) => {
		event.stopPropagation()
		card.remove()
		again()
	})
	card.append(words, button)
	node.prepend(card)
}

export const map = ({ ask, host }: Routes): Builtin => ({
	tag: "map",
	speaks: ["tap", "error"],
	properties: {
		latitude: 0,
		longitude: 0,
		scale: 16,
		minScale: 3,
		maxScale: 20,
		markers: [],
		covers: [],
		polyline: [],
		circles: [],
		polygons: [],
		controls: [],
		includePoints: [],
		showLocation: false,
		showCompass: false,
		showScale: false,
		enableZoom: true,
		enableScroll: true,
		enableRotate: false,
		enableOverlooking: false,
		enableSatellite: false,
		enableTraffic: false,
		enable3D: false,
		subkey: "",
		layerStyle: 1,
		rotate: 0,
		skew: 0,
		setting: null,
	},
	setup(self) {
		const { node, get, emit } = self
		const field = document.createElement("plaza-map")
		node.prepend(field)
		let drawing: MapDrawing | undefined
		let added: unknown[] = []
		let gone = false
		let person: Point | undefined

		const look = (): MapLook => {
			const setting = (get<Record<string, unknown> | null>("setting") ?? {}) as Record<
				string,
				unknown
			>
			const of = <T>(name: string): T => (name in setting ? (setting[name] as T) : get<T>(name))
			return {
				centre: {
					latitude: Number(of("latitude")) || 0,
					longitude: Number(of("longitude")) || 0,
				},
				scale: Number(of("scale")) || 16,
				minScale: Number(of("minScale")) || 3,
				maxScale: Number(of("maxScale")) || 20,
				...(Object.fromEntries(LISTS.map((name) => [name, list(of(name))])) as Record<
					(typeof LISTS)[number],
					Record<string, unknown>[]
				>),
				markers: [...list(of("markers")), ...list(added)],
				person: of("showLocation") ? person : undefined,
				showScale: Boolean(of("showScale")),
				zoom: Boolean(of("enableZoom")),
				scroll: Boolean(of("enableScroll")),
				picture: (path) => resource(path, self.owner),
			}
		}

		const openPlace = () => {
			const { centre, markers } = look()
			const { latitude, longitude, title } = { ...centre, ...markers[0] } as Point & {
				title?: string
			}
			ask("openLocation", {
				latitude: Number(latitude),
				longitude: Number(longitude),
				name: String(title ?? ""),
			}).catch(() => {})
		}

		/** The person's yes or no is the host's to ask; a no shows no dot. */
		const findPerson = async (): Promise<Point | undefined> => {
			try {
				person = (await ask("getLocation", { type: "wgs84" })) as Point
			} catch {
				person = undefined
			}
			if (!gone) drawing?.draw(look())
			return person
		}

		const begin = async (): Promise<MapDrawing> => {
			const make = await loadDrawing(host)
			if (gone) throw new Error("the map is closed")
			drawing = make(field, {
				tell: (name, detail) => emit(name, detail, { bubbles: false }),
				say,
				openPlace,
			})
			drawing.draw(look())
			if (get<boolean>("showLocation")) void findPerson()
			emit("updated", {})
			return drawing
		}
		const ready = Promise.withResolvers<MapDrawing>()
		ready.promise.catch(() => {}) // told to the program below; a context may ask for it later
		const start = () =>
			begin().then(ready.resolve, (error: unknown) => {
				if (gone) return ready.reject(error)
				emit("error", { errMsg: "map:fail the map could not be loaded" })
				trouble(node, start)
			})

		handles.set(node, {
			drawing: ready.promise,
			async toPerson() {
				const at = await findPerson()
				if (!at) throw new Error("auth deny")
				drawing?.move(at)
			},
			add(markers, clear) {
				added = clear ? [...markers] : [...added, ...markers]
				drawing?.draw(look())
			},
			remove(ids) {
				const out = new Set(ids.map(String))
				added = list(added).filter(({ id }) => !out.has(String(id)))
				drawing?.draw(look())
			},
		})
		return {
			attached: () => void start(),
			changed(name) {
				if (name.startsWith("aria") || !drawing) return
				if (name === "showLocation" && get<boolean>("showLocation")) void findPerson()
				drawing.draw(look(), name)
			},
			detached() {
				gone = true
				drawing?.end()
				ready.reject(new Error("the map is closed"))
			},
		}
	},
})

/** The map on a page that has this id. */
export function mapById(id: string): MapHandle | undefined {
	const nodes = [...document.querySelectorAll<Drawn>("wx-page:not([hidden]) wx-map")]
	return mapOf(nodes.find((node) => node.__wxElement?.id === id))
}
