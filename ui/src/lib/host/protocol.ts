// The words that host and frame exchange. Both sides import this file; neither trusts the other's values.
// A frame is untrusted code: what arrives from it is checked here, by type and by size, before anything is done.

/** A theme the host can show. */
export type Theme = "light" | "dark"

/** What a launch answers: everything that is needed to open a program once. */
export interface Launch {
	/** Path of the frame document, `/mp/{appid}/{hash}/`. */
	frame: string
	/** The address of the script that the document runs first. */
	runtime: string
	/** Short-lived launch token; sent as `X-Launch-Token` with every call of the program. Empty without a network. */
	token: string
	appid: string
	version: number | string
	version_name?: string
	name: string
	names?: Record<string, string>
	/** URL or `data:` of the icon; an empty string draws the first letter instead. */
	icon: string
	color: string
	config: ProgramConfig
	/** State of each scope the person has already decided on. */
	consents: Record<string, "granted" | "denied">
	/** Scopes the program declares. */
	scopes: string[]
	/** What it says that it wants them for, in its own words. */
	reasons?: Record<string, string> | null
	/** The person's id inside this program only. */
	openid: string
	/** Where the frame finds pictures of other hosts, by `?url=`. */
	remote?: string
	/** The hosts that the program may reach. */
	domains?: string[]
	/** Those of them that its web-view opens without a question. */
	sites?: string[]
	description?: string
	descriptions?: Record<string, string>
	org?: string
	certified?: boolean
	/** The program's row, whose changes an open page follows. */
	id?: string
	/** What the operator has seen of it: "unverified" means nothing. */
	tier?: "unverified" | "reviewed"
	/** A version that only its makers and testers can open. */
	trial?: boolean
	/** Its document asks for Telegram.WebApp. */
	telegram?: boolean
	path?: string
	scene?: number | string
	query?: Record<string, string>
}

/** Window members of `app.json` and of a page's json. */
export interface WindowConfig {
	navigationBarTitleText?: string
	navigationBarBackgroundColor?: string
	navigationBarTextStyle?: "black" | "white"
	navigationStyle?: "default" | "custom"
	backgroundColor?: string
	backgroundTextStyle?: "dark" | "light"
	onReachBottomDistance?: number
	enablePullDownRefresh?: boolean
}

/** One page or component, as the compiler lists it. */
export interface ComponentConfig {
	page?: boolean
	/** Its own json, as written. */
	json: WindowConfig & {
		component?: boolean
		styleIsolation?: string
		addGlobalClass?: boolean
		pureDataPattern?: string
		disableScroll?: boolean
	}
	/** Used components by tag: paths that exist. */
	using: Record<string, string>
	generics?: Record<string, string | null>
	placeholder?: Record<string, string>
	template: boolean
	style: boolean
	script: boolean
}

/** The compiled program's table. */
export interface ProgramConfig {
	app: { darkmode?: boolean; style?: string; networkTimeout?: Record<string, number> }
	entry: string
	pages: string[]
	window: WindowConfig
	tabBar: TabBarConfig | null
	components: Record<string, ComponentConfig>
	app_script: boolean
	app_style: boolean
	kind?: "app" | "game" | "web"
	/** A game's packages that it loads by name: the module that loading one runs. */
	subpackages?: { name?: string; root: string; entry?: string }[]
	/** Pieces of the script that are brought when they are asked for: the path is a resource's. */
	parts?: { root: string; path: string; size: number }[]
	/** The folder of the scripts of its workers. */
	workers?: string
	/** A game's script that shows what is known of friends, in a frame of its own. */
	open?: string
}

/** `tabBar` of `app.json`. */
export interface TabBarConfig {
	list: { pagePath: string; text?: string; iconPath?: string; selectedIconPath?: string }[]
	custom?: boolean
	color?: string
	selectedColor?: string
	backgroundColor?: string
	borderStyle?: "black" | "white"
}

/** The tab bar as the host draws it. */
export interface TabBar {
	/** Paths of icons are the package's own. */
	list: { text: string; icon: string; selectedIcon: string; badge: string; dot: boolean }[]
	selected: number
	hidden: boolean
	color: string
	selectedColor: string
	background: string
	border: "black" | "white"
}

/** First message to the frame; it carries the one MessagePort and is accepted once. */
export interface Init {
	t: "init"
	appid: string
	version: string
	name: string
	config: ProgramConfig
	page: string
	query: Record<string, string>
	scene: number
	storage: Record<string, string>
	locale: string
	theme: Theme
	/** The pages that were open when the tab was loaded anew, the lowest first; else the program starts afresh. */
	stack?: StackPage[]
	exitState?: ExitState
	/** A developer may look into it. */
	inspect?: boolean
	/** Whether a game may be heard. */
	sound?: boolean
	/** The frame is a game's open data context, with a canvas of that size. */
	open?: { width: number; height: number }
	/** What the frame runs, as text; a web program has its own scripts. */
	code?: { runtime: string; script: string }
	/** Where pictures of other hosts are, by `?url=`. */
	remote?: string
	/** Where the capsule sits, in the frame's own coordinates. */
	capsule: Rect
	statusBarHeight: number
}

/** A rectangle in CSS pixels. */
export interface Rect {
	left: number
	top: number
	right: number
	bottom: number
	width: number
	height: number
}

/** Where a program that is already open is wanted. */
export interface Entrance {
	/** Empty is the entry page. */
	path: string
	query: Record<string, string>
	scene: number
}

/** What the frame says about the page on top. */
export interface Nav {
	path: string
	depth: number
	title: string
	background: string
	front: "black" | "white" | ""
	custom: boolean
	loading: boolean
	/** What the page was opened with. */
	query?: Record<string, string>
}

/** A page of the stack, as it is opened again after the tab was loaded anew. */
export interface StackPage {
	path: string
	query: Record<string, string>
	/** How far it was scrolled. */
	scroll: number
}

/** What a page would have kept when its program was ended behind its back. */
export interface ExitState {
	path: string
	data: unknown
}

/** What a program would have shared of its page: a title, a page with its query, a picture of its own. */
export interface Shared {
	title: string
	path: string
	imageUrl: string
}

/** An error inside the program, as the report shows it. */
export interface ProgramError {
	message: string
	stack: string
	where: string
	fatal: boolean
}

/** What is told of a request that is under way, or of a socket. */
export type NetworkEvent = { ev: "network"; task: number } & (
	| { what: "head"; status: number; header: Record<string, string>; cookies: string[] }
	| { what: "chunk"; data: ArrayBuffer }
	| { what: "sent" | "got"; done: number; all: number }
	| { what: "message"; data: string | ArrayBuffer }
	| { what: "close"; code: number; reason: string }
)

/** A value of the program as a developer sees it: text, and members to unfold. */
export interface Shown {
	kind: "string" | "value" | "function" | "error" | "object"
	text: string
	members?: [name: string, value: Shown][]
}

/** A line of the program's console. */
export interface Line {
	level: "debug" | "log" | "info" | "warn" | "error"
	/** Milliseconds since 1970. */
	at: number
	values: Shown[]
}

/** An element of a page; without a tag it is text. */
export interface TreeNode {
	tag: string
	/** Its id and classes, or the text. */
	text: string
	/** Of the program's own components and pages. */
	data?: Shown
	children: TreeNode[]
}

/** What a frame tells a developer. */
export interface Inspected {
	lines?: Line[]
	/** Lines that were too many. */
	missed?: number
	tree?: TreeNode[]
	/** How often data was set, and how many milliseconds that took. */
	updates?: { count: number; ms: number }
	system?: Shown
}

/** Host → frame, besides answers. */
export type HostEvent =
	| NetworkEvent
	| { ev: "back" }
	/** The program is in front again; with an entrance it is wanted at that page. */
	| { ev: "show"; entrance?: Entrance }
	| { ev: "hide" }
	| { ev: "theme"; theme: Theme }
	| { ev: "locale"; locale: string }
	/** An entry of the tab bar was pressed. */
	| { ev: "tab"; index: number }
	/** Something happened that the program may listen to, by its name in `wx.on…`. */
	| { ev: "event"; name: string; detail: unknown }
	/** A developer looks into the program, or changes what it keeps: `value` is JSON, null takes it away. */
	| { ev: "inspect"; ask: "tree" | "system" | "store"; key?: string; value?: string | null }
	/** The person turns a game's sound on or off. */
	| { ev: "sound"; on: boolean }
	/** How much of a piece of the script has come. */
	| { ev: "part"; path: string; done: number; all: number }
	/** What a game tells its open data context: words, the canvas's size, fingers. */
	| { ev: "open"; what: "message" | "size" | "touch"; detail: unknown }
	/** What the camera sees. */
	| { ev: "camera"; picture: ImageBitmap }
	/** The person wants to share the page on top; the frame may cast `share` with a `Shared`. */
	| { ev: "share" }

/** Named limits of what the host accepts from a frame. */
export const LIMITS = {
	/** Characters of one message, as JSON. */
	message: 1_000_000,
	/** Bytes that one message carries beside its JSON. */
	bytes: 20_000_000,
	/** Characters of a title, a button, a toast. */
	words: 200,
	/** Characters of a modal's text or of an error's stack. */
	text: 4_000,
	/** Entries of an action sheet (WeChat's own limit). */
	sheetItems: 6,
	/** Entries of a tab bar (WeChat's own limit). */
	tabs: 5,
	/** Calls that may wait for an answer at once. */
	pending: 64,
	/** Casts and calls in one second; what comes on top is dropped, and calls fail. */
	perSecond: 200,
	/** Messages in one second that end a program; so do more than `perSecond` for so many seconds in a row. */
	flood: 5_000,
	floodSeconds: 10,
	/** Characters of all values a program keeps on this device (WeChat: 10 MB). */
	storage: 10_000_000,
	/** Characters of one stored value (WeChat: 1 MB). */
	storedValue: 1_000_000,
	/** Characters put on the clipboard. */
	clipboard: 100_000,
	/** Errors of one program that are kept for its report. */
	errors: 20,
	/** Characters of what a program says that it wants a scope for. */
	reason: 80,
	/** Characters of a page's path with its query, as a link carries it. */
	path: 2_000,
} as const

/** Milliseconds that a program has to say what it would share. */
export const SHARE_TIMEOUT = 1_000

/** Milliseconds until a program that has not drawn its first page is given up. */
export const START_TIMEOUT = 8_000
