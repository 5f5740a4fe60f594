// The life of one program's frame: launched, connected, drawn, hidden, shown again, ended. One launch, one frame,
// one port; when the frame is gone, so is the session. What it looks like is ProgramHost's to draw.

import type { ActionSheet, Modal, Payable, Toast } from "./checks"
import type { Decision, Held } from "./consents"
import type { Trace } from "./dev/trace.svelte"
import { exitOf, keepExit } from "./exits"
import { Meter } from "./flood"
import { firstNav } from "./looks"
import { type Code, codeOf } from "./packages"
import {
	type Entrance,
	type HostEvent,
	type Launch,
	LIMITS,
	type Nav,
	type ProgramError,
	START_TIMEOUT,
	type StackPage,
	type TabBar,
	type Theme,
} from "./protocol"
import { type ModalAnswer, Questions } from "./questions.svelte"
import {
	type Api,
	type Elsewhere,
	type Hands,
	type PaymentEnd,
	Refusal,
	refused,
	Session,
} from "./session"
import { heard, keepHeard } from "./sound"
import { changeOf, type Standing } from "./standing"
import { openStore, type ProgramStore } from "./store"
import { Trail } from "./trail"
import { Usage, type UsageEvent } from "./usage"

/** Why a program no longer runs. */
export type Ended = "timeout" | "failed" | "left" | "flooded" | "offline" | "refused"

/** Statuses of a refused launch that another try would not change. */
const FINAL = [403, 404, 409, 410]

/** What a running program needs of the world around the host. */
export interface Outside {
	/** Opens the program anew; also when its token runs out. */
	launch(): Promise<Launch>
	api: Api
	/** Carries what is counted of its use; nothing waits for it. */
	count(path: string, token: string, events: UsageEvent[]): void
	/** The program's row as it is known now. */
	standing(): Standing | null
	scan(): Promise<{ code: string }>
	pay(payment: Payable): Promise<PaymentEnd>
	openOrder(id: string): void
	leave(to: Elsewhere | null): void
	/** A game whose sound is off would be heard now. */
	quiet(): void
	/** Opens the program anew, in the version that is out now. */
	restart(): void
	theme(): Theme
	/** Whether the person develops: a trial version is looked into anyway. */
	develops(): boolean
	/** Whether the question can be put: its sheet is there. */
	canAskConsent(): Promise<boolean>
	/** The first page is drawn. */
	drawn(): void
}

export class Running {
	launched = $state.raw<Launch | null>(null)
	/** What the frame's address ends with. */
	fragment = $state("")
	/** The first page is there. */
	drawn = $state(false)
	ended = $state.raw<{ why: Ended; message: string; code: string; notice: string } | null>(null)
	nav = $state.raw<Nav | null>(null)
	/** Which pages are open, the lowest first. */
	stack = $state.raw<StackPage[]>([])
	tabs = $state.raw<TabBar | null>(null)
	toast = $state.raw<Toast | null>(null)
	/** Whether a game may be heard; as the person left it. */
	sound = $state(false)
	/** What stands over the frame. */
	beside: HTMLElement | null = null
	/** A newer version is out. */
	stale = $state(false)
	readonly questions = new Questions()
	readonly trail = new Trail(history, () => this.tell({ ev: "back" }))
	/** What went wrong, for the report. */
	errors: ProgramError[] = []

	/** Milliseconds from the person's wish to the launch's answer, to the scripts' handing over, to the first page. */
	times = $state.raw({ launch: 0, document: 0, first: 0 })
	/** What a developer sees of it, if one may look into it. */
	trace = $state.raw<Trace | null>(null)

	readonly #outside: Outside
	#store: ProgramStore | null = null
	#session: Session | null = null
	#usage: Usage | null = null
	#before: Standing | null = null
	#asked = 0
	#handedOver = false
	#code: Promise<Code | null> | undefined
	/** Which opening this is: what an earlier one still waits for is nobody's concern. */
	#round = 0
	#visible = true
	#timer: ReturnType<typeof setTimeout> | undefined
	/** What it posts to the window, where nobody listens. */
	readonly #astray = new Meter()
	#toastTimer: ReturnType<typeof setTimeout> | undefined

	constructor(outside: Outside) {
		this.#outside = outside
	}

	/** Starts over: a new launch, a new frame, a new port. `start` tells when the person asked for it. */
	async open(start?: () => number): Promise<void> {
		this.end()
		const mine = ++this.#round
		const now = performance.now()
		this.launched = this.nav = this.tabs = this.toast = this.ended = null
		this.drawn = this.stale = false
		this.stack = []
		this.errors = []
		this.#before = this.#outside.standing()
		try {
			const answer = await this.#outside.launch()
			if (mine !== this.#round) return
			this.#asked = start?.() ?? now
			this.#code = codeOf(answer)
			this.#code.catch(() => {}) // heard when the frame is there
			if (answer.trial || this.#outside.develops()) this.trace = await traced()
			const fragment = answer.telegram ? await startOf(answer, this.#outside) : ""
			if (mine !== this.#round) return
			this.fragment = fragment
			this.times = { launch: performance.now() - this.#asked, document: 0, first: 0 }
			this.sound = heard(answer.appid)
			this.launched = answer
			this.nav = firstNav(answer)
			this.#usage = this.#counting()
			this.#timer = setTimeout(() => this.stop("timeout"), START_TIMEOUT)
		} catch (error) {
			if (mine === this.#round) this.#refuse(error)
		}
	}

	/** The frame's document is there. Its first load gets the port; a second means that the program moved itself. */
	async connect(
		frame: HTMLIFrameElement,
		init: (launch: Launch, storage: Record<string, string>) => object,
	): Promise<void> {
		const current = this.launched
		if (!current) return
		if (this.#handedOver) return this.stop("left")
		this.#handedOver = true
		const mine = this.#round
		let code: Code | null | undefined
		try {
			code = await this.#code
		} catch (error) {
			if (mine === this.#round) this.#refuse(error)
			return
		}
		const [store, exitState] = await Promise.all([
			openStore(`${current.appid}/${current.openid}`),
			exitOf(current),
		])
		if (mine !== this.#round || !frame.contentWindow) return
		this.#store = store
		this.times = { ...this.times, document: performance.now() - this.#asked }
		const { port1, port2 } = new MessageChannel()
		this.#session = new Session(port1, current, this.#outside.api, store, this.#hands())
		const first = {
			...init(current, store.first),
			...(code ? { code } : {}),
			...(exitState ? { exitState } : {}),
			...(this.trace ? { inspect: true } : {}),
			sound: this.sound,
		}
		frame.contentWindow.postMessage(first, "*", [port2])
	}

	tell(event: HostEvent): void {
		this.#session?.tell(event)
	}

	/** Turns a game's sound on or off, and keeps it so on this device. */
	setSound(on: boolean): void {
		this.sound = on
		if (this.launched) keepHeard(this.launched.appid, on)
		this.tell({ ev: "sound", on })
	}

	/** What the program would share of its page. */
	share() {
		return this.#session?.share() ?? Promise.resolve(null)
	}

	/** What the program keeps on this device. */
	stored(): [key: string, value: string][] {
		return this.#store?.all() ?? []
	}

	/** The program comes to the front, or leaves it; `entrance` is another page that it is wanted at. */
	setVisible(visible: boolean, entrance?: Entrance): void {
		if (visible && entrance) this.tell({ ev: "show", entrance })
		else if (visible !== this.#visible) this.tell({ ev: visible ? "show" : "hide" })
		if (!visible && this.#visible) this.#usage?.hide()
		this.#visible = visible
	}

	/** The frame spoke to the window instead of its port: nobody answers, but it takes time all the same. */
	overheard(): void {
		if (this.#astray.heard() === "flood") this.stop("flooded")
	}

	/** The person came back to it: a fresh launch is good for longer, counts, and knows what became of the program. */
	async again(): Promise<void> {
		const mine = this.#round
		try {
			const launch = await this.#renew()
			if (mine !== this.#round) return
			this.#session?.renewed(launch)
			this.#usage = this.#counting()
		} catch (error) {
			const { status } = refused(error)
			if (mine === this.#round && FINAL.includes(status)) this.#refuse(error)
		}
	}

	/** A launch for the frame that is there; a newer version would need another. */
	async #renew(): Promise<Launch> {
		const mine = this.#round
		const answer = await this.#outside.launch()
		const { launched } = this
		if (mine !== this.#round || !launched) throw new Refusal("the program is closed", "closed")
		if (answer.frame !== launched.frame) {
			this.stale = true
			throw new Refusal("there is a newer version", "launch_stale")
		}
		this.launched = answer
		return answer
	}

	/** A newer version is out: the person is told, and so is the program. */
	#outdated(): void {
		this.stale = true
		this.#session?.tell({ ev: "event", name: "UpdateReady", detail: {} })
	}

	/** The program's row is another than it was: it may be gone, or have a new version. */
	changed(now: Standing): void {
		const change = changeOf(this.#before, now)
		this.#before = now
		if (change === "new" && !this.launched?.trial) this.#outdated()
		if (change !== "gone") return
		const gone = now.status === "deleted" ? "program_deleted" : "program_taken_down"
		this.stop("refused", "", gone)
		// The reason is in what the next launch would be refused with.
		const mine = this.#round
		void this.#outside.launch().then(
			() => {},
			(error) => {
				if (mine === this.#round && refused(error).code === gone) this.#refuse(error)
			},
		)
	}

	/** Ends it and says why. */
	stop(why: Ended, message = "", code = "", data: Readonly<Record<string, unknown>> = {}): void {
		// A person who leaves, and an operator who takes it down, is no fault of it.
		if (why !== "offline" && why !== "refused" && why !== "failed")
			this.#usage?.failed({
				message: `Plaza ended it: ${why}`,
				stack: "",
				where: "host",
				fatal: true,
			})
		this.end()
		const said = [data.notice, data.reason].find((text) => typeof text === "string" && text !== "")
		this.ended = { why, message, code, notice: typeof said === "string" ? said : "" }
	}

	/** Ends it without a word. */
	end(): void {
		this.#round++
		clearTimeout(this.#timer)
		this.#usage?.hide()
		this.#usage = null
		this.#session?.end()
		this.#session = null
		this.#handedOver = false
		this.questions.dismiss()
		this.toast = null
	}

	/** Ends it and takes its frame away. */
	close(): void {
		this.end()
		this.launched = null
	}

	/** Stores the person's decision about a scope. */
	async decide(scope: string, decision: Decision): Promise<void> {
		await this.#session?.decide(scope, decision)
	}

	/** What the person has decided of the program's scopes. */
	consents(): Promise<Record<string, Held>> {
		return this.#session?.consents() ?? Promise.resolve({})
	}

	say(next: Toast | null): void {
		clearTimeout(this.#toastTimer)
		this.toast = next
		if (next && next.duration > 0)
			this.#toastTimer = setTimeout(() => (this.toast = null), next.duration)
	}

	#counting(): Usage {
		return new Usage((events) => {
			const { launched } = this
			if (!launched) return
			const path = `/api/mp/${encodeURIComponent(launched.appid)}/events`
			this.#outside.count(path, launched.token, events)
		})
	}

	#refuse(error: unknown): void {
		const { status, message, code, data } = refused(error)
		if (status === 0 || !navigator.onLine) this.stop("offline", message)
		else this.stop("refused", message, code, data)
	}

	/** What the frame may have done, by what it says over the port. */
	#hands(): Hands {
		const { questions } = this
		const outside = this.#outside
		return {
			ready: () => {
				clearTimeout(this.#timer)
				if (!this.drawn) {
					this.times = { ...this.times, first: performance.now() - this.#asked }
					this.#usage?.loaded(this.times.first)
				}
				this.drawn = true
				outside.drawn()
			},
			nav: (next) => {
				this.nav = next
				this.#usage?.page(next.path)
				this.trail.follow(next.depth)
			},
			stack: (pages) => {
				this.stack = pages
			},
			exitState: (state) => {
				const { launched } = this
				if (launched) keepExit(launched, state)
			},
			flooded: () => this.stop("flooded"),
			tabs: (bar) => {
				this.tabs = bar
			},
			inspected: (told) => this.trace?.hear(told),
			called: (message) => this.trace?.called(message) ?? null,
			failed: (error) => {
				this.#usage?.failed(error)
				this.trace?.failed(error)
				this.errors = [...this.errors, error].slice(-LIMITS.errors)
				if (error.fatal && !this.drawn) this.stop("failed")
			},
			reported: (name, data) => this.#usage?.reported(name, data),
			toast: (next) => this.say(next),
			modal: (modal: Modal) =>
				questions.ask<ModalAnswer>((answer) => ({ kind: "modal", modal, answer })),
			sheet: (sheet: ActionSheet) =>
				questions.ask<number>((answer) => ({ kind: "sheet", sheet, answer })),
			consent: async (scope, reason) => {
				if (!(await outside.canAskConsent())) return null
				return questions.ask((answer) => ({ kind: "consent", scope, reason, answer }))
			},
			scan: () => outside.scan(),
			pay: (payment) => outside.pay(payment),
			openOrder: (id) => outside.openOrder(id),
			leave: (to) => outside.leave(to),
			beside: () => this.beside,
			quiet: () => outside.quiet(),
			// Only for a newer version: a program that could start over at will would do so for ever.
			restart: () => {
				if (this.stale) outside.restart()
			},
			copy: (text) => navigator.clipboard.writeText(text),
			renew: () => this.#renew(),
			stale: () => (this.stale = true),
		}
	}
}

/** Only programs that were written for Telegram start like that. */
async function startOf(launch: Launch, { api, theme }: Outside): Promise<string> {
	try {
		return await (await import("./telegram")).fragmentOf(launch, theme(), api)
	} catch {
		return ""
	}
}

/** What only developers load. */
async function traced(): Promise<Trace | null> {
	try {
		const { Trace } = await import("./dev/trace.svelte")
		return new Trace()
	} catch {
		return null
	}
}
