// Where the person is, if they say yes to it and the device knows.
const { say } = require("./words")

/** The centre of a search around the person; a refusal has `words` for them. */
async function locate() {
	try {
		const { latitude, longitude } = await wx.getLocation({ type: "wgs84" })
		return { kind: "me", lat: latitude, lon: longitude }
	} catch (error) {
		const refused = /auth|denied/.test(error.errMsg || "")
		throw Object.assign(new Error("no position"), { words: say(refused ? "denied" : "unlocated") })
	}
}

module.exports = { locate }
