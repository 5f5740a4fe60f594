// A game's open data context: the one frame that is told who a person's friends are. It must not be able to say so to
// anybody, least of all to the game. So it is a frame of its own whose document loads nothing; it has a port to here
// over which nothing goes on to the game; it stands in a shadow tree, where no other frame can find it and count what
// it makes; it cannot be focused or pressed; and what goes wrong in it is not reported to its makers.

import { client } from "../../api"
import { type Fields, type FrameMessage, isFields, words } from "../checks"
import { Meter } from "../flood"
import { scriptText } from "../packages"
import { type HostEvent, LIMITS } from "../protocol"
import { badArgs, type Reach, Refusal, WithBytes } from "../session"
import { addressOf } from "./package"

/** Pixels of the canvas's longer side. */
const LARGEST = 4_096
/** Boards that one question may name. */
const BOARDS = 10
/** Messages that wait for the frame to be there. */
const WAITING = 100

interface Entry {
	score: number
	name: string
	avatar: string
	me?: boolean
}

const contexts = new WeakMap<Reach, OpenContext>()

/** What the game says of it. */
export async function run(reach: Reach, { method, args }: FrameMessage): Promise<unknown> {
	if (!reach.launch.config.open) throw new Refusal("not supported", "not_supported")
	const given = isFields(args) ? args : {}
	let context = contexts.get(reach)
	if (!context) {
		const beside = reach.hands.beside()
		if (!beside) throw new Refusal("the program is closed", "closed")
		context = new OpenContext(reach, beside)
		contexts.set(reach, context)
		void context.open(method === "openStart" ? given : {})
	}
	switch (method) {
		case "openStart":
			return {}
		case "openSize":
			context.tell({ ev: "open", what: "size", detail: sizeOf(given) })
			return {}
		case "openMessage":
			context.tell({ ev: "open", what: "message", detail: given.message })
			return {}
		case "openTouch":
			context.tell({ ev: "open", what: "touch", detail: given })
			return {}
		case "openPlace":
			context.place(isFields(args) ? args : null)
			return {}
	}
	throw new Refusal("not supported", "not_supported")
}

function sizeOf({ width, height }: Fields): { width: number; height: number } {
	const side = (value: unknown, usual: number) =>
		Math.min(LARGEST, Math.max(1, Math.round(Number(value)) || usual))
	return { width: side(width, 300), height: side(height, 150) }
}

class OpenContext {
	readonly #reach: Reach
	readonly #holder: HTMLElement
	readonly #meter = new Meter()
	/** Addresses of pictures that the host itself has named to the frame. */
	readonly #pictures = new Set<string>()
	/** Boards that were asked for. */
	readonly #boards = new Set<string>()
	#port: MessagePort | undefined
	#waiting: HostEvent[] = []
	#token: Promise<string> | undefined
	#ended = false

	constructor(reach: Reach, beside: HTMLElement) {
		this.#reach = reach
		this.#holder = document.createElement("div")
		this.#holder.inert = true
		this.#holder.dataset.open = reach.launch.appid
		this.#holder.style.cssText =
			"position:absolute;pointer-events:none;overflow:hidden;visibility:hidden"
		beside.append(this.#holder)
		reach.atEnd(() => this.#end())
	}

	/** Begins the frame. */
	async open(size: Fields): Promise<void> {
		const { launch } = this.#reach
		const part = launch.config.parts?.find(({ root }) => `${root}/index.js` === launch.config.open)
		if (!part) return
		const [runtime, script] = await Promise.all([
			scriptText(launch.runtime),
			scriptText(`${launch.frame}res/${part.path}`),
		])
		if (this.#ended) return
		const frame = document.createElement("iframe")
		frame.setAttribute("sandbox", "allow-scripts")
		frame.referrerPolicy = "no-referrer"
		frame.allow = ""
		frame.title = launch.name
		frame.style.cssText =
			"width:100%;height:100%;border:0;background:transparent;color-scheme:normal"
		frame.src = `${launch.frame}?runtime=${launch.runtime.split("/").at(-1)}&open=1`
		frame.addEventListener("load", () => {
			// A second document is not the one whose policy keeps the words in.
			if (this.#port) {
				this.#end()
				return
			}
			const { port1, port2 } = new MessageChannel()
			this.#port = port1
			port1.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data)
			frame.contentWindow?.postMessage(this.#init({ runtime, script }, size), "*", [port2])
			for (const event of this.#waiting.splice(0)) port1.postMessage(event)
		})
		this.#holder.attachShadow({ mode: "open" }).append(frame)
	}

	#init(code: { runtime: string; script: string }, size: Fields): object {
		const { launch } = this.#reach
		const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"
		return {
			t: "init",
			appid: launch.appid,
			version: String(launch.version_name || launch.version),
			name: launch.name,
			config: { ...launch.config, parts: [] },
			page: "",
			query: {},
			scene: 1001,
			storage: {},
			locale: document.documentElement.lang || "en",
			theme,
			code,
			open: sizeOf(size),
			capsule: { left: 0, top: 0, right: 0, bottom: 0, width: 0, height: 0 },
			statusBarHeight: 0,
		}
	}

	tell(event: HostEvent): void {
		if (this.#port) this.#port.postMessage(event)
		else if (this.#waiting.length < WAITING) this.#waiting.push(event)
	}

	/** Lays the frame over the game, by parts of the game's screen; null takes it away. */
	place(box: Fields | null): void {
		const { style } = this.#holder
		style.visibility = box ? "visible" : "hidden"
		if (!box) return
		for (const [side, name] of [
			["left", "x"],
			["top", "y"],
			["width", "width"],
			["height", "height"],
		] as const) {
			const part = Number(box[name])
			if (Number.isFinite(part)) style[side] = `${Math.max(-400, Math.min(400, part * 100))}%`
		}
	}

	#end(): void {
		this.#ended = true
		this.#port?.close()
		this.#holder.remove()
	}

	#hear(data: unknown): void {
		if (this.#meter.heard() === "flood") this.#end()
		if (this.#ended) return
		if (!isFields(data) || !Number.isSafeInteger(data.id)) return // what it casts goes nowhere
		const { id, m: method, a: args } = data
		this.#answer(words(method), isFields(args) ? args : {}).then(
			(result) => {
				if (result instanceof WithBytes)
					this.#port?.postMessage({ id, r: result.result, b: result.bytes }, [result.bytes])
				else this.#port?.postMessage({ id, r: result })
			},
			(error: unknown) =>
				this.#port?.postMessage({
					id,
					err: {
						message: error instanceof Error ? error.message : "failed",
						code: "",
						status: 0,
						data: {},
					},
				}),
		)
	}

	async #answer(method: string, args: Fields): Promise<unknown> {
		switch (method) {
			case "friends":
				return { data: await this.#friends(boardsOf(args.keys)) }
			case "mine":
				return { KVDataList: await this.#mine(boardsOf(args.keys)) }
			case "self":
				return { data: await this.#self() }
			case "picture":
				return this.#picture(words(args.src, LIMITS.path))
		}
		throw new Refusal("not supported", "not_supported")
	}

	/** Asks with the one token that may be told of friends, which the game never has. */
	async #bridge(method: string, board: string): Promise<Fields> {
		const { launch } = this.#reach
		this.#token ??= this.#reach
			.ask("open-data", {})
			.then((answer) => words(isFields(answer) ? answer.token : "", LIMITS.text))
		this.#token.catch(() => (this.#token = undefined))
		const { authStore } = await client()
		const answer = await fetch(`/api/mp/${encodeURIComponent(launch.appid)}/bridge/${method}`, {
			method: "POST",
			headers: {
				Authorization: authStore.token,
				"Content-Type": "application/json",
				"X-Launch-Token": await this.#token,
			},
			body: JSON.stringify({ args: { board } }),
		})
		const told: unknown = await answer.json().catch(() => ({}))
		if (!answer.ok) {
			this.#token = undefined // it is short-lived; the next question takes another
			throw new Refusal(words(isFields(told) ? told.message : "") || "failed", "refused")
		}
		return isFields(told) ? told : {}
	}

	/** WeChat's shape, without anybody's id. Who is on several boards is put together by name and picture. */
	async #friends(boards: string[]): Promise<object[]> {
		const people = new Map<string, { nickname: string; avatarUrl: string; KVDataList: object[] }>()
		for (const board of boards) {
			if (this.#boards.size < BOARDS) this.#boards.add(board)
			const { entries } = await this.#bridge("leaderboards.friends", board)
			for (const { name, avatar, score } of entriesOf(entries)) {
				if (avatar) this.#pictures.add(avatar)
				const who = `${name} ${avatar}`
				const known = people.get(who) ?? { nickname: name, avatarUrl: avatar, KVDataList: [] }
				known.KVDataList.push({ key: board, value: String(score) })
				people.set(who, known)
			}
		}
		return [...people.values()].map((one) => ({ openid: "", ...one }))
	}

	async #mine(boards: string[]): Promise<object[]> {
		const all: object[] = []
		for (const board of boards) {
			const told = await this.#bridge("leaderboards.mine", board)
			const entry = isFields(told.entry) ? told.entry : told
			if (Number.isFinite(Number(entry.score)) && entry.score !== null)
				all.push({ key: board, value: String(entry.score) })
		}
		return all
	}

	/** Who the person is on a board, as their friends see them. */
	async #self(): Promise<object[]> {
		for (const board of this.#boards) {
			const { entries } = await this.#bridge("leaderboards.friends", board).catch(
				() => ({}) as Fields,
			)
			const me = entriesOf(entries).find((entry) => entry.me)
			if (!me) continue
			if (me.avatar) this.#pictures.add(me.avatar)
			return [{ openId: "", nickName: me.name, avatarUrl: me.avatar }]
		}
		return []
	}

	/** A picture of the package, or one that the host has named itself: any other address could carry words. */
	async #picture(source: string): Promise<WithBytes> {
		const { launch } = this.#reach
		const address = this.#pictures.has(source) ? source : addressOf(launch.frame, source)
		const answer = await fetch(address)
		const type = answer.headers.get("content-type") ?? ""
		if (!answer.ok || !type.startsWith("image/")) throw new Refusal("no such picture", "not_found")
		return new WithBytes({ type }, await answer.arrayBuffer())
	}
}

function boardsOf(keys: unknown): string[] {
	if (!Array.isArray(keys) || keys.length > BOARDS) throw badArgs
	return keys.map((key) => words(key))
}

function entriesOf(list: unknown): Entry[] {
	return (Array.isArray(list) ? list : []).filter(isFields).map((entry) => ({
		score: Number(entry.score),
		name: words(entry.name),
		avatar: words(entry.avatar, LIMITS.path),
		me: entry.me === true,
	}))
}
