import BadgeCheck from "@lucide/svelte/icons/badge-check"
import Boxes from "@lucide/svelte/icons/blocks"
import Clock from "@lucide/svelte/icons/clock"
import House from "@lucide/svelte/icons/house"
import Megaphone from "@lucide/svelte/icons/megaphone"
import Package from "@lucide/svelte/icons/package"
import ReceiptText from "@lucide/svelte/icons/receipt-text"
import ShieldCheck from "@lucide/svelte/icons/shield-check"
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
}

export const shopItems: readonly Item[] = [
	{ path: "/", word: "nav.overview", icon: House, key: "h", bar: true },
	{ path: "/orders", word: "nav.orders", icon: ReceiptText, key: "o", bar: true },
	{ path: "/exit", word: "nav.exit", icon: ShieldCheck, key: "e", bar: true },
	{ path: "/products", word: "nav.products", icon: Package, key: "p" },
	{ path: "/campaigns", word: "nav.campaigns", icon: Megaphone, key: "c", bar: true },
]

export const programItem: Item = {
	path: "/programs",
	word: "nav.programs",
	icon: Boxes,
	key: "m",
	bar: true,
}
export const organisationItem: Item = {
	path: "/organisation/certification",
	word: "nav.organisation",
	icon: BadgeCheck,
	key: "b",
}
export const clockItem: Item = {
	path: "/clock",
	word: "nav.clock",
	icon: Clock,
	key: "t",
	bar: true,
}

/** What a person finds in the rail: a shop's rooms, programs, for anybody may make one, and the operator's. */
export function itemsFor(staff: boolean, owner: boolean, operator: boolean, demo: boolean): Item[] {
	return [
		...(staff ? shopItems : []),
		programItem,
		...(owner ? [organisationItem] : []),
		...(operator && demo ? [clockItem] : []),
	]
}

export function isHere(path: string, current: string): boolean {
	return path === "/" ? current === "/" : current === path || current.startsWith(`${path}/`)
}
