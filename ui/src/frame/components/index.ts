// The built-in components: what `<view>` and its like are.

import type * as glassEasel from "glass-easel"
import { type Builtin, register } from "./builtin"
import { canvas } from "./canvas"
import { choices } from "./choice"
import { editor } from "./editor"
import { form, label } from "./form"
import { input, textarea } from "./input"
import { pageContainer } from "./layers"
import { map } from "./map"
import { images } from "./media"
import { movables } from "./movable"
import { outside } from "./outside"
import { pageParts, type Routes } from "./page"
import { picker } from "./picker"
import { pickerViews } from "./pickerview"
import { players } from "./player"
import { navigator, pressed } from "./press"
import { richText } from "./richtext"
import { scrollView } from "./scroll"
import { CONTAINERS, simple } from "./simple"
import { skylineParts } from "./skyline"
import { slider } from "./slider"
import { swipers } from "./swiper"
import { toggle } from "./switch"

const drawn = (routes: Routes): Builtin[] => [
	...simple,
	...pressed(routes),
	navigator(routes),
	...images,
	input,
	textarea,
	form,
	label,
	...choices,
	slider,
	toggle,
	picker(routes),
	...pickerViews,
	scrollView,
	...swipers,
	...movables,
	richText,
	editor,
	canvas,
	...players,
	...pageParts(routes),
	pageContainer,
	map(routes),
	...outside(routes),
	...skylineParts,
]

/** Registers every built-in and answers the definitions by tag. */
export function registerBuiltins(
	space: glassEasel.ComponentSpace,
	routes: Routes,
): Map<string, glassEasel.GeneralComponentDefinition> {
	const all: Builtin[] = [...drawn(routes), ...CONTAINERS.map((tag) => ({ tag }))]
	return new Map(all.map((builtin) => [builtin.tag, register(space, builtin)]))
}

const NONE: Routes = {
	go: () => Promise.resolve(),
	bar() {},
	ask: () => Promise.resolve(),
	host: () => Promise.resolve(),
	share() {},
}

/** Attributes by tag of those that do something; the others hold their place and `canIUse` does not name them. */
export function knownTags(): Map<string, string[]> {
	return new Map(
		drawn(NONE)
			.filter(({ placeholder }) => !placeholder)
			.map(({ tag, properties }) => [tag, Object.keys(properties ?? {})]),
	)
}

/** Tags that hold their children, or words, and do nothing else. */
export const heldTags = (): string[] => [
	...CONTAINERS,
	...drawn(NONE).flatMap(({ tag, placeholder }) => (placeholder ? tag : [])),
]
