import { expect, test, vi } from "vitest"
import { HostError, type HostPort } from "./port"
import { exchange, fetchOver, isAway } from "./webnetwork"

const here = "https://plaza.example/mp/stall/abc/?runtime=x#tgWebAppData="

test("only other hosts are away", () => {
	for (const address of ["https://api.example/x", "//api.example/x", "http://plaza.example/"])
		expect(isAway(address, here), address).toBe(true)
	for (const address of [
		"data.json",
		"/api/plaza",
		"https://plaza.example/x",
		"blob:x",
		"data:,x",
		"http://[",
	])
		expect(isAway(address, here), address).toBe(false)
})

function portOf(answer: (sent: Record<string, unknown>, body?: ArrayBuffer) => unknown) {
	const carry = vi.fn(async (_method: string, args: unknown, body?: ArrayBuffer) =>
		answer(args as Record<string, unknown>, body),
	)
	const cast = vi.fn()
	return { port: { carry, cast } as unknown as HostPort, carry, cast }
}
const bytes = (text: string) => new TextEncoder().encode(text).buffer

test("a request goes out as it was said and comes back as a response", async () => {
	const { port, carry } = portOf(() => ({
		result: {
			status: 201,
			header: { "content-type": "application/json", "x-bad": "\u0100" },
			url: "https://api.example/y",
		},
		bytes: bytes('{"made":true}'),
	}))
	const answer = await exchange(port, "https://api.example/x", {
		method: "POST",
		headers: { "X-Token": "mine" },
		body: new URLSearchParams({ a: "1" }),
		timeout: 5_000,
	})
	const [method, sent, body] = carry.mock.calls[0] ?? []
	expect(method).toBe("networkSend")
	expect(sent).toMatchObject({
		kind: "request",
		url: "https://api.example/x",
		method: "POST",
		timeout: 5_000,
		header: {
			"x-token": "mine",
			"content-type": "application/x-www-form-urlencoded;charset=UTF-8",
		},
	})
	expect(new TextDecoder().decode(body)).toBe("a=1")
	expect([answer.status, answer.url, await answer.json()]).toEqual([
		201,
		"https://api.example/y",
		{ made: true },
	])
})

test("an empty answer is a response, too; a refusal keeps its code", async () => {
	const { port } = portOf(() => ({
		result: { status: 204, header: {}, url: "" },
		bytes: bytes(""),
	}))
	expect((await exchange(port, "https://api.example/")).body).toBe(null)
	const refusing = portOf(() => {
		throw new HostError({ message: "no", code: "domain_undeclared" })
	}).port
	await expect(exchange(refusing, "https://api.example/")).rejects.toMatchObject({
		code: "domain_undeclared",
	})
	const scope = { fetch: async () => "the browser's", document: { baseURI: here } } as never
	const fetch = fetchOver(scope, Promise.resolve(refusing))
	const refused = await fetch("https://api.example/").catch((error: unknown) => error)
	expect(refused).toBeInstanceOf(TypeError)
	expect(refused).toMatchObject({ code: "domain_undeclared" })
	await expect(fetch("/api/plaza")).rejects.toThrow(TypeError)
	expect(await fetch("data:,x")).toBe("the browser's")
})

test("whoever gives up a request hears an abort, and the host, too", async () => {
	const control = new AbortController()
	const { port, cast } = portOf(() => {
		control.abort()
		throw new HostError({ message: "abort", code: "aborted" })
	})
	await expect(
		exchange(port, "https://api.example/", { signal: control.signal }),
	).rejects.toMatchObject({ name: "AbortError" })
	expect(cast).toHaveBeenCalledWith("networkAbort", { task: expect.any(Number) })
	await expect(
		exchange(port, "https://api.example/", { signal: control.signal }),
	).rejects.toMatchObject({ name: "AbortError" })
})
