// A marker as WeChat describes one: a picture or a pin, with its label and its callout.

import L from "leaflet"
import { pixels } from "../units"
import type { Spot } from "./mapscript"

type Told = Record<string, unknown>

/** Where something is; undefined when it says no place. */
export function spotOf(told: Told): Spot | undefined {
	const latitude = Number(told.latitude)
	const longitude = Number(told.longitude)
	if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return undefined
	return { latitude: Math.max(-90, Math.min(90, latitude)), longitude }
}

const isTold = (value: unknown): value is Told => typeof value === "object" && value !== null

/** All that a marker looks like, but where it is: a marker that only moves is not drawn anew. */
export function markerKey(told: Told): string {
	const { latitude: _latitude, longitude: _longitude, ...look } = told
	return JSON.stringify(look)
}

/** What a screen reader says of a marker. */
export function markerName(told: Told): string {
	const { callout, label } = told
	const words = [
		told.ariaLabel,
		told.title,
		isTold(callout) && callout.content,
		isTold(label) && label.content,
	]
	return String(words.find((each) => typeof each === "string" && each !== "") ?? "")
}

/** The style that labels and callouts have in common. */
function dressBubble(bubble: HTMLElement, told: Told): void {
	const { style } = bubble
	const px = (value: unknown) => (value === undefined ? "" : `${pixels(value)}px`)
	style.color = String(told.color ?? "")
	style.fontSize = px(told.fontSize)
	style.background = String(told.bgColor ?? "")
	style.borderRadius = px(told.borderRadius)
	style.padding = px(told.padding)
	style.textAlign = String(told.textAlign ?? "")
	if (told.borderWidth)
		style.border = `${px(told.borderWidth)} solid ${String(told.borderColor ?? "currentcolor")}`
	const x = pixels(told.anchorX ?? told.x ?? 0)
	const y = pixels(told.anchorY ?? told.y ?? 0)
	if (x || y) style.margin = `${y}px 0 0 ${x}px`
}

function bubbleOf(kind: string, told: Told, tap: () => void): HTMLElement {
	const bubble = document.createElement("plaza-bubble")
	bubble.className = kind
	bubble.textContent = String(told.content ?? "")
	dressBubble(bubble, told)
	bubble.addEventListener("click", (event) => {
		event.stopPropagation()
		tap()
	})
	return bubble
}

/** The pixels of a pin that nobody gave a picture for. */
const PIN = [26, 34] as const

/** The icon, and what a tap on it does: a callout that shows by tap is shown. */
export function markerIcon(
	told: Told,
	picture: (path: string) => string,
	tell: (name: string) => void,
): { icon: L.DivIcon; talk: () => void } {
	const box = document.createElement("div")
	const [wide, high] = told.iconPath
		? [pixels(told.width ?? 30) || 30, pixels(told.height ?? told.width ?? 30) || 30]
		: PIN
	const image = document.createElement(told.iconPath ? "img" : "plaza-pin")
	if (image instanceof HTMLImageElement) {
		image.alt = ""
		image.src = picture(String(told.iconPath))
		image.width = wide
		image.height = high
	}
	if (told.rotate) image.style.rotate = `${Number(told.rotate)}deg`
	box.append(image)
	const { label, callout } = told
	if (isTold(label) && label.content) box.append(bubbleOf("label", label, () => tell("labeltap")))
	let shown: HTMLElement | undefined
	const words =
		isTold(callout) && callout.content ? callout : told.title ? { content: told.title } : null
	if (words) {
		shown = bubbleOf("callout", words, () => tell("callouttap"))
		shown.hidden = !(isTold(callout) && callout.display === "ALWAYS")
		box.append(shown)
	}
	const anchor = isTold(told.anchor) ? told.anchor : {}
	const [x, y] = [Number(anchor.x ?? 0.5), Number(anchor.y ?? 1)]
	const icon = L.divIcon({
		className: "plaza-marker",
		html: box,
		iconSize: [wide, high],
		iconAnchor: [wide * x, high * y],
	})
	return {
		icon,
		talk: () => {
			if (shown && !(isTold(callout) && callout.display === "ALWAYS")) shown.hidden = !shown.hidden
		},
	}
}
