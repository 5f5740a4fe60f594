import { readFileSync } from "node:fs"
import { getPublicKey, sign } from "@noble/ed25519"
import { describe, expect, it } from "vitest"
import { judge, looksLikeToken } from "./receipt"

/** A receipt and a key set as the server made them. */
const { token, keys } = JSON.parse(
	readFileSync(
		new URL("../../../../internal/receipts/testdata/receipt.json", import.meta.url),
		"utf8",
	),
) as { token: string; keys: { kid: string; x: string }[] }

const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const [head = "", body = "", signature = ""] = token.split(".")

describe("a receipt that the server signed", () => {
	it("is genuine, and says what was signed", () => {
		const verdict = judge(token, keys)
		expect(verdict).toMatchObject({
			kind: "valid",
			said: {
				number: "7KQ2-M4XD-0RTV",
				title: "Stationnement – 停车",
				amount: 3500,
				currency: "EUR",
				demo: true,
				lines: [["Immatriculation", "AB-123-CD"]],
			},
		})
		expect(looksLikeToken(token)).toBe(true)
	})

	it("is not genuine once one sign of it is another", () => {
		for (let at = head.length + 1; at < token.length; at += 7) {
			const other = token[at] === "A" ? "B" : "A"
			if (token[at] === ".") continue
			const changed = token.slice(0, at) + other + token.slice(at + 1)
			expect(["altered", "none"], changed).toContain(judge(changed, keys).kind)
		}
	})

	it("is unknown to whoever has another house's keys, or none", () => {
		expect(judge(token, []).kind).toBe("unknown")
		expect(judge(token, [{ kid: "other", x: keys[0]?.x ?? "" }]).kind).toBe("unknown")
	})

	it("is not genuine under the name of a key that did not sign it", () => {
		const secret = new Uint8Array(32).fill(7)
		const mine = Buffer.from(getPublicKey(secret)).toString("base64url")
		expect(judge(token, [{ kid: keys[0]?.kid ?? "", x: mine }]).kind).toBe("altered")
		// A forger's own signature under the house's key id.
		const forged = `${head}.${text({ num: "X", amt: 1 })}`
		const theirs = Buffer.from(sign(Buffer.from(forged), secret)).toString("base64url")
		expect(judge(`${forged}.${theirs}`, keys).kind).toBe("altered")
	})
})

it("takes no other algorithm, and nothing that is not a token", () => {
	const kid = keys[0]?.kid
	for (const wrong of [
		"",
		".",
		"..",
		"a.b",
		`${token}.x`,
		`${token}=`,
		`${token} `,
		`${text({ alg: "none", kid })}.${body}.${signature}`,
		`${text({ alg: "HS256", kid })}.${body}.${signature}`,
		`${text([])}.${body}.${signature}`,
		`${text({ alg: "EdDSA", kid: 7 })}.${body}.${signature}`,
		"A".repeat(10_000),
	])
		expect(judge(wrong, keys).kind, wrong.slice(0, 40)).toBe("none")
	expect(judge(`${head}.${body}.${signature.slice(0, 40)}`, keys).kind).toBe("altered")
})
