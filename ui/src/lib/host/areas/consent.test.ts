import { expect, test, vi } from "vitest"
import type { Held } from "../consents"
import type { Launch } from "../protocol"
import { type Reach, Refusal } from "../session"
import { run } from "./consent"

/** What a session would do for the area: the server answers from `server`, the person from `says`. */
function reach(
	server: Record<string, unknown> = {},
	says: (scope: string) => void = () => {},
	consents: Record<string, Held> = {},
) {
	return {
		launch: { appid: "tea", name: "Tea", scopes: ["location", "profile", "orders"] } as Launch,
		ask: vi.fn(async (path: string) => server[path]),
		bridge: vi.fn(async (method: string) => server[method]),
		permit: vi.fn(async (scope: string) => says(scope)),
		consents: vi.fn(async () => consents),
		decide: vi.fn(),
		tell: vi.fn(),
		atEnd: vi.fn(),
	} as unknown as Reach
}

const call = (to: Reach, method: string, args?: unknown) => run(to, { id: 1, method, args })

test("a login is the server's code and nothing else of its answer", async () => {
	const to = reach({ login: { code: "ABC", secret: "no" } })
	expect(await call(to, "login")).toEqual({ code: "ABC" })
})

test("a session that has ended fails in WeChat's words", async () => {
	expect(await call(reach({ "identity.session": { valid: true } }), "checkSession")).toEqual({})
	for (const answer of [{ valid: false }, {}, null, { valid: "yes" }])
		await expect(call(reach({ "identity.session": answer }), "checkSession")).rejects.toThrow(
			"session time out",
		)
})

test.each([
	["scope.userLocation", "location"],
	["scope.userFuzzyLocation", "location"],
	["scope.userInfo", "profile"],
	["scope.orders", "orders"],
])(
	"authorize asks for %s as %s, and leaves a yes for once to the call that needs it",
	async (name, scope) => {
		const to = reach()
		expect(await call(to, "authorize", { scope: name })).toEqual({})
		expect(to.permit).toHaveBeenCalledExactlyOnceWith(scope, { keep: true })
	},
)

test.each([
	[undefined, "parameter error"],
	[7, "parameter error"],
	["", "invalid scope"],
	["userLocation", "invalid scope"],
	["scope.location", "invalid scope"],
	["scope.points", "invalid scope"],
	["scope.__proto__", "invalid scope"],
	["scope.constructor", "invalid scope"],
	["scope.werun", "not supported"],
])("authorize of %j fails: %s", async (scope, words) => {
	const to = reach()
	await expect(call(to, "authorize", { scope })).rejects.toThrow(words)
	expect(to.permit).not.toHaveBeenCalled()
})

test("a no is told as WeChat tells it, and so is a scope that app.json says nothing of", async () => {
	const refuse = (code: string) => () => {
		throw new Refusal("auth deny", code)
	}
	const asked = (code: string) =>
		call(reach({}, refuse(code)), "authorize", { scope: "scope.camera" })
	await expect(asked("consent_required")).rejects.toThrow("auth deny")
	await expect(asked("tier_not_allowed")).rejects.toThrow("auth deny")
	await expect(asked("scope_undeclared")).rejects.toThrow("require permission desc")
})

test("settings have WeChat's names, and nothing of what was never asked", async () => {
	const to = reach({}, undefined, {
		location: { state: "granted", duration: "once" },
		microphone: { state: "denied", duration: "always" },
		orders: { state: "granted", duration: "always" },
	})
	expect(await call(to, "getSetting")).toEqual({
		authSetting: {
			"scope.userLocation": true,
			"scope.userFuzzyLocation": true,
			"scope.record": false,
			"scope.orders": true,
		},
	})
})

test("a profile is asked for with the program's reason, cut to its length, and told only after a yes", async () => {
	const profile = { rawData: "{}" }
	const to = reach({ "identity.userinfo": profile })
	expect(await call(to, "getUserInfo", { reason: "x".repeat(500) })).toBe(profile)
	expect(to.permit).toHaveBeenCalledExactlyOnceWith("profile", {
		keep: true,
		reason: "x".repeat(80),
	})
	const denied = reach({ "identity.userinfo": profile }, () => {
		throw new Refusal("auth deny", "consent_required")
	})
	await expect(call(denied, "getUserInfo", {})).rejects.toThrow("auth deny")
	expect(denied.bridge).not.toHaveBeenCalled()
})
