// Two small sounds, made here: a knock when tiles move, a bell when they join. Off until somebody turns them on.
let context = null
let on = wx.getStorageSync("sound") === "on"

function ready() {
	if (!on || typeof wx.createWebAudioContext !== "function") return null
	context = context || wx.createWebAudioContext()
	return context
}

function tone(frequency, seconds, loud, shape) {
	const audio = ready()
	if (!audio) return
	const at = audio.currentTime
	const voice = audio.createOscillator()
	const volume = audio.createGain()
	voice.type = shape
	voice.frequency.setValueAtTime(frequency, at)
	volume.gain.setValueAtTime(loud, at)
	volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds)
	voice.connect(volume)
	volume.connect(audio.destination)
	voice.start(at)
	voice.stop(at + seconds)
}

module.exports = {
	get on() {
		return on
	},
	possible: typeof wx.createWebAudioContext === "function",
	toggle() {
		on = !on
		wx.setStorage({ key: "sound", data: on ? "on" : "off" })
		if (on) tone(660, 0.2, 0.08, "sine")
	},
	slide: () => tone(150, 0.06, 0.05, "triangle"),
	// A step of the scale for each power of two: the larger the tile, the higher the bell.
	join: (level) =>
		tone(
			261.6 * 2 ** ([0, 2, 4, 7, 9][level % 5] / 12 + Math.floor(level / 5)),
			0.28,
			0.07,
			"sine",
		),
	rest() {
		if (context && context.state === "running" && context.suspend) context.suspend()
	},
	wake() {
		if (context && on && context.resume) context.resume()
	},
}
