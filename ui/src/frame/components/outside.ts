// Built-ins that show in WeChat what a confined frame cannot: another site, a camera, a live stream. Each holds
// its place with words that say so, tells the program in WeChat's events, and offers what the host can do instead.

import type { Builtin } from "./builtin"
import { camera } from "./camera"
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
	openData,
	camera(routes),
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
