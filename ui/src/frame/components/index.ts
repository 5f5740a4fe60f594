// The built-in components: what `<view>` and its like are.

import type * as glassEasel from "glass-easel"
import { type Builtin, register } from "./builtin"
import { input, textarea } from "./input"
import { image } from "./media"
import { navigator, pressed, type Routes } from "./press"
import { scrollView } from "./scroll"
import { CONTAINERS, simple } from "./simple"
import { toggle } from "./switch"

const drawn = (routes: Routes): Builtin[] => [
	...simple,
	...pressed,
	navigator(routes),
	image,
	input,
	textarea,
	scrollView,
	toggle,
]

/** Registers every built-in and answers the definitions by tag. */
export function registerBuiltins(
	space: glassEasel.ComponentSpace,
	routes: Routes,
): Map<string, glassEasel.GeneralComponentDefinition> {
	const all: Builtin[] = [...drawn(routes), ...CONTAINERS.map((tag) => ({ tag }))]
	return new Map(all.map((builtin) => [builtin.tag, register(space, builtin)]))
}

/** Attributes by tag of those that do something; the others are containers and `canIUse` does not name them. */
export function knownTags(): Map<string, string[]> {
	const none: Routes = { go: () => Promise.resolve() }
	return new Map(drawn(none).map(({ tag, properties }) => [tag, Object.keys(properties ?? {})]))
}
