// Built-ins that show in WeChat what a confined frame cannot: another site, a map, a camera, a live stream. Each holds
// its place with words that say so, tells the program in WeChat's events, and offers what the host can do instead.

import type { Builtin } from "./builtin"
import { resource } from "./media"
import type { Routes } from "./page"
import { say } from "./words"

/** A card in the middle of a box. */
function card(node: HTMLElement, text: string, ...more: HTMLElement[]): HTMLElement {
	const box = document.createElement("plaza-card")
	const words = document.createElement("span")
	words.textContent = text
	box.append(words, ...more)
	node.prepend(box)
	return box
}

function act(text: string, run: () => void): HTMLButtonElement {
	const button = document.createElement("button")
	button.type = "button"
	button.textContent = text
	button.addEventListener("click", (event) => {
		event.stopPropagation()
		run()
	})
	return button
}

const hostOf = (address: string): string => {
	const url = URL.canParse(address) ? new URL(address) : null
	return url?.protocol === "https:" || url?.protocol === "http:" ? url.host : ""
}

/** Another site: the person opens it in the browser, after the host has said which one it is. */
const webView = ({ host }: Routes): Builtin => ({
	tag: "web-view",
	slot: false,
	properties: { src: "", progressbarColor: "", updateTitle: true, forwardNavigationGesture: false },
	setup({ node, get, emit }) {
		const draw = () => {
			const src = get<string>("src")
			const name = hostOf(src)
			node.replaceChildren()
			if (!src) return
			if (!name) {
				card(node, say("noSite"))
				emit("error", { url: src, fullUrl: src })
				return
			}
			const open = act(say("openSite", { name }), () => {
				host("openLink", { url: src }).then(
					() => emit("load", { src }),
					() => emit("error", { url: src, fullUrl: src }),
				)
			})
			card(node, say("site", { name }), open)
		}
		return { attached: draw, changed: draw }
	},
})

interface Marker {
	id?: number
	latitude: number
	longitude: number
	title?: string
	iconPath?: string
	width?: number | string
	height?: number | string
	callout?: { content?: string; display?: string }
	label?: { content?: string }
}

const TILE = 256
/** Where a place is on a map of the whole world that is one tile wide, by Mercator's projection. */
export function projected(latitude: number, longitude: number): { x: number; y: number } {
	const sine = Math.sin((Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180)
	return {
		x: (longitude + 180) / 360,
		y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI),
	}
}

/** A map without tiles: the markers stand where they would, and the host opens the place on a real one. */
const map = ({ ask }: Routes): Builtin => ({
	tag: "map",
	speaks: ["error"],
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
		const pin = (marker: Marker) => {
			const name = marker.title || marker.callout?.content || marker.label?.content || say("place")
			const button = act("", () => emit("markertap", { markerId: marker.id }, { bubbles: false }))
			button.setAttribute("aria-label", name)
			const text =
				marker.callout?.display === "ALWAYS" ? marker.callout.content : marker.label?.content
			if (marker.iconPath) {
				const picture = document.createElement("img")
				picture.alt = ""
				picture.src = resource(marker.iconPath, self.owner)
				picture.width = Number.parseFloat(String(marker.width ?? 30)) || 30
				button.append(picture)
			} else button.className = "pin"
			if (text) {
				const label = document.createElement("span")
				label.textContent = text
				button.append(label)
			}
			return button
		}
		const draw = () => {
			const centre = { latitude: get<number>("latitude"), longitude: get<number>("longitude") }
			const markers = [...get<Marker[]>("markers"), ...get<Marker[]>("covers")].filter(
				(each) =>
					Number.isFinite(Number(each?.latitude)) && Number.isFinite(Number(each?.longitude)),
			)
			const middle = projected(centre.latitude, centre.longitude)
			const wide = TILE * 2 ** (get<number>("scale") || 16)
			const pins = markers.map((marker) => {
				const at = projected(Number(marker.latitude), Number(marker.longitude))
				const button = pin(marker)
				button.style.left = `calc(50% + ${(at.x - middle.x) * wide}px)`
				button.style.top = `calc(50% + ${(at.y - middle.y) * wide}px)`
				return button
			})
			const [first] = markers
			const open = act(say("openMap"), () => {
				const { latitude, longitude, title = "" } = { ...centre, ...first }
				void ask("openLocation", {
					latitude: Number(latitude),
					longitude: Number(longitude),
					name: title,
				}).catch(() => {})
			})
			open.className = "open"
			field.replaceChildren(...pins, open)
		}
		return {
			attached() {
				draw()
				queueMicrotask(() => emit("updated", {}))
			},
			changed: draw,
		}
	},
})

/** What cannot be there at all: the words, and the error that a program is told. */
const absent = (tag: string, event: string, detail: object, properties = {}): Builtin => ({
	tag,
	placeholder: true,
	properties,
	setup({ node, emit }) {
		return {
			attached() {
				card(node, say("notHere"))
				queueMicrotask(() => emit(event, detail))
			},
		}
	},
})

/** What has no place here, and takes none. */
const nothing = (tag: string, event = "", detail = {}): Builtin => ({
	tag,
	placeholder: true,
	slot: false,
	properties: { unitId: "", adType: "", adTheme: "", adIntervals: null },
	setup({ node, emit }) {
		node.hidden = true
		return { attached: () => void (event && queueMicrotask(() => emit(event, detail))) }
	},
})

const ANONYMOUS =
	"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 48 48'%3E%3Crect width='48' height='48' fill='%23c9cfcc'/%3E%3Ccircle cx='24' cy='19' r='8' fill='%23fff'/%3E%3Cpath d='M8 44c2-10 9-14 16-14s14 4 16 14z' fill='%23fff'/%3E%3C/svg%3E"

/** Who the person is, without asking them: as in WeChat now, nobody in particular. */
const openData: Builtin = {
	tag: "open-data",
	slot: false,
	properties: {
		type: "",
		openGid: "",
		lang: "en",
		defaultText: "",
		defaultAvatar: "",
		useEmptyValue: false,
	},
	setup(self) {
		const { node, get } = self
		const draw = () => {
			const type = get<string>("type")
			if (type === "userAvatarUrl") {
				const picture = document.createElement("img")
				picture.alt = ""
				picture.src = get<string>("defaultAvatar")
					? resource(get<string>("defaultAvatar"), self.owner)
					: ANONYMOUS
				node.replaceChildren(picture)
			} else
				node.textContent =
					type === "userNickName" ? get<string>("defaultText") || say("somebody") : ""
		}
		return { attached: draw, changed: draw }
	},
}

const NOT_SUPPORTED = { errMsg: "not supported" }

export const outside = (routes: Routes): Builtin[] => [
	webView(routes),
	map(routes),
	openData,
	absent(
		"camera",
		"error",
		{ errMsg: "camera:fail not supported" },
		{
			mode: "normal",
			resolution: "medium",
			devicePosition: "back",
			flash: "auto",
			frameSize: "medium",
		},
	),
	absent("live-player", "error", { errCode: -2301, ...NOT_SUPPORTED }, { src: "", mode: "live" }),
	absent("live-pusher", "error", { errCode: 10002, ...NOT_SUPPORTED }, { url: "", mode: "RTC" }),
	absent("voip-room", "error", NOT_SUPPORTED),
	absent("channel-live", "error", NOT_SUPPORTED),
	absent("channel-video", "error", NOT_SUPPORTED),
	absent("xr-scene", "error", NOT_SUPPORTED),
	nothing("ad", "error", { errCode: 1004, errMsg: "no advertisement" }),
	nothing("ad-custom", "error", { errCode: 1004, errMsg: "no advertisement" }),
	nothing("official-account", "error", { status: 3, errMsg: "not supported" }),
	nothing("official-account-publish"),
	nothing("privacy-guide"),
	...["store-home", "store-product", "store-coupon", "store-gift"].map((tag) => nothing(tag)),
]
