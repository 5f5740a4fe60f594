/** The pull that opens the drawer of recent programs: 48 px past the top, with the give of a rubber band. */

const threshold = 48

interface Pull {
	moved: (distance: number) => void
	released: (open: boolean) => void
}

/** An attachment for the launcher. The same drawer has a button: the gesture is never the only way. */
export function pullDown({ moved, released }: Pull): (element: HTMLElement) => () => void {
	return (element) => {
		let startY: number | null = null
		let distance = 0

		const start = (event: TouchEvent) => {
			startY = scrollY <= 0 ? (event.touches[0]?.clientY ?? null) : null
			distance = 0
		}
		const move = (event: TouchEvent) => {
			if (startY === null) return
			const pulled = (event.touches[0]?.clientY ?? startY) - startY
			if (pulled <= 0) return
			distance = Math.sqrt(pulled) * 8
			moved(Math.min(distance, 120))
		}
		const end = () => {
			if (startY === null) return
			startY = null
			released(distance > threshold)
		}

		element.addEventListener("touchstart", start, { passive: true })
		element.addEventListener("touchmove", move, { passive: true })
		element.addEventListener("touchend", end)
		element.addEventListener("touchcancel", end)
		return () => {
			element.removeEventListener("touchstart", start)
			element.removeEventListener("touchmove", move)
			element.removeEventListener("touchend", end)
			element.removeEventListener("touchcancel", end)
		}
	}
}
