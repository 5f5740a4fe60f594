// Built-ins about the page as a whole: its bar, its background, what shows at which width, what stands over it.

import type * as glassEasel from "glass-easel"
import { length, pixels, rpx } from "../units"
import type { Builtin } from "./builtin"

/** What built-ins ask of the program around them. */
export interface Routes {
	/** Calls an API of `wx`, which asks the person what must be asked. */
	ask(name: string, options: Record<string, unknown>): Promise<unknown>
	/** Asks the host what no API asks. */
	host(method: string, args: unknown): Promise<unknown>
	/** The person wants to share the page, by this button of it. */
	share(button: glassEasel.Element): void
	/** Goes to a page, in one of WeChat's ways. */
	go(how: string, url: string, delta: number): Promise<unknown>
	/** Changes the navigation bar of the page on top. */
	bar(values: {
		title?: string
		background?: string
		front?: "black" | "white"
		loading?: boolean
	}): void
}

const navigationBar = ({ bar }: Routes): Builtin => ({
	tag: "navigation-bar",
	properties: {
		title: "",
		loading: false,
		frontColor: "",
		backgroundColor: "",
		colorAnimationDuration: 0,
		colorAnimationTimingFunc: "linear",
	},
	setup({ get }) {
		const tell = () => {
			const front = get<string>("frontColor").toLowerCase()
			bar({
				...(get("title") ? { title: get<string>("title") } : {}),
				...(get("backgroundColor") ? { background: get<string>("backgroundColor") } : {}),
				...(front ? { front: front === "#ffffff" ? "white" : "black" } : {}),
				loading: get<boolean>("loading"),
			})
		}
		return { attached: () => requestAnimationFrame(tell), changed: tell }
	},
})

/** The first node of a page's template: what the page looks like around its content. */
const pageMeta: Builtin = {
	tag: "page-meta",
	speaks: ["resize", "scroll"],
	properties: {
		backgroundTextStyle: "",
		backgroundColor: "",
		backgroundColorTop: "",
		backgroundColorBottom: "",
		rootBackgroundColor: "",
		scrollTop: "",
		scrollDuration: 300,
		pageStyle: "",
		rootFontSize: "",
		pageFontSize: "",
		pageOrientation: "",
	},
	setup({ node, get, emit }) {
		const root = document.documentElement
		const page = () => node.closest<HTMLElement>("wx-page")
		const shown = () => !page()?.hidden
		const draw = () => {
			const style = rpx(get<string>("pageStyle"))
			page()?.setAttribute("style", style)
			const still = /overflow(?:-y)?\s*:\s*hidden/.test(style)
			if (shown()) root.style.overflow = still ? "hidden" : ""
			if (get("rootFontSize")) root.style.fontSize = get<string>("rootFontSize")
			if (get("pageFontSize")) page()?.style.setProperty("font-size", get<string>("pageFontSize"))
			const colour = get<string>("rootBackgroundColor") || get<string>("backgroundColor")
			if (colour && shown()) root.style.background = colour
		}
		const resized = () =>
			shown() && emit("resize", { size: { windowWidth: innerWidth, windowHeight: innerHeight } })
		const scrolled = () => shown() && emit("scroll", { scrollTop: scrollY })
		return {
			attached() {
				draw()
				addEventListener("resize", resized)
				addEventListener("scroll", scrolled, { passive: true })
			},
			detached() {
				removeEventListener("resize", resized)
				removeEventListener("scroll", scrolled)
				root.style.overflow = root.style.fontSize = ""
			},
			changed(name, value) {
				draw()
				if (name === "scrollTop" && value !== "" && shown())
					scrollTo({ top: pixels(value), behavior: "smooth" })
			},
		}
	},
}

const FEATURES: Record<string, string> = {
	minWidth: "min-width",
	maxWidth: "max-width",
	width: "width",
	minHeight: "min-height",
	maxHeight: "max-height",
	height: "height",
	orientation: "orientation",
}

/** A media query of WeChat's descriptor. */
export function mediaQuery(wanted: Record<string, unknown>): string {
	const said = Object.entries(FEATURES).flatMap(([name, feature]) => {
		const value = wanted[name]
		if (value === undefined || value === null || value === "") return []
		return [`(${feature}: ${feature === "orientation" ? String(value) : `${Number(value)}px`})`]
	})
	return said.join(" and ") || "all"
}

const matchMediaTag: Builtin = {
	tag: "match-media",
	properties: {
		minWidth: null,
		maxWidth: null,
		width: null,
		minHeight: null,
		maxHeight: null,
		height: null,
		orientation: "",
	},
	setup({ node, get }) {
		let list: MediaQueryList | undefined
		const show = () => node.toggleAttribute("out", !list?.matches)
		const follow = () => {
			list?.removeEventListener("change", show)
			const wanted = Object.keys(FEATURES).map((name) => [name, get(name)])
			list = matchMedia(mediaQuery(Object.fromEntries(wanted)))
			list.addEventListener("change", show)
			show()
		}
		return {
			attached: follow,
			changed: follow,
			detached: () => list?.removeEventListener("change", show),
		}
	},
}

/** The browser's top layer: over everything, whatever the boxes around it clip or move. */
const rootPortal: Builtin = {
	tag: "root-portal",
	properties: { enable: true },
	setup({ node, get }) {
		const place = () => {
			if (!node.isConnected) return
			if (get<boolean>("enable")) {
				node.popover = "manual"
				if (!node.matches(":popover-open")) node.showPopover()
			} else {
				if (node.popover && node.matches(":popover-open")) node.hidePopover()
				node.removeAttribute("popover")
			}
		}
		return { attached: () => queueMicrotask(place), changed: place }
	},
}

const padding = (sides: (number | string)[]) => sides.map(length).join(" ") || "0"

const stickyHeader: Builtin = {
	tag: "sticky-header",
	properties: { offsetTop: 0, padding: [] },
	setup({ get, dress }) {
		const place = () =>
			dress(`top:${get<number>("offsetTop")}px;padding:${padding(get("padding"))}`)
		return { attached: place, changed: place }
	},
}

const stickySection: Builtin = {
	tag: "sticky-section",
	properties: { pushPinnedHeader: true, padding: [] },
	setup({ get, dress }) {
		const place = () => dress(`padding:${padding(get("padding"))}`)
		return { attached: place, changed: place }
	},
}

export const pageParts = (routes: Routes): Builtin[] => [
	navigationBar(routes),
	pageMeta,
	matchMediaTag,
	rootPortal,
	stickyHeader,
	stickySection,
]
