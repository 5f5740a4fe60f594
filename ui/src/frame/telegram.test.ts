import { expect, test } from "vitest"
import { fragmentOf, PALETTES } from "../lib/host/telegram"
import { popupOf } from "./telegramasks"
import { hexOf, invoiceOf, isAtLeast, isDark, startOf } from "./telegramstart"
import { cloudStorage, deviceStorage } from "./telegramstorage"

const launch = { appid: "stall", token: "t", query: { startapp: "table_7" } }

test("a program starts with what the host put into the fragment", async () => {
	const asked: unknown[] = []
	const data = "auth_date=1773133200&user=%7B%22id%22%3A7%7D&hash=ab%26c"
	const fragment = await fragmentOf(launch, "dark", async (path, { headers, body }) => {
		asked.push(path, headers, body)
		return { init_data: data }
	})
	expect(asked).toEqual([
		"/api/mp/stall/initdata",
		{ "X-Launch-Token": "t" },
		{ start_param: "table_7" },
	])
	const start = startOf(fragment)
	expect(start.initData).toBe(data)
	expect(start.initDataUnsafe).toEqual({ auth_date: 1773133200, user: { id: 7 }, hash: "ab&c" })
	expect(start.theme).toEqual(PALETTES.dark)
	expect([start.version, start.platform, start.params.tgWebAppStartParam]).toEqual([
		"8.0",
		"web",
		"table_7",
	])
})

test("without a network, or when the house refuses, there is no initData", async () => {
	const never = async () => {
		throw new Error("asked")
	}
	const offline = await fragmentOf({ ...launch, token: "" }, "light", never)
	expect(startOf(offline).initData).toBe("")
	const refused = await fragmentOf(launch, "light", never)
	expect(startOf(refused)).toMatchObject({ initData: "", initDataUnsafe: {} })
	expect(startOf("").theme).toEqual(PALETTES.light)
	expect(startOf("#tgWebAppThemeParams=%7Boops").theme).toEqual(PALETTES.light)
	expect(startOf("#tgWebAppData=user%3D%7Boops").initDataUnsafe).toEqual({ user: "{oops" })
})

test("versions are compared part by part", () => {
	for (const [wanted, is] of [
		["6.0", true],
		["8.0", true],
		["8", true],
		["8.1", false],
		["10.0", false],
		["7.10", true],
	] as const)
		expect(isAtLeast("8.0", wanted), wanted).toBe(is)
})

test("colours are what Telegram takes for colours", () => {
	expect(hexOf("#ABC")).toBe("#aabbcc")
	expect(hexOf("#A1b2C3")).toBe("#a1b2c3")
	expect(hexOf("rgb(1, 20, 300)")).toBe("#0114ff")
	for (const none of ["red", "#12", "url(x)", "", null])
		expect(hexOf(none), String(none)).toBe(null)
	expect(isDark(PALETTES.dark.bg_color ?? "")).toBe(true)
	expect(isDark(PALETTES.light.bg_color ?? "")).toBe(false)
	for (const palette of Object.values(PALETTES))
		for (const [name, colour] of Object.entries(palette)) expect(hexOf(colour), name).toBe(colour)
})

test("an invoice is a bill's package, in whatever address", () => {
	for (const address of [
		"prepay_id=abc123",
		"https://t.me/$prepay_id=abc123",
		"https://t.me/invoice/prepay_id=abc123",
		"https://t.me/$prepay_id%3Dabc123",
	])
		expect(invoiceOf(address), address).toBe("prepay_id=abc123")
	expect(invoiceOf("order=o1")).toBe("order=o1")
	for (const none of [
		"https://t.me/$stars",
		"",
		undefined,
		"prepay_id=",
		"prepay_id=a b",
		"xprepay_id=a",
	])
		expect(invoiceOf(none), String(none)).toBe(null)
})

test("a pop-up that Telegram refuses is refused", () => {
	expect(popupOf({ message: "Sure?" }, "fr").buttons).toEqual([
		{ id: "", type: "close", text: "Fermer" },
	])
	for (const bad of [
		{ message: "" },
		{ message: "x".repeat(257) },
		{ message: "x", title: "x".repeat(65) },
		{ message: "x", buttons: [] },
		{ message: "x", buttons: Array(4).fill({ type: "ok" }) },
		{ message: "x", buttons: [{ type: "default" }] },
		{ message: "x", buttons: [{ type: "ok", id: "x".repeat(65) }] },
	])
		expect(() => popupOf(bad, "en"), JSON.stringify(bad)).toThrow("WebAppPopupParamInvalid")
})

function memory() {
	const kept = new Map<string, unknown>()
	return {
		get: async (key: string) => kept.get(key),
		set: async (key: string, value: unknown) => void kept.set(key, value),
		remove: async (key: string) => void kept.delete(key),
		keys: async () => [...kept.keys()],
	}
}

/** Calls a method of a storage and answers what its callback got. */
const asking =
	(storage: Record<string, unknown>) =>
	(name: string, ...args: unknown[]) =>
		new Promise<unknown[]>((resolve) =>
			(storage[name] as (...args: unknown[]) => void)(...args, (...got: unknown[]) => resolve(got)),
		)

test("CloudStorage has Telegram's answers and limits", async () => {
	const store = memory()
	const ask = asking(cloudStorage(store))
	expect(await ask("getItem", "a")).toEqual([null, ""])
	expect(await ask("setItem", "a", "1")).toEqual([null, true])
	expect(await ask("getItems", ["a", "b"])).toEqual([null, { a: "1", b: "" }])
	expect(await ask("setItem", "a b", "1")).toEqual(["KEY_INVALID"])
	expect(await ask("setItem", "k".repeat(129), "1")).toEqual(["KEY_INVALID"])
	expect(await ask("setItem", "b", "v".repeat(4097))).toEqual(["VALUE_INVALID"])
	for (let n = 1; n < 1024; n++) await ask("setItem", `n${n}`, "")
	expect(await ask("setItem", "more", "")).toEqual(["QUOTA_EXCEEDED"])
	expect(await ask("setItem", "a", "2")).toEqual([null, true])
	expect(await ask("removeItems", ["a", "n1"])).toEqual([null, true])
	expect(((await ask("getKeys"))[1] as string[]).length).toBe(1022)
	// What another part of the program keeps is not its.
	await store.set("own", "x")
	expect((await ask("getKeys"))[1]).not.toContain("own")
})

test("DeviceStorage keeps text, and nothing of CloudStorage's", async () => {
	const store = memory()
	const ask = asking(deviceStorage(store))
	await asking(cloudStorage(store))("setItem", "a", "cloud")
	expect(await ask("getItem", "a")).toEqual([null, null])
	expect(await ask("setItem", "a", "1")).toEqual([null, true])
	expect(await ask("setItem", "a", 1)).toEqual(["VALUE_INVALID"])
	expect(await ask("getItem", "a")).toEqual([null, "1"])
	expect(await ask("clear")).toEqual([null, true])
	expect(await ask("getItem", "a")).toEqual([null, null])
	expect(await asking(cloudStorage(store))("getItem", "a")).toEqual([null, "cloud"])
})
