// What draws a map: Leaflet behind WeChat's words. It is a script of its own, fetched with the first map of a frame.

import L from "leaflet"
import sheet from "leaflet/dist/leaflet.css?inline"
import own from "./map.css?inline"
import { circles, lines, polygons } from "./maplines"
import { markerIcon, markerKey, markerName, spotOf } from "./mapmarkers"
import {
	MADE,
	type MapDrawing,
	type MapHost,
	type MapLook,
	type Spot,
	type Tiles,
} from "./mapscript"

const latLng = ({ latitude, longitude }: Spot) => L.latLng(Number(latitude), Number(longitude))
const spot = ({ lat: latitude, lng: longitude }: L.LatLng): Spot => ({ latitude, longitude })
/** Properties that say where the map looks; the others say what is on it. */
const VIEW = new Set(["latitude", "longitude", "scale"])
/** Pixels around points that have to be in view. */
const MARGIN = 48

/** A sheet of its own object: the policy of the console lets no style element in. */
function dressPage(): void {
	const style = new CSSStyleSheet()
	style.replaceSync(`${sheet}\n${own}`)
	document.adoptedStyleSheets.push(style)
}

/** Attribution is text here: a frame leads nowhere. */
function plainWords(html: string): string {
	return new DOMParser().parseFromString(html, "text/html").body.textContent ?? ""
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

function tileLayer({ url, attribution, min_zoom, max_zoom }: Tiles): L.TileLayer {
	return L.tileLayer(url, {
		minNativeZoom: min_zoom,
		maxNativeZoom: max_zoom,
		maxZoom: 22,
		attribution: escaped(plainWords(attribution)),
		// A frame keeps nothing: each picture is asked for once, and not while the map moves.
		updateWhenIdle: true,
		keepBuffer: 1,
	})
}

class Drawing implements MapDrawing {
	readonly #map: L.Map
	readonly #host: MapHost
	readonly #markers = new Map<string, { marker: L.Marker; key: string }>()
	readonly #shapes = L.layerGroup()
	#person: L.CircleMarker | undefined
	#scaleLine: L.Control.Scale | undefined
	#cause = "update"
	#begun = false
	#first = true
	#framed = ""
	readonly #sized: ResizeObserver

	constructor(field: HTMLElement, host: MapHost, tiles: Tiles | null) {
		this.#host = host
		this.#map = L.map(field, { zoomControl: false, attributionControl: false, zoomSnap: 0.5 })
		L.control
			.zoom({ zoomInTitle: host.say("zoomIn"), zoomOutTitle: host.say("zoomOut") })
			.addTo(this.#map)
		const credit = L.control.attribution({ prefix: false }).addTo(this.#map)
		field.toggleAttribute("tiles", tiles !== null)
		if (tiles) tileLayer(tiles).addTo(this.#map)
		else {
			credit.addAttribution(escaped(host.say("noTiles")))
			if (host.openPlace) this.#offerPlace(field)
		}
		this.#shapes.addTo(this.#map)
		this.#hear()
		this.#sized = new ResizeObserver(() => this.#map.invalidateSize({ animate: false }))
		this.#sized.observe(field)
	}

	/** Without tiles the person may look at the place on a map of their own. */
	#offerPlace(field: HTMLElement): void {
		const open = document.createElement("button")
		open.type = "button"
		open.className = "open"
		open.textContent = this.#host.say("openMap")
		open.addEventListener("click", (event) => {
			event.stopPropagation()
			this.#host.openPlace?.()
		})
		L.DomEvent.disableClickPropagation(open)
		field.append(open)
	}

	#hear(): void {
		const map = this.#map
		const tell = this.#host.tell
		map.on("click", ({ latlng }) => tell("tap", spot(latlng)))
		map.on("dragstart", () => {
			this.#cause = "drag"
		})
		map.on("zoomstart", () => {
			if (this.#cause !== "update") this.#cause = "scale"
		})
		map.on("movestart zoomstart", () => {
			if (this.#begun || this.#first) return
			this.#begun = true
			this.#tellRegion("begin")
		})
		map.on("moveend", () => {
			if (!this.#begun) return
			this.#begun = false
			this.#tellRegion("end")
			this.#cause = "scale" // what the program does not cause, and no finger drags, is a change of scale
		})
	}

	#tellRegion(type: "begin" | "end"): void {
		const seen = { rotate: 0, skew: 0, scale: this.scale() }
		this.#host.tell("regionchange", {
			type,
			causedBy: this.#cause,
			...seen,
			centerLocation: this.centre(),
			region: this.region(),
		})
	}

	draw(look: MapLook, name?: string): void {
		if (this.#first || name === undefined || VIEW.has(name)) this.#lookAt(look, name)
		if (name && VIEW.has(name)) return
		const map = this.#map
		map.setMinZoom(look.minScale)
		map.setMaxZoom(look.maxScale)
		for (const way of [map.touchZoom, map.doubleClickZoom, map.scrollWheelZoom, map.boxZoom])
			look.zoom ? way.enable() : way.disable()
		map.getContainer().toggleAttribute("fixed", !look.zoom)
		look.scroll ? map.dragging.enable() : map.dragging.disable()
		this.#drawMarkers(look)
		this.#drawShapes(look)
		this.#drawPerson(look.person)
		if (look.showScale) this.#scaleLine ??= L.control.scale({ imperial: false }).addTo(map)
		else this.#scaleLine = void this.#scaleLine?.remove()
		const framed = JSON.stringify(look.includePoints)
		if (look.includePoints.length > 0 && framed !== this.#framed)
			this.include(look.includePoints as unknown as Spot[])
		this.#framed = framed
	}

	#lookAt(look: MapLook, name?: string): void {
		const { latitude, longitude } = look.centre
		if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return
		const zoom = Math.min(look.maxScale, Math.max(look.minScale, look.scale))
		const at = latLng(look.centre)
		if (this.#first) this.#map.setView(at, zoom, { animate: false })
		else if (name) {
			this.#cause = "update"
			this.#map.setView(at, name === "scale" ? zoom : this.#map.getZoom(), { animate: false })
		}
		this.#first = false
	}

	#drawMarkers(look: MapLook): void {
		const left = new Set(this.#markers.keys())
		look.markers.forEach((told, index) => {
			const at = spotOf(told)
			if (!at) return
			const id = told.id === undefined ? `-${index}` : String(told.id)
			left.delete(id)
			this.#drawMarker(id, told, at, look)
		})
		for (const id of left) {
			this.#markers.get(id)?.marker.remove()
			this.#markers.delete(id)
		}
	}

	#drawMarker(id: string, told: Record<string, unknown>, at: Spot, look: MapLook): void {
		const key = markerKey(told)
		const known = this.#markers.get(id)
		if (known?.key === key) {
			known.marker.setLatLng(latLng(at))
			return
		}
		known?.marker.remove()
		const markerId = told.id ?? Number(id)
		const tell = (name: string) => this.#host.tell(name, { markerId })
		const { icon, talk } = markerIcon(told, look.picture, tell)
		const name = markerName(told) || this.#host.say("place")
		const marker = L.marker(latLng(at), {
			icon,
			alt: name,
			opacity: told.alpha === undefined ? 1 : Number(told.alpha),
			zIndexOffset: Number(told.zIndex) || 0,
			riseOnHover: true,
			draggable: this.#host.drags ?? false,
			autoPan: true,
		})
		marker.on("click", () => {
			talk()
			tell("markertap")
		})
		marker.on("dragend", () =>
			this.#host.tell("markerdrag", { markerId, ...spot(marker.getLatLng()) }),
		)
		marker.addTo(this.#map)
		marker.getElement()?.setAttribute("aria-label", name)
		this.#markers.set(id, { marker, key })
	}

	#drawShapes(look: MapLook): void {
		this.#shapes.clearLayers()
		for (const layer of [
			...polygons(look.polygons),
			...circles(look.circles),
			...lines(look.polyline),
		])
			this.#shapes.addLayer(layer)
	}

	#drawPerson(person: Spot | undefined): void {
		if (!person) {
			this.#person = void this.#person?.remove()
			return
		}
		const at = latLng(person)
		if (this.#person) this.#person.setLatLng(at)
		else {
			this.#person = L.circleMarker(at, {
				radius: 8,
				className: "person",
				bubblingMouseEvents: false,
			})
			this.#person.on("click", () => this.#host.tell("anchorpointtap", person))
			this.#person.addTo(this.#map).getElement()?.setAttribute("aria-label", this.#host.say("you"))
		}
	}

	move(to: Spot): void {
		this.#cause = "update"
		this.#map.panTo(latLng(to))
	}

	include(points: Spot[], padding: number[] = []): void {
		const all = points.map((each) => spotOf(each as unknown as Record<string, unknown>))
		const seen = all.filter((each) => each !== undefined).map(latLng)
		if (seen.length === 0) return
		const [top = MARGIN, right = top, bottom = top, left = right] = padding.map(Number)
		this.#cause = "update"
		this.#map.fitBounds(L.latLngBounds(seen), {
			paddingTopLeft: [left, top],
			paddingBottomRight: [right, bottom],
			maxZoom: Math.min(18, this.#map.getMaxZoom()),
			animate: false,
		})
	}

	centre = (): Spot => spot(this.#map.getCenter())
	scale = (): number => this.#map.getZoom()

	region(): { southwest: Spot; northeast: Spot } {
		const bounds = this.#map.getBounds()
		return { southwest: spot(bounds.getSouthWest()), northeast: spot(bounds.getNorthEast()) }
	}

	toScreen(at: Spot): { x: number; y: number } {
		const { x, y } = this.#map.latLngToContainerPoint(latLng(at))
		return { x, y }
	}

	fromScreen({ x, y }: { x: number; y: number }): Spot {
		return spot(this.#map.containerPointToLatLng([Number(x), Number(y)]))
	}

	translate(id: unknown, to: Spot, duration: number, rotate: number): Promise<boolean> {
		const marker = this.#markers.get(String(id))?.marker
		if (!marker) return Promise.resolve(false)
		const from = marker.getLatLng()
		const end = latLng(to)
		const picture = marker.getElement()?.firstElementChild as HTMLElement | null
		if (picture && rotate) picture.style.rotate = `${rotate}deg`
		const began = performance.now()
		return new Promise((done) => {
			const step = (now: number) => {
				const part = duration > 0 ? Math.min(1, (now - began) / duration) : 1
				marker.setLatLng([
					from.lat + (end.lat - from.lat) * part,
					from.lng + (end.lng - from.lng) * part,
				])
				if (part < 1) requestAnimationFrame(step)
				else done(true)
			}
			requestAnimationFrame(step)
		})
	}

	end(): void {
		this.#sized.disconnect()
		this.#map.remove()
	}
}

dressPage()
document.currentScript?.dispatchEvent(
	new CustomEvent(MADE, {
		detail: (tiles: Tiles | null) => {
			return (field: HTMLElement, host: MapHost) => new Drawing(field, host, tiles)
		},
	}),
)
