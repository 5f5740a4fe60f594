const { kind } = require("../../lib/kinds")
const { card, offer } = require("../../lib/places")
const { days, special } = require("../../lib/week")
const { DAY, countdown, near } = require("../../lib/times")
const { distance, locale, pick, say, trouble } = require("../../lib/words")

/** Milliseconds after which what is open, and what is on offer, is asked for anew. */
const FRESH = 60000

Page({
	data: {
		t: pick(
			"retry",
			"certified",
			"goProgramText",
			"way",
			"call",
			"share",
			"offers",
			"happy",
			"hours",
			"special",
			"report",
		),
		place: null,
		error: "",
		goWords: "",
	},

	onLoad({ id }) {
		this.id = id
		wx.setNavigationBarTitle({ title: say("nearby") })
		this.load()
	},

	onShow() {
		clearInterval(this.second)
		clearInterval(this.fresh)
		this.second = setInterval(() => this.tick(), 1000)
		this.fresh = setInterval(() => this.load(true), FRESH)
	},

	onHide() {
		clearInterval(this.second)
		clearInterval(this.fresh)
	},

	onUnload() {
		clearInterval(this.second)
		clearInterval(this.fresh)
	},

	async load(quiet = false) {
		if (quiet !== true) this.setData({ error: "" })
		try {
			const found = await wx.plaza.call("nearby.listing", { id: this.id, lang: locale })
			this.found = found
			const place = this.placeOf(found)
			this.setData({
				place,
				error: "",
				goWords: found.program ? say("goProgram", { name: found.program.name || found.name }) : "",
			})
			wx.setNavigationBarTitle({ title: found.name })
		} catch (error) {
			if (quiet !== true) this.setData({ error: trouble(error) })
		}
	},

	placeOf(found) {
		const { centre } = getApp()
		const now = new Date()
		return {
			...card(found, now),
			...kind(found.category),
			far: centre?.lat !== undefined ? distance(metres(centre, found)) : "",
			cuisine: (found.cuisine || "").split(";").join(", ").replaceAll("_", " "),
			comment: found.comment,
			photos: found.photos,
			program: found.program,
			phone: found.phone,
			website: found.website,
			site: found.website.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, ""),
			address: found.address,
			offers: (found.offers || []).map((each) => ({
				campaign: each.campaign,
				...offer(each),
				ends: this.endsOf(each.ends_at, now),
			})),
			happyEnds: this.endsOf(found.happy_until, now),
			days: found.hours_valid && found.hours ? days(found, now) : [],
			hoursWords: found.hours ? say("hoursRaw", { text: found.hours }) : say("hoursUnknown"),
			special: special(found),
			source: found.attribution ? say("source", { name: found.attribution }) : "",
		}
	},

	/** The end of an offer: a countdown on its last day, the day before. */
	endsOf(time, now) {
		if (!time) return ""
		if (new Date(time) - now < DAY) return say("ends", { time: countdown(time, now) })
		return say("endsOn", { time: near(time, this.found?.timezone, now) })
	},

	tick() {
		const { place } = this.data
		if (!place || (!place.happyEnds && !place.offers.length)) return
		const now = new Date()
		this.setData({
			"place.happyEnds": this.endsOf(this.found.happy_until, now),
			"place.offers": place.offers.map((each) => ({
				...each,
				ends: this.endsOf(each.ends_at, now),
			})),
		})
	},

	goProgram() {
		const { appid, path } = this.found.program
		wx.navigateToMiniProgram({ appId: appid, path }).catch(() => {}) // they stay
	},

	call() {
		wx.makePhoneCall({ phoneNumber: this.found.phone }).catch(() => {}) // they do not call
	},

	way() {
		const { lat: latitude, lon: longitude, name, address } = this.found
		wx.openLocation({ latitude, longitude, name, address })
	},

	async copy({ currentTarget }) {
		await wx.setClipboardData({ data: currentTarget.dataset.text })
		wx.showToast({ title: say("copied"), icon: "success" })
	},

	async report() {
		const kinds = ["closed", "hours", "position", "details"]
		const chosen = await wx
			.showActionSheet({
				alertText: say("reportTitle"),
				itemList: kinds.map((each) => say(`report_${each}`)),
			})
			.catch(() => null)
		if (!chosen) return
		try {
			await wx.plaza.call("nearby.report", { listing: this.id, kind: kinds[chosen.tapIndex] })
			wx.showToast({ title: say("reported"), icon: "none" })
		} catch (error) {
			wx.showToast({ title: trouble(error), icon: "none" })
		}
	},

	onShareAppMessage() {
		const { name = say("nearby") } = this.found || {}
		return { title: name, path: `/pages/detail/detail?id=${this.id}` }
	},
})

const RAD = Math.PI / 180

/** Metres between two places on the sphere. */
function metres(from, to) {
	const half =
		Math.sin(((to.lat - from.lat) * RAD) / 2) ** 2 +
		Math.cos(from.lat * RAD) *
			Math.cos(to.lat * RAD) *
			Math.sin(((to.lon - from.lon) * RAD) / 2) ** 2
	return 12742017.6 * Math.asin(Math.sqrt(half))
}
