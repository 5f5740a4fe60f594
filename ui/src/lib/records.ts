/** The shapes that the server answers, as far as the screens read them. Money is minor units. */

export interface Org {
	id: string
	name: string
	slug: string
	kind: "merchant" | "creator" | "agency" | "host"
	description: string
	currency: string
	timezone: string
	country: string
	color: string
	icon: string
	certified: boolean
}

export type Role = "owner" | "manager" | "cashier"

export interface Staff {
	id: string
	org: string
	user: string
	role: Role
	expand?: { org?: Org }
}

export interface Place {
	id: string
	org: string
	name: string
	address: string
	lat: number
	lon: number
	timezone: string
	closed: boolean
	expand?: { org?: Org }
}

export interface Product {
	id: string
	org: string
	gtin: string
	name: string
	brand: string
	quantity: string
	category: string
	price: number
	currency: string
	vat_bp: number
	min_age: number
	archived: boolean
}

export interface Reason {
	code: string
	params: Record<string, string | number>
	text: string
}

export interface Discount {
	campaign: string
	name: string
	kind: string
	amount: number
	reason: Reason
}

export interface Offer {
	product: string
	gtin: string
	name: string
	currency: string
	listed: number
	price: number
	until?: string
	campaign_name: string
	reason: Reason
}

export interface Offers {
	place: string
	org: string
	changes_at?: string
	offers: Offer[]
	more: boolean
}

export interface OrderLine {
	id: string
	product: string
	gtin: string
	name: string
	brand: string
	category: string
	quantity: number
	unit: number
	listed: number
	vat_bp: number
	min_age: number
	subtotal: number
	discount: number
	total: number
	discounts: Discount[]
}

export interface Tax {
	rate_bp: number
	gross: number
	net: number
	tax: number
}

export type OrderStatus =
	| "open"
	| "awaiting_approval"
	| "paid"
	| "checked"
	| "abandoned"
	| "refunded"

export interface Order {
	id: string
	number: string
	customer: string
	customer_name: string
	org: string
	place: string
	channel: "scan" | "pickup" | "delivery"
	status: OrderStatus
	currency: string
	lines: OrderLine[]
	discounts: Discount[]
	tax: Tax[]
	subtotal: number
	discount_total: number
	points_used: number
	points_value: number
	total: number
	points_to_earn: number
	points_earned: number
	priced_at: string
	changes_at: string
	age_required: boolean
	age_approved_by: string
	paid_at: string
	method: string
	exit_code: string
	exit_expires_at: string
	checked_at: string
	checked_by: string
	created: string
	updated: string
	expand?: { org?: Org; place?: Place }
}

export type ExitResult = "ok" | "already_used" | "wrong_place" | "expired" | "unknown" | "audit"

export interface ExitCheck {
	result: ExitResult
	order?: Order
}

export interface Balance {
	currency: string
	balance: number
	held: number
}

export interface Movement {
	id: string
	kind: string
	amount: number
	currency: string
	ref: string
	title: string
	/** What a bill is for, and the program that made it. */
	purpose?: string
	program?: string
	org: string
	org_name: string
	at: string
	points: number
}

export interface Wallet {
	accounts: Balance[]
	activity: Movement[]
	/** Cursor of the following page; absent at the end. */
	next?: number
}

export interface Lot {
	id: string
	kind: string
	points: number
	remaining: number
	granted: string
	active_at: string
	expires_at?: string
}

export interface PointsMovement {
	kind: string
	points: number
	op: string
	at: string
}

export interface Points {
	org: string
	program: string
	spendable: number
	pending: number
	debt: number
	value: number
	currency: string
	lots: Lot[]
	history: PointsMovement[]
}

export interface Program {
	id: string
	appid: string
	org: string
	name: string
	names: Partial<Record<string, string>> | null
	description: string
	descriptions: Partial<Record<string, string>> | null
	icon: string
	color: string
	category: string
	scopes: string[] | null
	kind: "app" | "game" | "web"
	status: "draft" | "live" | "taken_down" | "deleted"
	release: string
	/** The version that `percent` of the people get; the others get `release`. */
	rollout: string
	percent: number
	tier: Tier | ""
	updated: string
	expand?: { org?: Org }
}

/** What the operator has seen of a program; the one that was not seen may do less. */
export type Tier = "unverified" | "reviewed"

/** Who answers for a program, as the store shows them. */
export interface Publisher {
	name: string
	id: string
	kind: "person" | "org"
	certified: boolean
	agency_certified?: boolean
}

/** A program as lists show it. */
export interface ProgramCard {
	appid: string
	/** In the language that was asked for. */
	name: string
	names?: Partial<Record<string, string>> | null
	description: string
	descriptions?: Partial<Record<string, string>> | null
	icon: string
	color: string
	kind: Program["kind"]
	category: string
	tier: Tier | ""
	publisher: Publisher
	/** The average of its stars times ten; 0 without ratings. */
	rating: number
	ratings: number
	people: number
}

/** The programs that a person used last and those they keep. */
export interface MyPrograms {
	recents: (ProgramCard & { last_at?: string })[]
	favorites: ProgramCard[]
	/** Counts that programs put on their own icons, by appid. */
	badges: Partial<Record<string, number>>
}

/** What a short link opens. */
export interface ProgramLink {
	appid: string
	path: string
	query: string
	scene: number
	place: string
	/** A trial version's number; 0 is whatever the person gets. */
	version: number
	program: Pick<ProgramCard, "appid" | "name" | "names" | "icon" | "color">
}

export interface Consent {
	id: string
	user: string
	appid: string
	scope: string
	state: "granted" | "denied"
	updated: string
}

/** One line of a person's own list of consents; the program may be gone. */
export interface Decision {
	appid: string
	name: string
	names: Partial<Record<string, string>> | null
	icon: string
	color: string
	scope: string
	state: Consent["state"]
	/** For how long: for one call, while that launch is open, until it is withdrawn. */
	duration: "once" | "open" | "always"
	/** The launch that it is of, unless it is for always. */
	session?: string
	updated: string
}

export interface About {
	name: string
	demo: boolean
	version: string
	currency?: string
}

export interface User {
	id: string
	email: string
	name: string
	language: string
	operator: boolean
}
