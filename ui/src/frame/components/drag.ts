// One finger, or the mouse, on an element: where it is, how far it came, how fast it left.

export interface Drag {
	/** From where it began. */
	dx: number
	dy: number
	/** Pixels per millisecond, at the end of it. */
	vx: number
	vy: number
	x: number
	y: number
}

interface Hears {
	/** Whether a drag may begin here. */
	may?(event: Event): boolean
	start?(drag: Drag): void
	/** Answers whether the drag is ours: then the page does not scroll by it. */
	move(drag: Drag): boolean
	end(drag: Drag): void
}

type Point = { clientX: number; clientY: number }

/** Hears drags that begin on the element. */
export function hearDrags(node: HTMLElement, hears: Hears): void {
	let from: Point | undefined
	let last = { at: 0, x: 0, y: 0, vx: 0, vy: 0 }

	const drag = ({ clientX: x, clientY: y }: Point): Drag => {
		const start = from ?? { clientX: x, clientY: y }
		return { dx: x - start.clientX, dy: y - start.clientY, vx: last.vx, vy: last.vy, x, y }
	}
	const begin = (event: Event, point: Point) => {
		if (hears.may && !hears.may(event)) return false
		from = point
		last = { at: event.timeStamp, x: point.clientX, y: point.clientY, vx: 0, vy: 0 }
		hears.start?.(drag(point))
		return true
	}
	const follow = (event: Event, point: Point) => {
		if (!from) return
		const passed = Math.max(1, event.timeStamp - last.at)
		last = {
			at: event.timeStamp,
			x: point.clientX,
			y: point.clientY,
			vx: (point.clientX - last.x) / passed,
			vy: (point.clientY - last.y) / passed,
		}
		if (hears.move(drag(point)) && event.cancelable) event.preventDefault()
	}
	const finish = (point: Point) => {
		if (!from) return
		const done = drag(point)
		from = undefined
		hears.end(done)
	}
	node.addEventListener(
		"touchstart",
		(event) => {
			const [touch, second] = event.touches
			if (second) from = undefined
			else if (touch) begin(event, touch)
		},
		{ passive: true },
	)
	node.addEventListener(
		"touchmove",
		(event) => {
			const [touch] = event.touches
			if (touch) follow(event, touch)
		},
		{ passive: false },
	)
	for (const name of ["touchend", "touchcancel"] as const)
		node.addEventListener(name, (event) => {
			const [touch] = event.changedTouches
			if (touch) finish(touch)
		})
	node.addEventListener("mousedown", (event) => {
		if (event.button !== 0 || !begin(event, event)) return
		const move = (moved: MouseEvent) => follow(moved, moved)
		const up = (lifted: MouseEvent) => {
			document.removeEventListener("mousemove", move)
			finish(lifted)
		}
		document.addEventListener("mousemove", move)
		document.addEventListener("mouseup", up, { once: true })
	})
}

/** Runs from 0 to 1, eased, and answers a way to stop. Where motion is reduced it is there at once. */
export function glide(ms: number, step: (part: number) => void, done: () => void): () => void {
	const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches
	if (ms <= 0 || reduced) {
		step(1)
		done()
		return () => {}
	}
	const start = performance.now()
	let request = requestAnimationFrame(function next(now) {
		const part = Math.min(1, Math.max(0, (now - start) / ms))
		step(1 - (1 - part) ** 3)
		if (part < 1) request = requestAnimationFrame(next)
		else done()
	})
	return () => cancelAnimationFrame(request)
}
