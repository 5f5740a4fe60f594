/** A picture for each category of Plaza's own policy; those of an operator get a plain one. */
import Baby from "@lucide/svelte/icons/baby"
import Briefcase from "@lucide/svelte/icons/briefcase"
import Bus from "@lucide/svelte/icons/bus"
import Clapperboard from "@lucide/svelte/icons/clapperboard"
import Dumbbell from "@lucide/svelte/icons/dumbbell"
import Gamepad2 from "@lucide/svelte/icons/gamepad-2"
import GraduationCap from "@lucide/svelte/icons/graduation-cap"
import Handshake from "@lucide/svelte/icons/handshake"
import HeartPulse from "@lucide/svelte/icons/heart-pulse"
import Landmark from "@lucide/svelte/icons/landmark"
import Luggage from "@lucide/svelte/icons/luggage"
import Newspaper from "@lucide/svelte/icons/newspaper"
import Palette from "@lucide/svelte/icons/palette"
import Shapes from "@lucide/svelte/icons/shapes"
import ShoppingBasket from "@lucide/svelte/icons/shopping-basket"
import Sparkles from "@lucide/svelte/icons/sparkles"
import Users from "@lucide/svelte/icons/users"
import Utensils from "@lucide/svelte/icons/utensils"
import WalletIcon from "@lucide/svelte/icons/wallet"
import Wrench from "@lucide/svelte/icons/wrench"
import type { Component } from "svelte"

const icons: Readonly<Record<string, Component>> = {
	business: Briefcase,
	culture: Palette,
	education: GraduationCap,
	family: Baby,
	finance: WalletIcon,
	food: Utensils,
	games: Gamepad2,
	government: Landmark,
	health: HeartPulse,
	lifestyle: Sparkles,
	media: Clapperboard,
	news: Newspaper,
	services: Handshake,
	shopping: ShoppingBasket,
	social: Users,
	sports: Dumbbell,
	tools: Wrench,
	transport: Bus,
	travel: Luggage,
}

export function categoryIcon(id: string): Component {
	return icons[id] ?? Shapes
}
