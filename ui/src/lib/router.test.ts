import { expect, it, vi } from "vitest"
import { match, Router, type Screen } from "./router.svelte"

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

it("leaves a page over which a frame has laid entries of its own", () => {
	vi.useFakeTimers()
	const location = { href: "https://plaza.test/orders/1" }
	const back = vi.fn() // the step back stays on the page
	vi.stubGlobal("location", location)
	vi.stubGlobal("history", {
		state: { plaza: true },
		back,
		replaceState: (_: unknown, __: string, url: URL) => {
			location.href = url.href
		},
	})
	vi.stubGlobal("addEventListener", vi.fn())
	vi.stubGlobal("document", { addEventListener: vi.fn() })
	vi.stubGlobal("scrollTo", vi.fn())
	new Router(routes).back("/orders")
	expect(location.href).toBe("https://plaza.test/orders/1")
	vi.runAllTimers()
	expect(back).toHaveBeenCalledOnce()
	expect(location.href).toBe("https://plaza.test/orders")
	vi.unstubAllGlobals()
	vi.useRealTimers()
})
