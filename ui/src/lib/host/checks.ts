// What a frame says, judged: types, sizes, and nothing else than plain data. Each check answers a clean copy, or
// null for something that is not what it claims to be.

import {
	type ExitState,
	LIMITS,
	type Nav,
	type ProgramError,
	type Shared,
	type StackPage,
	type TabBar,
} from "./protocol"

const DEPTH = 24
const COLOUR = /^#(?:[\da-f]{3}|[\da-f]{6})$/i

export type Fields = Record<string, unknown>

/** A message of a frame: a call when it has an id, else a cast. */
export interface FrameMessage {
	id: number | null
	method: string
	args: unknown
	/** What it carries beside the JSON: a file, a body. */
	bytes?: ArrayBuffer
}

/** The characters of plain data as JSON, roughly; more than `most`, or not plain: Infinity. Stops early. */
export function measure(value: unknown, most: number = LIMITS.message, depth = 0): number {
	if (value === null || value === undefined || typeof value === "boolean") return 5
	if (typeof value === "number") return 20
	if (typeof value === "string")
		return value.length + 2 > most ? Number.POSITIVE_INFINITY : value.length + 2
	if (typeof value !== "object" || depth > DEPTH) return Number.POSITIVE_INFINITY
	const proto: unknown = Object.getPrototypeOf(value)
	if (!Array.isArray(value) && proto !== Object.prototype && proto !== null)
		return Number.POSITIVE_INFINITY
	let sum = 2
	for (const [name, member] of Object.entries(value)) {
		sum += name.length + 4 + measure(member, most - sum, depth + 1)
		if (sum > most) return Number.POSITIVE_INFINITY
	}
	return sum
}

/** The message, if it is one. */
export function checkMessage(data: unknown): FrameMessage | null {
	if (!isFields(data)) return null
	const { id, m, a, b } = data
	if (measure(id) + measure(m) + measure(a) > LIMITS.message) return null
	if (b !== undefined && !(b instanceof ArrayBuffer && b.byteLength <= LIMITS.bytes)) return null
	if (typeof m !== "string" || m.length > 40) return null
	if (id !== undefined && !(Number.isSafeInteger(id) && (id as number) > 0)) return null
	const message = { id: (id as number | undefined) ?? null, method: m, args: a }
	return b === undefined ? message : { ...message, bytes: b as ArrayBuffer }
}

export function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Text that people will read, cut to size; anything else is empty. */
export function words(value: unknown, most: number = LIMITS.words): string {
	if (typeof value === "number") return String(value)
	return typeof value === "string" ? value.slice(0, most) : ""
}

/** A colour that a program may give the bar; anything else is none. */
export function colour(value: unknown): string {
	return typeof value === "string" && COLOUR.test(value) ? value : ""
}

export function checkNav(args: unknown): Nav | null {
	if (!isFields(args)) return null
	const { path, depth, title, background, front, custom, loading, query } = args
	if (!Number.isInteger(depth) || (depth as number) < 1 || (depth as number) > 10) return null
	return {
		path: words(path),
		depth: depth as number,
		title: words(title),
		background: colour(background),
		front: front === "black" || front === "white" ? front : "",
		custom: custom === true,
		loading: loading === true,
		query: checkQuery(query),
	}
}

/** A tab bar whose pictures are the package's own; null takes it away. */
export function checkTabs(args: unknown): TabBar | null {
	if (!isFields(args) || !Array.isArray(args.list) || args.hidden === true) return null
	const { list, selected } = args
	const entries = list.slice(0, LIMITS.tabs).map((entry: unknown) => {
		const told = isFields(entry) ? entry : {}
		const icon = (value: unknown) => {
			const path = words(value, LIMITS.path)
			return inside(path) ? path.replace(/^\//, "") : ""
		}
		return {
			text: words(told.text, 20),
			icon: icon(told.icon),
			selectedIcon: icon(told.selectedIcon),
			badge: words(told.badge, 8),
			dot: told.dot === true,
		}
	})
	if (entries.length < 2 || !entries[selected as number]) return null
	return {
		list: entries,
		selected: selected as number,
		hidden: false,
		color: colour(args.color),
		selectedColor: colour(args.selectedColor),
		background: colour(args.background),
		border: args.border === "white" ? "white" : "black",
	}
}

/** The open pages, the lowest first. */
export function checkStack(args: unknown): StackPage[] | null {
	if (!Array.isArray(args) || args.length < 1 || args.length > 10) return null
	return args.map((page: unknown) => {
		const { path, query, scroll } = isFields(page) ? page : {}
		const far = typeof scroll === "number" && scroll > 0 && scroll < 1e7 ? Math.round(scroll) : 0
		return { path: words(path), query: checkQuery(query), scroll: far }
	})
}

/** What a page wants to have kept, and until when. */
export function checkExit(args: unknown): (ExitState & { until: number }) | null {
	if (!isFields(args)) return null
	const { path, data, until } = args
	if (typeof until !== "number" || !Number.isFinite(until)) return null
	return { path: words(path), data, until }
}

/** A page's query: text by name, no longer together than a link may be. */
function checkQuery(query: unknown): Record<string, string> {
	if (!isFields(query)) return {}
	const pairs = Object.entries(query).filter(
		(pair): pair is [string, string] => typeof pair[1] === "string",
	)
	const length = pairs.reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0)
	return length > LIMITS.path ? {} : Object.fromEntries(pairs)
}

/** What to share, as far as it stays inside the program: a page of its own, a picture of its own. */
export function checkShared(args: unknown): Shared | null {
	if (!isFields(args)) return null
	const path = words(args.path, LIMITS.path)
	const imageUrl = words(args.imageUrl, LIMITS.path)
	return {
		title: words(args.title),
		path: inside(path) ? path : "",
		imageUrl: inside(imageUrl) ? imageUrl : "",
	}
}

const inside = (path: string) =>
	!path.includes("\\") &&
	!path.split(/[?#]/)[0]?.includes("..") &&
	!/^[a-z][a-z\d+.-]*:|^\/\//i.test(path)

export interface Toast {
	title: string
	icon: "success" | "error" | "loading" | "none"
	/** Milliseconds; 0 stays until it is taken away. */
	duration: number
	mask: boolean
}

export function checkToast(args: unknown): Toast | null {
	if (!isFields(args)) return null
	const { title, icon, duration, mask } = args
	const known = icon === "success" || icon === "error" || icon === "loading" ? icon : "none"
	const time = typeof duration === "number" && Number.isFinite(duration) ? duration : 1500
	return {
		title: words(title),
		icon: known,
		duration: known === "loading" && time === 0 ? 0 : Math.min(Math.max(time, 500), 10_000),
		mask: mask === true,
	}
}

export interface Modal {
	title: string
	content: string
	cancel: string | null
	confirm: string
	editable: boolean
	placeholder: string
}

export function checkModal(args: unknown): Modal | null {
	if (!isFields(args)) return null
	return {
		title: words(args.title),
		content: words(args.content, LIMITS.text),
		cancel: args.showCancel === false ? null : words(args.cancelText, 20),
		confirm: words(args.confirmText, 20),
		editable: args.editable === true,
		placeholder: words(args.placeholderText),
	}
}

export interface ActionSheet {
	alert: string
	items: string[]
}

export function checkActionSheet(args: unknown): ActionSheet | null {
	if (!isFields(args) || !Array.isArray(args.itemList)) return null
	const items = args.itemList.map((item) => words(item)).filter(Boolean)
	if (items.length < 1 || items.length > LIMITS.sheetItems || items.length !== args.itemList.length)
		return null
	return { alert: words(args.alertText), items }
}

export function checkError(args: unknown): ProgramError | null {
	if (!isFields(args)) return null
	return {
		message: words(args.message, LIMITS.text),
		stack: words(args.stack, LIMITS.text),
		where: words(args.where),
		fatal: args.fatal === true,
	}
}

/** What a payment sheet is for: an order of the house, or a bill of the program's server. */
export type Payable = { order: string } | { bill: string }

/** What a payment is for: `order=ID`, or `prepay_id=ID` of a bill, as WeChat writes it. */
export function checkPayment(args: unknown): Payable | null {
	const text = isFields(args) ? args.package : null
	const found = typeof text === "string" ? /^(order|prepay_id)=([\w-]{1,64})$/.exec(text) : null
	if (!found?.[2]) return null
	return found[1] === "order" ? { order: found[2] } : { bill: found[2] }
}

const METHOD = /^[a-z]{1,30}\.[a-z]{1,30}$/
const FUNCTION = /^[\w-]{1,64}$/

/** A method of the bridge's table by its shape; whether it exists is the server's to say. */
export function checkMethod(args: unknown): { method: string; args: unknown } | null {
	if (!isFields(args) || typeof args.method !== "string" || !METHOD.test(args.method)) return null
	return { method: args.method, args: args.args ?? {} }
}

export function checkFunction(args: unknown): { name: string; event: unknown } | null {
	if (!isFields(args) || typeof args.name !== "string" || !FUNCTION.test(args.name)) return null
	return { name: args.name, event: args.data ?? {} }
}

export type StorageChange = { clear: true } | { key: string; value: string | null }

export function checkStorage(args: unknown): StorageChange | null {
	if (!isFields(args)) return null
	if (args.clear === true) return { clear: true }
	const { key, value } = args
	if (typeof key !== "string" || key === "" || key.length > LIMITS.words) return null
	if (value !== null && !(typeof value === "string" && value.length <= LIMITS.storedValue))
		return null
	return { key, value }
}
