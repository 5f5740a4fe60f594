// Whether a game is heard. Its sound is off until the person wants it, and nothing that plays goes on while the game
// is hidden; a game cannot turn either round, since it never holds what does the playing.

// Taken before a game can put its own in their place.
const { AudioContext, AudioDestinationNode, AudioNode, OfflineAudioContext, HTMLMediaElement } =
	globalThis

interface Master {
	gain: GainNode
	context: BaseAudioContext
}

/** Holds everything that sounds in the frame. Made before the game's first script runs. */
export class Sound {
	#on: boolean
	#hidden = false
	readonly #players = new Set<HTMLMediaElement>()
	readonly #masters = new Map<BaseAudioContext, Master>()
	readonly #stopped = new Set<HTMLMediaElement>()
	readonly #resting = new Set<AudioContext>()
	/** What may play as soon as the person has touched the game. */
	readonly #eager = new Set<HTMLMediaElement>()
	readonly #quiet: () => void
	#told = false

	/** `quiet` hears of the first thing that would have been heard. */
	constructor(on: boolean, quiet: () => void) {
		this.#on = on
		this.#quiet = quiet
		this.#holdPlayers()
		this.#holdContexts()
		for (const touched of ["touchend", "pointerup", "keydown"])
			window.addEventListener(touched, () => this.#begin(), { capture: true, passive: true })
	}

	/** The person turns it on or off. */
	set(on: boolean): void {
		this.#on = on
		for (const player of this.#players) mute(player, wishes.get(player) || !on)
		for (const { gain } of this.#masters.values()) gain.gain.value = on ? 1 : 0
	}

	/** What plays pauses, and goes on when the game is back. */
	hide(hidden: boolean): void {
		this.#hidden = hidden
		if (hidden) {
			for (const player of this.#players)
				if (!player.paused) {
					this.#stopped.add(player)
					player.pause()
				}
			for (const context of this.#masters.keys())
				if (context instanceof AudioContext && context.state === "running") {
					this.#resting.add(context)
					void context.suspend()
				}
			return
		}
		for (const player of this.#stopped) void player.play().catch(() => {})
		for (const context of this.#resting) void context.resume()
		this.#stopped.clear()
		this.#resting.clear()
	}

	#begin(): void {
		for (const player of this.#eager)
			void player.play().then(
				() => this.#eager.delete(player),
				() => {},
			)
		for (const context of this.#masters.keys())
			if (context instanceof AudioContext && context.state === "suspended" && !this.#hidden)
				void context.resume()
	}

	#sounded(): void {
		if (this.#on || this.#told) return
		this.#told = true
		this.#quiet()
	}

	#holdPlayers(): void {
		const { prototype } = HTMLMediaElement
		const { play } = prototype
		const sound = this
		prototype.play = function () {
			sound.#players.add(this)
			mute(this, wishes.get(this) || !sound.#on)
			sound.#sounded()
			if (!sound.#hidden)
				return play.call(this).catch((error: unknown) => {
					// A finger counts for the browser when it leaves the screen: what it began waits for that.
					if ((error as DOMException).name !== "NotAllowedError" || sound.#eager.has(this))
						throw error
					sound.#eager.add(this)
				})
			sound.#stopped.add(this)
			return Promise.resolve()
		}
		Object.defineProperty(prototype, "muted", {
			configurable: true,
			enumerable: true,
			get(this: HTMLMediaElement) {
				return wishes.get(this) ?? false
			},
			set(this: HTMLMediaElement, value: unknown) {
				wishes.set(this, Boolean(value))
				sound.#players.add(this)
				mute(this, Boolean(value) || !sound.#on)
			},
		})
	}

	/** What a context plays goes through one gain, whatever the game connects to its destination. */
	#holdContexts(): void {
		if (!AudioNode) return
		const { connect } = AudioNode.prototype as { connect: (...args: unknown[]) => unknown }
		const masterOf = (context: BaseAudioContext) => {
			const known = this.#masters.get(context)
			if (known) return known.gain
			const gain = context.createGain()
			gain.gain.value = this.#on ? 1 : 0
			connect.call(gain, context.destination)
			this.#masters.set(context, { gain, context })
			if (this.#hidden && context instanceof AudioContext) void context.suspend()
			return gain
		}
		const sound = this
		AudioNode.prototype.connect = function (this: AudioNode, to: unknown, ...rest: unknown[]) {
			if (!(to instanceof AudioDestinationNode) || this.context instanceof OfflineAudioContext)
				return connect.call(this, to, ...rest)
			sound.#sounded()
			connect.call(this, masterOf(this.context), ...rest)
			return to
		} as typeof AudioNode.prototype.connect
	}
}

/** What the game itself says of each player. */
const wishes = new WeakMap<HTMLMediaElement, boolean>()
const native = HTMLMediaElement
	? Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "muted")
	: undefined

function mute(player: HTMLMediaElement, muted: boolean): void {
	native?.set?.call(player, muted)
}
