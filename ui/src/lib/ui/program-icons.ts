/** The icons that a program or a shop may name, by their names in Lucide; each is one small import. */
import BookOpen from "@lucide/svelte/icons/book-open"
import Bus from "@lucide/svelte/icons/bus"
import Candy from "@lucide/svelte/icons/candy"
import Coffee from "@lucide/svelte/icons/coffee"
import Croissant from "@lucide/svelte/icons/croissant"
import Dumbbell from "@lucide/svelte/icons/dumbbell"
import FileText from "@lucide/svelte/icons/file-text"
import Flower2 from "@lucide/svelte/icons/flower-2"
import Gamepad2 from "@lucide/svelte/icons/gamepad-2"
import Gift from "@lucide/svelte/icons/gift"
import Leaf from "@lucide/svelte/icons/leaf"
import MapPin from "@lucide/svelte/icons/map-pin"
import Milk from "@lucide/svelte/icons/milk"
import Moon from "@lucide/svelte/icons/moon"
import Pill from "@lucide/svelte/icons/pill"
import Pizza from "@lucide/svelte/icons/pizza"
import ShoppingBasket from "@lucide/svelte/icons/shopping-basket"
import Soup from "@lucide/svelte/icons/soup"
import Store from "@lucide/svelte/icons/store"
import Ticket from "@lucide/svelte/icons/ticket"
import TrainFront from "@lucide/svelte/icons/train-front"
import Utensils from "@lucide/svelte/icons/utensils"
import Wine from "@lucide/svelte/icons/wine"
import type { Component } from "svelte"

export const programIcons: Readonly<Record<string, Component>> = {
	"book-open": BookOpen,
	bus: Bus,
	candy: Candy,
	coffee: Coffee,
	croissant: Croissant,
	dumbbell: Dumbbell,
	"file-text": FileText,
	"flower-2": Flower2,
	"gamepad-2": Gamepad2,
	gift: Gift,
	leaf: Leaf,
	"map-pin": MapPin,
	milk: Milk,
	moon: Moon,
	pill: Pill,
	pizza: Pizza,
	"shopping-basket": ShoppingBasket,
	soup: Soup,
	store: Store,
	ticket: Ticket,
	"train-front": TrainFront,
	utensils: Utensils,
	wine: Wine,
	// What a mini program calls itself rather than its picture.
	market: ShoppingBasket,
	game: Gamepad2,
}

/** One of the nine tints for whoever named no colour: always the same one for the same name. */
export function tintOf(name: string): string {
	let sum = 0
	for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973
	return `var(--tint-${(sum % 9) + 1})`
}
