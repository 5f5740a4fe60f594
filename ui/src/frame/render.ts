/** After the next frame is drawn, or soon if the tab draws none. */
export function afterRender(run: () => void): void {
	let done = false
	const once = () => {
		if (done) return
		done = true
		run()
	}
	requestAnimationFrame(() => setTimeout(once, 0))
	setTimeout(once, 250)
}
