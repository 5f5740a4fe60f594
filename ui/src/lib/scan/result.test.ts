import { expect, it } from "vitest"
import { readScan } from "./result"

const here = "https://plaza.example"

it("tells product codes, own pages, foreign links and texts apart", () => {
	expect(readScan("4006381333931", here)).toMatchObject({
		kind: "product",
		gtin14: "04006381333931",
	})
	expect(readScan("https://plaza.example/p/market?place=a1", here)).toEqual({
		kind: "page",
		path: "/p/market?place=a1",
	})
	expect(readScan("https://example.org/x", here)).toMatchObject({
		kind: "link",
		host: "example.org",
	})
	expect(readScan("Hello", here)).toEqual({ kind: "text", text: "Hello" })
})

it("takes the code of a receipt to where it is verified, whichever house printed it", () => {
	for (const origin of [here, "http://localhost:8090"])
		expect(readScan(`${origin}/verify#aaa.bb_b.c-c`, here)).toEqual({
			kind: "page",
			path: "/verify#aaa.bb_b.c-c",
		})
	expect(readScan("https://evil.test/verify#javascript:1", here)).toMatchObject({ kind: "link" })
})

it("finds the product in a GS1 Digital Link of any host", () => {
	expect(readScan("https://id.gs1.org/01/09506000134352/10/ABC", here)).toMatchObject({
		kind: "product",
		gtin14: "09506000134352",
	})
})

it("takes no link for a page of this Plaza that only looks like one", () => {
	expect(readScan("https://plaza.example.evil.test/p/market", here)).toMatchObject({
		kind: "link",
		host: "plaza.example.evil.test",
	})
	expect(readScan("https://plaza.example@evil.test/", here)).toMatchObject({
		kind: "link",
		host: "evil.test",
	})
	expect(readScan("javascript:alert(1)", here)).toMatchObject({ kind: "text" })
})
