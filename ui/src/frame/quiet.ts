// A program that is not on screen makes no sound: whatever plays is paused when it leaves, elements that stand in
// no page too.

/** Follows what is played; answers what pauses all of it. */
export function followPlaying(): () => void {
	const playing = new Set<HTMLMediaElement>()
	const { play } = HTMLMediaElement.prototype
	HTMLMediaElement.prototype.play = function () {
		playing.add(this)
		return play.call(this)
	}
	return () => {
		for (const media of document.querySelectorAll<HTMLMediaElement>("video, audio")) media.pause()
		for (const media of playing) media.pause()
		playing.clear()
	}
}
