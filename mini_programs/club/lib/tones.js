// The colour of a shop's card: always the same for the same shop, dark enough for white words.
const TONES = ["#0b4f3a", "#4a2c6d", "#1b4a7a", "#7a2e2e", "#5c4310", "#14505a"]

const tone = (org) =>
	TONES[[...org].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % TONES.length]

module.exports = { tone }
