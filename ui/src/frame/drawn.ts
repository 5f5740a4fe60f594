import type * as glassEasel from "glass-easel"
import type { Drawn } from "./components/builtin"

/** The element of a component; one without an element of its own has that of what it draws first. */
export function drawnBy(component: glassEasel.Node): Drawn | undefined {
	const { $$, childNodes } = component as unknown as { $$?: Drawn; childNodes?: glassEasel.Node[] }
	if ($$) return $$
	const inner = (component as { getShadowRoot?(): glassEasel.ShadowRoot | null }).getShadowRoot?.()
	for (const child of inner?.childNodes ?? childNodes ?? []) {
		const found = drawnBy(child)
		if (found) return found
	}
	return undefined
}
