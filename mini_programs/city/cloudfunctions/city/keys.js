// What a letter tells: a number or a plate, and the key that goes with it. Keys are kept as digests with a salt of
// their own, and compared in the same time whatever they are.
const { createHash, createHmac, randomBytes, timingSafeEqual } = require("node:crypto")

/** As people type them: capitals and digits, without the spaces and dashes that letters print. */
const plain = (text, most) =>
	String(typeof text === "string" ? text : "")
		.toUpperCase()
		.replace(/[\s.·-]/g, "")
		.slice(0, most + 1)

const NUMBER = /^[A-Z0-9]{6,20}$/
const PLATE = /^[A-Z0-9]{2,12}$/
const KEY = /^[A-Z0-9]{4,16}$/

const digest = (salt, name, key) =>
	createHmac("sha256", salt).update(`${name}:${key}`).digest("hex")
const equal = (a, b) => timingSafeEqual(Buffer.from(a, "hex"), Buffer.from(b, "hex"))
const newSalt = () => randomBytes(8).toString("hex")
/** A document's id for something that nobody should read from it. */
const hidden = (...parts) => createHash("sha256").update(parts.join("|")).digest("hex").slice(0, 32)

/**
 * The document among `found` that the key opens, or null. It always compares `width` times, so that how long it takes
 * does not tell whether there was anything to compare with.
 */
function opened(found, key, width) {
	const nothing = { _id: "", salt: "0000000000000000", proof: "0".repeat(64) }
	let right = null
	for (let i = 0; i < width; i++) {
		const doc = found[i] ?? nothing
		if (equal(digest(doc.salt, doc._id, key), doc.proof) && doc !== nothing) right = doc
	}
	return right
}

module.exports = { KEY, NUMBER, PLATE, digest, equal, hidden, newSalt, opened, plain }
