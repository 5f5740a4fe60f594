import { expect, it, vi } from "vitest"
import { match, type Screen } from "./router.svelte"

const screen: Screen = vi.fn()
const routes = { "/": screen, "/orders": screen, "/orders/:id": screen }

it("finds the screen of a path and its parameters", () => {
	expect(match(routes, "/")).toMatchObject({ pattern: "/" })
	expect(match(routes, "/orders/")).toMatchObject({ pattern: "/orders", params: {} })
	expect(match(routes, "/orders/a%20b")).toMatchObject({
		pattern: "/orders/:id",
		params: { id: "a b" },
	})
})

it("has no screen for anything else, and survives a broken escape", () => {
	expect(match(routes, "/orders/1/lines").screen).toBeNull()
	expect(match(routes, "/orders/%E0%A4%A").params).toEqual({ id: "%E0%A4%A" })
})
