import BadgeCheck from "@lucide/svelte/icons/badge-check"
import Ban from "@lucide/svelte/icons/ban"
import Banknote from "@lucide/svelte/icons/banknote"
import Boxes from "@lucide/svelte/icons/blocks"
import ChartColumn from "@lucide/svelte/icons/chart-column"
import ClipboardCheck from "@lucide/svelte/icons/clipboard-check"
import Clock from "@lucide/svelte/icons/clock"
import Flag from "@lucide/svelte/icons/flag"
import Gift from "@lucide/svelte/icons/gift"
import HardDrive from "@lucide/svelte/icons/hard-drive"
import History from "@lucide/svelte/icons/history"
import House from "@lucide/svelte/icons/house"
import Landmark from "@lucide/svelte/icons/landmark"
import ListChecks from "@lucide/svelte/icons/list-checks"
import MapPin from "@lucide/svelte/icons/map-pin"
import MapPinned from "@lucide/svelte/icons/map-pinned"
import Megaphone from "@lucide/svelte/icons/megaphone"
import Package from "@lucide/svelte/icons/package"
import ReceiptText from "@lucide/svelte/icons/receipt-text"
import Scale from "@lucide/svelte/icons/scale"
import ShieldCheck from "@lucide/svelte/icons/shield-check"
import Star from "@lucide/svelte/icons/star"
import type { Component } from "svelte"
import type { Word } from "../words"

export interface Item {
	path: string
	word: Word
	icon: Component
	/** Pressed after g. */
	key: string
	/** In the bar at the bottom of a phone; the others stand under More. */
	bar?: boolean
	/** Stands under the heading of the operator's rooms. */
	operator?: boolean
}

export const shopItems: readonly Item[] = [
	{ path: "/", word: "nav.overview", icon: House, key: "h", bar: true },
	{ path: "/orders", word: "nav.orders", icon: ReceiptText, key: "o", bar: true },
	{ path: "/exit", word: "nav.exit", icon: ShieldCheck, key: "e", bar: true },
	{ path: "/products", word: "nav.products", icon: Package, key: "p" },
	{ path: "/campaigns", word: "nav.campaigns", icon: Megaphone, key: "c", bar: true },
	{ path: "/rewards", word: "nav.rewards", icon: Gift, key: "k" },
]

export const programItem: Item = {
	path: "/programs",
	word: "nav.programs",
	icon: Boxes,
	key: "m",
	bar: true,
}
export const figuresItem: Item = {
	path: "/figures",
	word: "nav.figures",
	icon: ChartColumn,
	key: "v",
}
export const billsItem: Item = { path: "/bills", word: "nav.bills", icon: Banknote, key: "i" }
/** How people find an organisation around them. */
export const listingsItem: Item = {
	path: "/listings",
	word: "nav.listings",
	icon: MapPin,
	key: "l",
}
export const organisationItem: Item = {
	path: "/organisation/certification",
	word: "nav.organisation",
	icon: BadgeCheck,
	key: "b",
}
/** The operator's rooms, the daily ones first. */
const operatorItems: readonly Item[] = (
	[
		{ path: "/reviews", word: "nav.reviews", icon: ClipboardCheck, key: "r", bar: true },
		{ path: "/reports", word: "nav.reports", icon: Flag, key: "w", bar: true },
		{ path: "/takedowns", word: "nav.takedowns", icon: Ban, key: "d", bar: true },
		{ path: "/certifications", word: "nav.certifications", icon: Landmark, key: "s" },
		{ path: "/features", word: "nav.features", icon: Star, key: "f" },
		{ path: "/nearby", word: "nav.nearby", icon: MapPinned, key: "n" },
		{ path: "/policy", word: "nav.policy", icon: Scale, key: "y" },
		{ path: "/storage", word: "nav.storage", icon: HardDrive, key: "u" },
		{ path: "/proof", word: "nav.proof", icon: ListChecks, key: "z" },
		{ path: "/audit", word: "nav.audit", icon: History, key: "a" },
	] as const
).map((item) => ({ ...item, operator: true }))

export const clockItem: Item = {
	path: "/clock",
	word: "nav.clock",
	icon: Clock,
	key: "t",
	operator: true,
}

/** What a person finds in the rail: a shop's rooms, programs, for anybody may make one, bills, and the operator's. */
export function itemsFor(
	sells: boolean,
	staff: boolean,
	owner: boolean,
	operator: boolean,
	demo: boolean,
): Item[] {
	return [
		...(sells ? shopItems : []),
		programItem,
		...(staff || operator ? [figuresItem] : []),
		...(staff ? [billsItem, listingsItem] : []),
		...(owner ? [organisationItem] : []),
		...(operator ? operatorItems : []),
		...(operator && demo ? [clockItem] : []),
	]
}

/** Where somebody starts who works for no shop. */
export const homeOf = (items: readonly Item[]) =>
	(items.find(({ operator }) => operator) ?? items[0])?.path ?? "/"

export function isHere(path: string, current: string): boolean {
	return path === "/" ? current === "/" : current === path || current.startsWith(`${path}/`)
}
