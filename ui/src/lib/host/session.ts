// One launch of one program, seen from the host: the port's other end. A session trusts nothing that comes
// through the port, does what the program may do, and ends with its frame.

import {
	type ActionSheet,
	checkActionSheet,
	checkError,
	checkExit,
	checkFunction,
	checkMessage,
	checkMethod,
	checkModal,
	checkNav,
	checkPayment,
	checkShared,
	checkStack,
	checkStorage,
	checkTabs,
	checkToast,
	type FrameMessage,
	isFields,
	type Modal,
	type Payable,
	type Toast,
	words,
} from "./checks"
import type { Decision, Held } from "./consents"
import { Meter } from "./flood"
import {
	type ExitState,
	type HostEvent,
	type Launch,
	LIMITS,
	type Nav,
	type ProgramError,
	SHARE_TIMEOUT,
	type Shared,
	type StackPage,
	type TabBar,
} from "./protocol"
import type { ProgramStore } from "./store"

/** Sends a POST of plain data, or of a form with files, to Plaza's server and answers its JSON. */
export type Api = (
	path: string,
	init: { method: "POST"; headers: Record<string, string>; body: unknown },
) => Promise<unknown>

/** How a payment sheet ended. */
export interface PaymentEnd {
	status: string
	/** Why it could not be paid, whatever the person did: "bill_expired" and the like. */
	code?: string
}

/** Another program, and a page of it; empty is its entry page. */
export interface Elsewhere {
	appid: string
	path: string
}

/** What a session asks of the host's screen. */
export interface Hands {
	ready(): void
	nav(nav: Nav): void
	/** Which pages are open. */
	stack(pages: StackPage[]): void
	/** What the page on top wants to find again, and until when. */
	exitState(state: ExitState & { until: number }): void
	/** What it tells the developer who looks into it. */
	inspected(told: unknown): void
	/** A call begins; answers what wants to hear of its end. */
	called(message: FrameMessage): ((answer: unknown, error: unknown) => void) | null
	/** It says more than can be read, and does not stop. */
	flooded(): void
	/** The tab bar of the page on top, or none. */
	tabs(bar: TabBar | null): void
	failed(error: ProgramError): void
	/** It counts one of its own events. */
	reported(name: string, data: Record<string, string | number | boolean>): void
	toast(toast: Toast | null): void
	/** The button, and the text if there was a field. */
	modal(modal: Modal): Promise<{ confirm: boolean; content?: string }>
	/** The index chosen, or -1. */
	sheet(sheet: ActionSheet): Promise<number>
	/** What the person says of the scope now; null is "not now". The reason is the program's own, or none. */
	consent(scope: string, reason: string): Promise<Decision | null>
	scan(): Promise<{ code: string }>
	/** The host's own sheet: "paid" once the server has said so; a code when it can never be paid. */
	pay(what: Payable): Promise<PaymentEnd>
	openOrder(id: string): void
	/** The program is left: for where it was opened from, or for another program. */
	leave(to: Elsewhere | null): void
	/** Where a second frame of the program may stand, over the first. */
	beside(): HTMLElement | null
	/** A game would be heard, and its sound is off. */
	quiet(): void
	/** The program starts over in a newer version, if there is one. */
	restart(): void
	copy(text: string): Promise<void>
	/** A fresh launch token; the one in use has run out. */
	renew(): Promise<Launch>
	/** The program has a newer version; this one may not go on. */
	stale(): void
}

/** What an area of methods may use of its session. */
export interface Reach {
	/** The launch as it is now: its token may be another than at first. */
	readonly launch: Launch
	readonly hands: Hands
	/** Asks the server below `/api/mp/{appid}/`, and the person when a permission is missing. */
	ask(path: string, body: unknown): Promise<unknown>
	/** Runs a method of the bridge's table. */
	bridge(method: string, args?: unknown): Promise<unknown>
	/** Whether the reason for a refusal could be taken away, such as a launch that has run out, so that asking again makes sense. */
	mend(error: unknown): Promise<boolean>
	/**
	 * Takes a scope for something on the person's device: asks them if need be, and uses up a yes that was for once
	 * unless it is to be kept. A no is a refusal in WeChat's words, with the code `consent_required`, `scope_undeclared`
	 * or `tier_not_allowed`. The reason is the program's own words, in place of those of its manifest.
	 */
	permit(scope: string, how?: { keep?: boolean; reason?: string }): Promise<void>
	/** What the person has decided of the program's scopes, as it holds in this launch. */
	consents(): Promise<Record<string, Held>>
	/** Stores what the person says of a scope. */
	decide(scope: string, decision: Decision): Promise<void>
	tell(event: HostEvent, transfer?: Transferable[]): void
	/** Runs whenever the program leaves the screen. */
	atHide(run: () => void): void
	/** Runs when the session ends. */
	atEnd(run: () => void): void
}

/** What a call gives back when it has more than JSON. */
export class WithBytes {
	readonly result: unknown
	readonly bytes: ArrayBuffer
	constructor(result: unknown, bytes: ArrayBuffer) {
		this.result = result
		this.bytes = bytes
	}
}

/** A group of methods that is fetched when the first of them is called; casts come here, too, and nobody hears the answer. */
export interface Area {
	run(reach: Reach, message: FrameMessage): Promise<unknown>
}

/** Which area a method is in. */
const AREAS: Record<string, () => Promise<Area>> = {
	...inArea(
		() => import("./areas/device"),
		[
			"sensor",
			"battery",
			"keepScreenOn",
			"keyboard",
			"makePhoneCall",
			"sendSms",
			"getClipboardData",
			"addPhoneContact",
			"addPhoneCalendar",
		],
	),
	...inArea(
		() => import("./areas/consent"),
		[
			"login",
			"checkSession",
			"authorize",
			"getSetting",
			"openSetting",
			"getUserInfo",
			"openPrivacyContract",
		],
	),
	...inArea(
		() => import("./areas/location"),
		["getLocation", "watchLocation", "openLocation", "chooseLocation"],
	),
	...inArea(
		() => import("./areas/network"),
		["networkSend", "networkAbort", "socketOpen", "socketSend", "socketClose"],
	),
	...inArea(() => import("./areas/files"), ["cloudUpload", "cloudDownload", "cloudAbort"]),
	...inArea(() => import("./areas/package"), ["packagePart", "packageFile", "packagePictures"]),
	...inArea(
		() => import("./areas/opendata"),
		["openStart", "openMessage", "openSize", "openTouch", "openPlace"],
	),
	...inArea(
		() => import("./areas/camera"),
		["cameraStart", "cameraStop", "cameraSeen", "cameraPhoto", "cameraRecord"],
	),
	regions: () => import("./areas/regions"),
	askMessages: () => import("./areas/messages"),
	frameScript: () => import("./areas/script"),
	leave: () => import("./areas/leave"),
	report: () => import("./areas/report"),
	...inArea(() => import("./areas/outside"), ["openLink", "sharePage"]),
	...inArea(
		() => import("./areas/media"),
		["saveToAlbum", "saveToDisk", "openFile", "shareFile", "record"],
	),
}

function inArea(area: () => Promise<Area>, methods: string[]): Record<string, () => Promise<Area>> {
	return Object.fromEntries(methods.map((method) => [method, area]))
}

interface Refused {
	message: string
	code: string
	status: number
	data: Record<string, unknown>
}

const RETRY = 600
/** How often a scope may be asked for in one launch without a yes. Who says "once" is asked each time. */
const ASKS = 2

/** The codes of refusals that mean "this program may not". */
export const DENIALS = ["consent_required", "scope_undeclared", "tier_not_allowed"]

/** What a refused call is told; the words are WeChat's where WeChat has some. */
export class Refusal extends Error {
	readonly code: string
	constructor(message: string, code: string) {
		super(message)
		this.code = code
	}
}

export class Session {
	#launch: Launch
	readonly #port: MessagePort
	readonly #api: Api
	readonly #hands: Hands
	readonly #store: ProgramStore
	readonly #refusals = new Map<string, number>()
	/** What a running call says that it wants a scope for. */
	readonly #reasons = new Map<string, string>()
	readonly #asking = new Map<string, Promise<boolean>>()
	#pending = 0
	readonly #meter = new Meter()
	#ended = false
	readonly #ends: (() => void)[] = []
	readonly #hides = new Set<() => void>()
	#shared: ((shared: Shared | null) => void) | null = null

	constructor(port: MessagePort, launch: Launch, api: Api, store: ProgramStore, hands: Hands) {
		this.#port = port
		this.#launch = launch
		this.#api = api
		this.#store = store
		this.#hands = hands
		this.#reach = this.#makeReach()
		port.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data)
	}

	/** Tells the frame something. */
	tell(event: HostEvent, transfer: Transferable[] = []): void {
		if (this.#ended) return
		this.#port.postMessage(event, transfer)
		if (event.ev === "hide") for (const run of this.#hides) run()
	}

	/** Asks the program what it would share of its page; null when it has no answer, or none in time. */
	share(): Promise<Shared | null> {
		this.#shared?.(null)
		return new Promise((resolve) => {
			const timer = setTimeout(() => this.#shared?.(null), SHARE_TIMEOUT)
			this.#shared = (shared) => {
				clearTimeout(timer)
				this.#shared = null
				resolve(shared)
			}
			this.tell({ ev: "share" })
		})
	}

	/** What the program may do from now on, and as whom it asks. */
	renewed(launch: Launch): void {
		this.#launch = launch
	}

	/** Cuts the frame off. */
	end(): void {
		this.#shared?.(null)
		this.#ended = true
		for (const run of this.#ends.splice(0)) run()
		this.#port.close()
		this.#store.flush()
	}

	/** The session as an area of methods may use it: the same object all along. */
	readonly #reach: Reach

	#makeReach(): Reach {
		const launch = () => this.#launch
		return {
			get launch() {
				return launch()
			},
			hands: this.#hands,
			ask: (path, body) => this.#ask(path, body),
			bridge: (method, args = {}) => this.#ask(`bridge/${method}`, { args }),
			mend: (error) => this.#mend(refused(error), 0),
			permit: (scope, how = {}) => this.#permit(scope, how),
			consents: () => this.consents(),
			decide: (scope, decision) => this.decide(scope, decision),
			tell: (event, transfer) => this.tell(event, transfer),
			atHide: (run) => this.#hides.add(run),
			atEnd: (run) => this.#ends.push(run),
		}
	}

	/** Does what an area is for; what is in none does not exist. */
	async #inArea(message: FrameMessage): Promise<unknown> {
		const area = Object.hasOwn(AREAS, message.method) ? AREAS[message.method] : undefined
		if (!area) throw new Refusal("not supported", "not_supported")
		const loaded = await area()
		if (this.#ended) throw new Refusal("the program is closed", "closed")
		return loaded.run(this.#reach, message)
	}

	#hear(data: unknown): void {
		if (this.#ended) return
		const rate = this.#meter.heard()
		if (rate === "flood") {
			this.end()
			this.#hands.flooded()
			return
		}
		if (rate === "over") {
			const id = isFields(data) ? data.id : null
			if (Number.isSafeInteger(id)) this.#answer(id as number, { err: tooMany })
			return
		}
		const message = checkMessage(data)
		if (!message) {
			this.#refuseUnread(data)
			return
		}
		if (message.id === null) this.#cast(message)
		else void this.#call(message.id, message)
	}

	/** A call that is too large or not plain still learns that it failed. */
	#refuseUnread(data: unknown): void {
		const id = isFields(data) ? data.id : null
		if (!this.#ended && Number.isSafeInteger(id)) {
			this.#answer(id as number, {
				err: {
					message: "the message is too large or not plain data",
					code: "bad_message",
					status: 0,
					data: {},
				},
			})
		}
	}

	#cast(message: FrameMessage): void {
		const { method, args } = message
		const hands = this.#hands
		switch (method) {
			case "ready":
				hands.ready()
				break
			case "nav":
				when(checkNav(args), hands.nav)
				break
			case "inspect":
				hands.inspected(args)
				break
			case "stack":
				when(checkStack(args), hands.stack)
				break
			case "exitState":
				when(checkExit(args), hands.exitState)
				break
			case "tabs":
				hands.tabs(checkTabs(args))
				break
			case "error":
				when(checkError(args), hands.failed)
				break
			case "toast":
				hands.toast(checkToast(args))
				break
			case "setStorage":
				when(checkStorage(args), (change) => this.#store.change(change))
				break
			case "quiet":
				hands.quiet()
				break
			case "applyUpdate":
				hands.restart()
				break
			case "openOrder":
				when(isFields(args) ? words(args.id) : "", hands.openOrder)
				break
			case "share":
				this.#shared?.(checkShared(args))
				break
			case "vibrate":
				navigator.vibrate?.(isFields(args) && args.long === true ? 400 : 15)
				break
			default:
				this.#inArea(message).catch(() => {}) // nobody waits for it
		}
	}

	async #call(id: number, message: FrameMessage): Promise<void> {
		if (this.#pending >= LIMITS.pending) {
			this.#answer(id, { err: tooMany })
			return
		}
		this.#pending++
		const ended = this.#hands.called?.(message)
		try {
			const result = await this.#do(message)
			ended?.(result, null)
			this.#answer(id, { r: result })
		} catch (error) {
			const err = refused(error)
			ended?.(null, err)
			this.#answer(id, { err })
		} finally {
			this.#pending--
		}
	}

	#answer(id: number, answer: { r: unknown } | { err: Refused }): void {
		if (this.#ended) return
		if ("r" in answer && answer.r instanceof WithBytes) {
			const { result, bytes } = answer.r
			this.#port.postMessage({ id, r: result, b: bytes }, [bytes])
		} else this.#port.postMessage({ id, ...answer })
	}

	async #do(message: FrameMessage): Promise<unknown> {
		const { method, args } = message
		switch (method) {
			case "bridge": {
				const { method: name, args: given } = need(checkMethod(args))
				return this.#ask(`bridge/${name}`, { args: given })
			}
			case "callFunction": {
				const { name, event } = need(checkFunction(args))
				const answer = await this.#ask(`call/${name}`, { event })
				return isFields(answer) ? answer.result : undefined
			}
			case "modal": {
				const { confirm, content } = await this.#hands.modal(need(checkModal(args)))
				return { confirm, cancel: !confirm, ...(content === undefined ? {} : { content }) }
			}
			case "actionSheet": {
				const tapIndex = await this.#hands.sheet(need(checkActionSheet(args)))
				if (tapIndex < 0) throw new Refusal("cancel", "cancelled")
				return { tapIndex }
			}
			case "scanCode": {
				const { code } = await this.#hands
					.scan()
					.catch(() => Promise.reject(new Refusal("cancel", "cancelled")))
				return { code: words(code, LIMITS.text) }
			}
			case "requestPayment": {
				const { status, code } = await this.#hands.pay(need(checkPayment(args)))
				if (status === "paid") return {}
				throw code
					? new Refusal(words(code, 60), words(code, 60))
					: new Refusal("cancel", "cancelled")
			}
			case "setClipboardData": {
				const data = isFields(args) ? args.data : null
				if (typeof data !== "string" || data.length > LIMITS.clipboard) throw badArgs
				return this.#hands.copy(data)
			}
			default:
				return this.#inArea(message)
		}
	}

	/** Asks the server, and the person when a permission is missing. A retry carries the same key: nothing happens twice. */
	async #ask(path: string, body: unknown): Promise<unknown> {
		const key = randomKey()
		for (let attempt = 0; ; attempt++) {
			try {
				// It was opened without a network: if there is one now, it needs a token first.
				if (this.#launch.token === "") this.#launch = await this.#hands.renew()
				return await this.#post(path, body, key)
			} catch (error) {
				if (attempt >= 3 || !(await this.#mend(refused(error), attempt))) throw error
			}
		}
	}

	/** What the person has decided of the program's scopes. */
	async consents(): Promise<Record<string, Held>> {
		const answer = await this.#ask("bridge/consents.get", { args: {} })
		const held = isFields(answer) && isFields(answer.consents) ? answer.consents : {}
		return held as Record<string, Held>
	}

	/** Stores what the person says of a scope: a yes for once, or while it is open, is of this launch. */
	async decide(scope: string, decision: Decision): Promise<void> {
		await this.#ask("consents", { scope, ...decision })
	}

	async #permit(scope: string, { keep = false, reason }: { keep?: boolean; reason?: string }) {
		try {
			if (reason) this.#reasons.set(scope, reason)
			await this.#ask("bridge/consents.use", { args: { scope, keep } })
		} catch (error) {
			const { code } = refused(error)
			throw DENIALS.includes(code) ? new Refusal("auth deny", code) : error
		} finally {
			this.#reasons.delete(scope)
		}
	}

	#post(path: string, body: unknown, key: string): Promise<unknown> {
		const headers = { "X-Launch-Token": this.#launch.token, "Idempotency-Key": key }
		return this.#api(`/api/mp/${encodeURIComponent(this.#launch.appid)}/${path}`, {
			method: "POST",
			headers,
			body,
		})
	}

	/** Whether the reason for a refusal could be taken away, so that asking again makes sense. */
	async #mend({ code, status, data }: Refused, attempt: number): Promise<boolean> {
		if (code === "consent_required") return this.#consent(words(data.scope), words(data.state))
		if (code === "launch_expired") {
			this.#launch = await this.#hands.renew()
			return true
		}
		if (code === "launch_stale") this.#hands.stale()
		if (status !== 0 || code !== "" || attempt > 0) return false
		await new Promise((resolve) => setTimeout(resolve, RETRY))
		return true
	}

	/** One question at a time per scope, none after a few that were not answered by a yes, none after a stored "no". */
	#consent(scope: string, state: string): Promise<boolean> {
		if (!this.#launch.scopes.includes(scope) || state === "denied") return Promise.resolve(false)
		const running = this.#asking.get(scope)
		if (running) return running
		if ((this.#refusals.get(scope) ?? 0) >= ASKS) return Promise.resolve(false)
		const question = this.#put(scope).finally(() => this.#asking.delete(scope))
		this.#asking.set(scope, question)
		return question
	}

	/** Puts the question and stores the answer. */
	async #put(scope: string): Promise<boolean> {
		const reason = words(this.#reasons.get(scope) ?? this.#launch.reasons?.[scope], LIMITS.reason)
		const decision = await this.#hands.consent(scope, reason)
		if (decision?.state !== "granted")
			this.#refusals.set(scope, (this.#refusals.get(scope) ?? 0) + 1)
		if (decision) await this.decide(scope, decision)
		return decision?.state === "granted"
	}
}

export const badArgs = new Refusal("parameter error", "bad_args")
const tooMany: Refused = {
	message: "too many calls at once",
	code: "too_many_calls",
	status: 0,
	data: {},
}

/** Does it for something that passed its check, and nothing otherwise. */
function when<T>(checked: T | null | "", act: (value: T) => void): void {
	if (checked) act(checked as T)
}

function need<T>(checked: T | null): T {
	if (checked === null) throw badArgs
	return checked
}

/** An error in one shape, whether the API client's, the server's or ours. */
export function refused(error: unknown): Refused {
	const outer =
		isFields(error) || error instanceof Error ? (error as unknown as Record<string, unknown>) : {}
	const body = isFields(outer.response) ? outer.response : outer
	const data = isFields(body.data) ? body.data : {}
	return {
		message: words(body.message || outer.message, LIMITS.text) || "failed",
		code: words(outer.code || data.code),
		status: typeof outer.status === "number" ? outer.status : 0,
		data,
	}
}

/** Unique enough for one person's calls; `randomUUID` exists only where the page is served securely. */
function randomKey(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
		byte.toString(16).padStart(2, "0"),
	).join("")
}
