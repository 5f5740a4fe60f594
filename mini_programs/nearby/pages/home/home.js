const { kind } = require("../../lib/kinds")
const { card } = require("../../lib/places")
const { locate } = require("../../lib/position")
const { draw, hit } = require("../../lib/radar")
const { keep, kept, search, unreached } = require("../../lib/search")
const { DAY, clock, date, iso, near } = require("../../lib/times")
const { distance, locale, pick, say, trouble } = require("../../lib/words")

const RADII = [300, 500, 1000, 2000, 5000, 10000, 50000]
const USUAL = 3
/** Kinds of places in the strip; the others are behind "more". */
const FEW = 10
/** Milliseconds of quiet before what is typed is searched for. */
const QUIET = 350
/** Milliseconds after which a state of "open now" is asked for anew. */
const FRESH = 60000

const seen = ({ key, name, count }) => ({ key, name, count, ...kind(key) })
const local = (day, hour) => new Date(`${day}T${hour}:00`)

Page({
	data: {
		t: pick(
			"search",
			"clear",
			"change",
			"openNow",
			"openAtAny",
			"radius",
			"all",
			"more",
			"me",
			"meText",
			"useMe",
			"pickPlace",
			"locating",
			"retry",
			"noneTitle",
			"unfilter",
			"radarHint",
			"here",
			"certified",
			"when",
			"day",
			"time",
			"show",
			"anyTime",
			"categories",
			"findCategory",
			"noCategory",
		),
		views: ["list", "radar", "map"].map((id) => ({ id, name: say(id) })),
		view: wx.getStorageSync("view") || "list",
		centre: { kind: "town" },
		around: "",
		query: "",
		category: null,
		open: "",
		openWords: "",
		radiusIndex: USUAL,
		radiusWords: RADII.map((radius) => distance(radius)),
		within: "",
		kinds: [],
		foundKinds: [],
		kindQuery: "",
		items: [],
		chosen: null,
		more: "",
		count: "",
		loading: true,
		error: "",
		hint: "",
		stale: false,
		offer: false,
		locating: false,
		sheet: "",
		size: 0,
		mapScale: 15,
		markers: [],
		points: [],
	},

	onLoad({ q, category }) {
		wx.setNavigationBarTitle({ title: say("nearby") })
		const { windowWidth } = wx.getWindowInfo()
		const now = new Date()
		this.setData({
			size: Math.min(windowWidth - 34, 480),
			query: q || "",
			category: category ? seen({ key: category, name: "" }) : null,
			day: iso(now),
			firstDay: iso(now),
			lastDay: iso(new Date(now.getTime() + 60 * DAY)),
			hour: "19:00",
		})
		this.setData({ dayWords: date(now) })
		this.themed = () => this.paint()
		wx.onThemeChange(this.themed)
		this.back = ({ isConnected }) =>
			isConnected && (this.data.error || this.data.stale) && this.retry()
		wx.onNetworkStatusChange(this.back)
		this.loadKinds()
		this.start()
	},

	onUnload() {
		wx.offThemeChange(this.themed)
		wx.offNetworkStatusChange(this.back)
		clearTimeout(this.timer)
		clearInterval(this.fresh)
	},

	onShow() {
		clearInterval(this.fresh)
		this.fresh = setInterval(() => this.load({ quiet: true }), FRESH)
		const { centre } = getApp()
		if (this.started && centre && centre !== this.centre) this.lookFrom(centre)
	},

	onHide() {
		clearInterval(this.fresh)
	},

	onPullDownRefresh() {
		this.load().then(() => wx.stopPullDownRefresh())
	},

	// Around the person only when they have said so before: nobody is asked by merely opening it.
	async start() {
		const app = getApp()
		this.started = true
		if (app.centre?.kind === "me") {
			const old = app.centre
			this.lookFrom(old)
			await this.me()
			return
		}
		this.lookFrom(app.centre || { kind: "town" })
	},

	lookFrom(centre) {
		this.centre = centre
		getApp().centre = centre
		this.setData({
			centre,
			around: this.aroundOf(centre),
			offer: centre.kind === "town",
			hint: "",
			elsewhere: false,
			chosen: null,
		})
		return this.load()
	},

	aroundOf({ kind: how, label }) {
		if (how === "me") return say("around", { label: say("you") })
		if (how === "map") return say("around", { label: say("picked") })
		return say("around", { label: label || say("centre") })
	},

	async me() {
		this.setData({ locating: true })
		try {
			const centre = await locate()
			getApp().look(centre)
			this.setData({ locating: false })
			await this.lookFrom(centre)
		} catch (error) {
			// What was looked around last time still stands; without it the town's centre does.
			this.setData({ locating: false, hint: error.words, offer: false })
			if (this.centre.lat === undefined) await this.load()
		}
	},

	where() {
		wx.navigateTo({ url: "/pages/where/where" })
	},

	async loadKinds() {
		const { items } = await wx.plaza
			.call("nearby.categories", { lang: locale })
			.catch(() => ({ items: [] }))
		const all = items.map(seen)
		this.usual = all
		const named = all.find(({ key }) => key === this.data.category?.key)
		this.setData({
			kinds: all.slice(0, FEW),
			foundKinds: all.slice(0, 40),
			...(named ? { category: named } : {}),
		})
	},

	wanted() {
		const { category, open, query, radiusIndex } = this.data
		return { centre: this.centre, radius: RADII[radiusIndex], category, open, query }
	},

	async load({ quiet = false } = {}) {
		this.turn = (this.turn || 0) + 1
		const { turn } = this
		const wanted = this.wanted()
		if (!quiet)
			this.setData({
				loading: true,
				error: "",
				within: say("within", { radius: distance(wanted.radius) }),
			})
		try {
			let answer = await search(wanted)
			// Of very many places few may be open: a page may be empty and go on.
			while (answer.items.length === 0 && answer.next_cursor && turn === this.turn)
				answer = { ...(await search(wanted, answer.next_cursor)), center: answer.center }
			if (turn !== this.turn) return
			keep(wanted, answer)
			// What was said of an old list is over with it; what was said of the position is not.
			this.take(answer, this.data.stale ? "" : this.data.hint)
			this.setData({ stale: false })
		} catch (error) {
			if (turn === this.turn && !quiet) this.failed(error)
		}
	},

	take(answer, hint) {
		const at = new Date(answer.at || Date.now())
		const { center } = answer
		this.middle = { lat: center.lat, lon: center.lon }
		const items = answer.items.map((found) => card(found, at))
		const { centre } = this.data
		this.setData({
			items,
			more: answer.next_cursor,
			loading: false,
			error: "",
			hint,
			count: this.countOf(items.length, answer.next_cursor),
			...this.emptyWords(),
			...(centre.kind === "town" && center.label
				? { around: say("around", { label: center.label }) }
				: {}),
			...this.mapData(items),
		})
		this.paint()
	},

	countOf(n, more) {
		return n ? say(more ? "resultsMore" : "results", { n }) : ""
	},

	emptyWords() {
		const { radiusIndex } = this.data
		const next = RADII[radiusIndex + 1]
		return {
			none: say("none", { radius: distance(RADII[radiusIndex]) }),
			wider: next ? say("wider", { radius: distance(next) }) : "",
		}
	},

	// What was found last is better than nothing, if it says that it is old.
	failed(error) {
		const old = unreached(error) ? kept(this.wanted()) : null
		if (old) {
			this.setData({ stale: true })
			this.take(
				{ ...old, next_cursor: "", at: new Date(old.kept).toISOString() },
				say("offline", { time: clock(new Date(old.kept)) }),
			)
			return
		}
		const words = unreached(error) ? say("offlineNone") : trouble(error)
		this.setData({ loading: false, error: words, items: [], count: "" })
		if (error?.code === "no_center") this.where()
	},

	retry() {
		if (!this.usual?.length) this.loadKinds()
		this.setData({ hint: "" })
		return this.load()
	},

	async onReachBottom() {
		const { more } = this.data
		if (!more || this.reading) return
		this.reading = true
		const turn = this.turn
		try {
			const answer = await search(this.wanted(), more)
			if (turn !== this.turn) return
			const at = new Date(answer.at)
			const items = [...this.data.items, ...answer.items.map((found) => card(found, at))]
			this.setData({
				items,
				more: answer.next_cursor,
				count: this.countOf(items.length, answer.next_cursor),
			})
		} catch {
			this.setData({ more: "" })
		} finally {
			this.reading = false
		}
	},

	type({ detail }) {
		this.setData({ query: detail.value })
		clearTimeout(this.timer)
		this.timer = setTimeout(() => this.load(), QUIET)
	},

	ask() {
		clearTimeout(this.timer)
		this.load()
	},

	clear() {
		this.setData({ query: "" })
		this.ask()
	},

	toggleOpen() {
		this.setData({ open: this.data.open === "now" ? "" : "now", openWords: "" })
		this.load()
	},

	showWhen() {
		this.setData({ sheet: "when" })
	},

	setDay({ detail }) {
		this.setData({ day: detail.value, dayWords: date(local(detail.value, "12:00")) })
	},

	setHour({ detail }) {
		this.setData({ hour: detail.value })
	},

	takeWhen() {
		const { day, hour } = this.data
		const at = local(day, hour)
		this.setData({
			sheet: "",
			open: at.toISOString(),
			openWords: say("openAt", { time: near(at) }),
		})
		this.load()
	},

	anyTime() {
		this.setData({ sheet: "", open: "", openWords: "" })
		this.load()
	},

	setRadius({ detail }) {
		this.setData({ radiusIndex: Number(detail.value) })
		this.load()
	},

	widen() {
		this.setData({ radiusIndex: this.data.radiusIndex + 1 })
		this.load()
	},

	unfilter() {
		this.setData({ query: "", category: null, open: "", openWords: "" })
		this.load()
	},

	anyKind() {
		this.setData({ category: null })
		this.load()
	},

	takeKind({ currentTarget }) {
		const taken = this.data.kinds[currentTarget.dataset.index]
		this.setData({ category: taken.key === this.data.category?.key ? null : taken })
		this.load()
	},

	showKinds() {
		this.setData({ sheet: "kinds", kindQuery: "", foundKinds: (this.usual || []).slice(0, 40) })
	},

	closed() {
		this.setData({ sheet: "" })
	},

	async findKind({ detail }) {
		const kindQuery = detail.value.trim()
		this.setData({ kindQuery })
		if (!kindQuery) {
			this.setData({ foundKinds: (this.usual || []).slice(0, 40) })
			return
		}
		const { items } = await wx.plaza
			.call("nearby.categories", { q: kindQuery, lang: locale })
			.catch(() => ({ items: [] }))
		if (kindQuery === this.data.kindQuery) this.setData({ foundKinds: items.map(seen) })
	},

	takeFound({ currentTarget }) {
		const taken = this.data.foundKinds[currentTarget.dataset.index]
		const others = this.data.kinds.filter(({ key }) => key !== taken.key)
		const known = others.length < this.data.kinds.length
		this.setData({
			sheet: "",
			category: taken,
			kinds: known ? this.data.kinds : [taken, ...others].slice(0, FEW),
		})
		this.load()
	},

	async show({ currentTarget }) {
		const { id } = currentTarget.dataset
		if (id === "map" && !(await this.hasMap())) {
			this.setData({ view: "radar", mapWords: say("noMap"), chosen: null })
			this.paint()
			return
		}
		this.setData({ view: id, mapWords: "", chosen: null, ...this.mapData(this.data.items, id) })
		wx.setStorage({ key: "view", data: id })
		this.paint()
	},

	async hasMap() {
		this.mapKind ??= (await wx.plaza.call("nearby.map").catch(() => ({ kind: "none" }))).kind
		return this.mapKind === "tiles"
	},

	/** What the map shows; nothing as long as nobody looks at it. */
	mapData(items, view = this.data.view) {
		if (view !== "map" || !this.middle) return {}
		const { chosen } = this.data
		return {
			mapLat: this.middle.lat,
			mapLon: this.middle.lon,
			markers: items.map((item, id) => this.markerOf(item, id, chosen)),
			points: [
				{ latitude: this.middle.lat, longitude: this.middle.lon },
				...items.map(({ lat: latitude, lon: longitude }) => ({ latitude, longitude })),
			],
		}
	},

	markerOf(item, id, chosen) {
		const isChosen = item.id === chosen?.id
		const look = item.happy
			? "happy"
			: item.state === "open" || item.state === "soon"
				? "open"
				: "closed"
		return {
			id,
			latitude: item.lat,
			longitude: item.lon,
			iconPath: `/images/pin-${isChosen ? "chosen" : look}.svg`,
			width: isChosen ? 40 : 30,
			height: isChosen ? 50 : 38,
			zIndex: isChosen ? 1000 : 0,
			ariaLabel: `${item.name}, ${item.word}, ${item.far}`,
		}
	},

	tapMarker({ detail }) {
		this.choose(this.data.items[detail.markerId])
	},

	untap() {
		this.choose(null)
	},

	choose(chosen) {
		this.setData({ chosen: chosen || null })
		if (this.data.view === "map")
			this.setData({ markers: this.data.items.map((item, id) => this.markerOf(item, id, chosen)) })
		else this.paint()
	},

	moved({ detail }) {
		if (detail.type !== "end" || detail.causedBy === "update") return
		this.seen = detail.centerLocation
		this.setData({ elsewhere: true })
	},

	searchHere() {
		const { latitude: lat, longitude: lon } = this.seen
		const centre = { kind: "map", lat, lon }
		getApp().look(centre)
		this.lookFrom(centre)
	},

	paint() {
		const { view, items, size, chosen } = this.data
		if (view !== "radar" || !items.length) return
		const [{ name, far }] = items
		this.setData({ radarWords: say("radarText", { n: items.length, name, distance: far }) })
		wx.nextTick(() =>
			wx
				.createSelectorQuery()
				.select("#radar")
				.fields({ node: true })
				.exec(([found]) => {
					if (!found?.node) return
					const { pixelRatio } = wx.getWindowInfo()
					const { theme } = wx.getAppBaseInfo()
					found.node.width = size * pixelRatio
					found.node.height = size * pixelRatio
					const pen = found.node.getContext("2d")
					pen.scale(pixelRatio, pixelRatio)
					const look = { centre: this.middle, places: items, size, theme, chosen: chosen?.id }
					this.dots = draw(pen, { ...look, north: say("north") })
				}),
		)
	},

	tapRadar({ detail, touches, currentTarget }) {
		const x = touches?.[0]?.x ?? detail.x - (currentTarget.offsetLeft || 0)
		const y = touches?.[0]?.y ?? detail.y - (currentTarget.offsetTop || 0)
		const found = hit(this.dots || [], x, y)
		if (found && found.id === this.data.chosen?.id) this.open({ currentTarget: { dataset: found } })
		else this.choose(found || null)
	},

	open({ currentTarget }) {
		wx.navigateTo({ url: `/pages/detail/detail?id=${currentTarget.dataset.id}` })
	},

	onShareAppMessage() {
		return { title: say("nearby"), path: "/pages/home/home" }
	},
})
