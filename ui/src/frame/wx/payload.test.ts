import { describe, expect, test } from "vitest"
import { bodyOf, joined, multipart, query, read } from "./payload"

const text = (body: ArrayBuffer | undefined) => new TextDecoder().decode(body)
const bytes = (said: string) => new TextEncoder().encode(said).buffer as ArrayBuffer

describe("what a request carries", () => {
	test.each([
		[{ a: 1, b: "x y", c: "é&=", d: undefined }, "a=1&b=x%20y&c=%C3%A9%26%3D"],
		[
			{ list: [1, 2], inner: { k: "v" }, no: null },
			"list=%5B1%2C2%5D&inner=%7B%22k%22%3A%22v%22%7D&no=null",
		],
		[{}, ""],
	])("%j is the query %s", (data, want) => {
		expect(query(data)).toBe(want)
	})

	test.each([
		["https://a.example/v", "q=1", "https://a.example/v?q=1"],
		["https://a.example/v?x=2", "q=1", "https://a.example/v?x=2&q=1"],
		["https://a.example/v?", "q=1", "https://a.example/v?q=1"],
		["https://a.example/v#part", "q=1", "https://a.example/v?q=1#part"],
		["https://a.example/v#part", "", "https://a.example/v#part"],
	])("%s and %s are %s", (url, added, want) => {
		expect(joined(url, added)).toBe(want)
	})

	test("data of a GET goes into the address, of a POST into the body as its header says", () => {
		expect(bodyOf("GET", { q: 1 }, {})).toMatchObject({ query: "q=1", body: undefined })
		const json = bodyOf("POST", { q: [1] }, {})
		expect(text(json.body)).toBe('{"q":[1]}')
		expect(json.header).toEqual({ "Content-Type": "application/json" })
		const header = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
		const form = bodyOf("PUT", { q: "a b" }, header)
		expect(text(form.body)).toBe("q=a%20b")
		expect(form.header).toBe(header)
		expect(text(bodyOf("POST", "as it is", {}).body)).toBe("as it is")
		expect([
			...new Uint8Array(bodyOf("POST", new Uint8Array([0, 255]).buffer, {}).body ?? []),
		]).toEqual([0, 255])
		expect(bodyOf("POST", undefined, {}).body).toBeUndefined()
	})

	test("a file and its fields are one form, and no name can add a line to it", () => {
		const form = multipart(
			"wxfile://usr/pic\r\nX: y.png",
			{ bytes: bytes("PNG"), type: "image/png" },
			'fi"le',
			{ user: "Ann", more: { a: 1 } },
		)
		const boundary = /boundary=(.+)$/.exec(form.type)?.[1] ?? ""
		expect(boundary.length).toBeGreaterThan(20)
		expect(text(form.body).split(`--${boundary}`)).toEqual([
			"",
			'\r\nContent-Disposition: form-data; name="user"\r\n\r\nAnn\r\n',
			'\r\nContent-Disposition: form-data; name="more"\r\n\r\n{"a":1}\r\n',
			'\r\nContent-Disposition: form-data; name="fi%22le"; filename="pic%0D%0AX: y.png"\r\nContent-Type: image/png\r\n\r\nPNG\r\n',
			"--\r\n",
		])
		const unnamed = multipart(
			"blob:null/5b0c",
			{ bytes: bytes("x"), type: "image/jpeg" },
			"file",
			null,
		)
		expect(text(unnamed.body)).toContain('filename="5b0c.jpg"')
	})
})

describe("what an answer says", () => {
	test("JSON is read when it is JSON, whatever its header says", () => {
		expect(read(bytes('{"a":1}'), {}, {})).toEqual({ a: 1 })
		expect(read(bytes("hello"), {}, {})).toBe("hello")
		expect(read(bytes('{"a":1}'), {}, { dataType: "text" })).toBe('{"a":1}')
		expect(read(bytes('{"a":1}'), {}, { dataType: "其他" })).toBe('{"a":1}')
	})
	test("bytes stay bytes", () => {
		const given = bytes("{}")
		expect(read(given, {}, { responseType: "arraybuffer" })).toBe(given)
	})
	test("text is in the charset that the header names", () => {
		const gbk = new Uint8Array([0xc4, 0xe3, 0xba, 0xc3]).buffer
		expect(read(gbk, { "content-type": "text/plain; charset=gbk" }, {})).toBe("你好")
		expect(read(bytes("é"), { "Content-Type": "text/plain; charset=none-such" }, {})).toBe("é")
	})
})
