/** Keeps the screen on while a code is shown; quiet where the browser has no such thing. */
export function keepAwake(): () => void {
	let lock: WakeLockSentinel | undefined
	let ended = false
	const ask = async () => {
		if (document.visibilityState !== "visible") return
		try {
			lock = await navigator.wakeLock?.request("screen")
			if (ended) void lock?.release()
		} catch {
			// Refused, for instance on a low battery: the code can still be read.
		}
	}
	void ask()
	document.addEventListener("visibilitychange", ask)
	return () => {
		ended = true
		document.removeEventListener("visibilitychange", ask)
		void lock?.release()
	}
}
