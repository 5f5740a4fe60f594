// Fingers, and the mouse, which is a finger that has no brothers.

type Listener = (event: object) => void

const TOUCHES = {
	touchstart: "TouchStart",
	touchmove: "TouchMove",
	touchend: "TouchEnd",
	touchcancel: "TouchCancel",
} as const

interface Point {
	identifier: number
	clientX: number
	clientY: number
	pageX: number
	pageY: number
	screenX: number
	screenY: number
	force: number
}

/** What is told of fingers. */
export interface Touched {
	type: keyof typeof TOUCHES
	touches: Point[]
	changedTouches: Point[]
	timeStamp: number
}

/** Listeners of one kind, with the names that add and take away. */
export class Heard {
	readonly #sets = new Map<string, Set<Listener>>()

	/** `onNAME` and `offNAME`. */
	names(names: readonly string[]): Record<string, unknown> {
		return Object.fromEntries(
			names.flatMap((name) => {
				const set = new Set<Listener>()
				this.#sets.set(name, set)
				return [
					[`on${name}`, (run: Listener) => void set.add(run)],
					[`off${name}`, (run?: Listener) => void (run ? set.delete(run) : set.clear())],
				]
			}),
		)
	}

	tell(name: string, detail: object): void {
		for (const run of [...(this.#sets.get(name) ?? [])])
			try {
				run(detail)
			} catch (error) {
				reportError(error)
			}
	}
}

/** `onTouchStart` and its kin, the mouse's own names, and the wheel; `also` hears every finger. */
export function touches(scope: Window, also: (touched: Touched) => void): Record<string, unknown> {
	const heard = new Heard()
	const listen = scope.addEventListener.bind(scope)
	const tell = (touched: Touched) => {
		const { type, ...detail } = touched
		heard.tell(TOUCHES[type], detail)
		also(touched)
	}
	for (const type of Object.keys(TOUCHES) as (keyof typeof TOUCHES)[])
		listen(
			type,
			(event) => {
				const { touches: all, changedTouches, timeStamp, target } = event as TouchEvent
				if (outside(target)) return
				tell({ type, touches: points(all), changedTouches: points(changedTouches), timeStamp })
			},
			{ passive: true, capture: true },
		)
	const api = heard.names([...Object.values(TOUCHES), "MouseDown", "MouseMove", "MouseUp", "Wheel"])
	// By pointer, because browsers send mouse events after a real finger's, too.
	const mouse = {
		pointerdown: ["touchstart", "MouseDown"],
		pointermove: ["touchmove", "MouseMove"],
		pointerup: ["touchend", "MouseUp"],
	} as const
	let down = false
	for (const [event, [type, name]] of Object.entries(mouse))
		listen(
			event,
			(pointer) => {
				const at = pointer as PointerEvent
				if (at.pointerType !== "mouse" || outside(at.target)) return
				const { clientX: x, clientY: y, button, timeStamp } = at
				heard.tell(name, {
					x,
					y,
					button,
					movementX: at.movementX,
					movementY: at.movementY,
					timeStamp,
				})
				if (type === "touchstart") down = true
				if (!down) return
				if (type === "touchend") down = false
				const finger = [point(0, at)]
				tell({ type, touches: down ? finger : [], changedTouches: finger, timeStamp })
			},
			{ capture: true },
		)
	listen(
		"wheel",
		(event) => {
			const { deltaX, deltaY, deltaZ, clientX: x, clientY: y, timeStamp } = event as WheelEvent
			heard.tell("Wheel", { deltaX, deltaY, deltaZ, x, y, timeStamp })
		},
		{ passive: true, capture: true },
	)
	return api
}

// Taken before an adapter has a class of its own under this name.
const Native = globalThis.Element

/** What is pressed in a sheet of the runtime's own is not the game's. */
const outside = (target: EventTarget | null) =>
	target instanceof Native && target.closest("plaza-sheet, plaza-keyboard") !== null

const points = (list: TouchList) => Array.from(list, (touch) => point(touch.identifier, touch))

function point(
	identifier: number,
	at: { clientX: number; clientY: number; screenX: number; screenY: number; force?: number },
): Point {
	const { clientX, clientY, screenX, screenY, force = 0 } = at
	return { identifier, clientX, clientY, pageX: clientX, pageY: clientY, screenX, screenY, force }
}
