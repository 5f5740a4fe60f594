// Who may be called what: a person must not pass for the house. Edit the list to taste.
const reserved = ["plaza", "operator", "admin", "administrator", "support", "staff", "security"]

// Letters of other scripts, and digits, that look like one of ours. Whole words are compared, so a real name
// in those scripts is never meant.
const lookalikes = {}
for (const [plain, signs] of Object.entries({
	a: "аαɑ4",
	c: "сϲ",
	d: "ԁ",
	e: "еε3",
	h: "һ",
	i: "іιıӏℓl1",
	m: "м",
	n: "ո",
	o: "оοσօ0",
	p: "рρ",
	r: "г",
	s: "ѕ5",
	t: "тτ7",
	u: "υ",
	v: "ν",
	y: "уγ",
	z: "ᴢʐ2",
}))
	for (const sign of signs) lookalikes[sign] = plain

// Code points, from and to: accents, control characters and signs that turn the direction of writing, and
// spaces, punctuation and what has no width.
const accents = [[0x300, 0x36f]]
const tricks = [
	[0x0, 0x1f],
	[0x7f, 0x9f],
	[0x200e, 0x200f],
	[0x2028, 0x202e],
	[0x2066, 0x2069],
]
const gaps = [
	[0x20, 0x2f],
	[0x3a, 0x3f],
	[0x5b, 0x60],
	[0x7b, 0x7e],
	[0xa0, 0xbf],
	[0x34f, 0x34f],
	[0x2000, 0x200a],
	[0x2010, 0x205f],
	[0x3000, 0x303f],
]
const widthless = [
	[0x115f, 0x1160],
	[0x17b4, 0x17b5],
	[0x180b, 0x180f],
	[0x200b, 0x200d],
	[0x2060, 0x206f],
	[0x3164, 0x3164],
	[0xfe00, 0xfe0f],
	[0xfeff, 0xfeff],
	[0xffa0, 0xffa0],
]

const within = (ranges) => (sign) =>
	ranges.some(([from, to]) => sign.codePointAt(0) >= from && sign.codePointAt(0) <= to)
const isTrick = within(tricks)
const isGap = within(gaps)
const isNothing = within(accents.concat(widthless))

// skeleton is a name as an eye that is in a hurry reads it: words of plain letters.
function skeleton(name) {
	return Array.from(name.normalize("NFKD").toLowerCase())
		.filter((sign) => !isNothing(sign))
		.map((sign) => (isGap(sign) ? " " : lookalikes[sign] || sign))
		.join("")
		.split(" ")
		.filter((word) => word !== "")
}

const impostors = new Set(reserved.map((word) => skeleton(word).join("")))

// passesForTheHouse is true when every word is reserved, or all of them together spell one that is.
function passesForTheHouse(name) {
	const words = skeleton(name)
	return (
		words.length > 0 &&
		(words.every((word) => impostors.has(word)) || impostors.has(words.join("")))
	)
}

function refuse(code, message) {
	throw new BadRequestError(message, { name: new ValidationError(code, message) })
}

module.exports = {
	// check refuses a record whose name reads like one of the reserved words.
	check(record) {
		const name = record.getString("name")
		if (Array.from(name).some(isTrick))
			refuse("name_not_plain", "A name holds no control characters.")
		if (passesForTheHouse(name)) refuse("name_reserved", "This name is reserved for the house.")
	},
}
