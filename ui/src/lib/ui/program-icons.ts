/** The icons that a program or a shop may name; each is one small import. */
import BookOpen from "@lucide/svelte/icons/book-open"
import Bus from "@lucide/svelte/icons/bus"
import Coffee from "@lucide/svelte/icons/coffee"
import Croissant from "@lucide/svelte/icons/croissant"
import Dumbbell from "@lucide/svelte/icons/dumbbell"
import FileText from "@lucide/svelte/icons/file-text"
import Flower2 from "@lucide/svelte/icons/flower-2"
import Gamepad2 from "@lucide/svelte/icons/gamepad-2"
import Gift from "@lucide/svelte/icons/gift"
import MapPin from "@lucide/svelte/icons/map-pin"
import Pill from "@lucide/svelte/icons/pill"
import Pizza from "@lucide/svelte/icons/pizza"
import ShoppingBasket from "@lucide/svelte/icons/shopping-basket"
import Store from "@lucide/svelte/icons/store"
import Ticket from "@lucide/svelte/icons/ticket"
import Wine from "@lucide/svelte/icons/wine"
import type { Component } from "svelte"

export const programIcons: Readonly<Record<string, Component>> = {
	basket: ShoppingBasket,
	book: BookOpen,
	bread: Croissant,
	bus: Bus,
	coffee: Coffee,
	file: FileText,
	flower: Flower2,
	game: Gamepad2,
	gift: Gift,
	gym: Dumbbell,
	market: ShoppingBasket,
	pill: Pill,
	pin: MapPin,
	pizza: Pizza,
	shop: Store,
	store: Store,
	ticket: Ticket,
	wine: Wine,
}

/** One of the nine tints for whoever named no colour: always the same one for the same name. */
export function tintOf(name: string): string {
	let sum = 0
	for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
	return `var(--tint-${(sum % 9) + 1})`
}
