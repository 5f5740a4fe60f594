const { people, pick, progress, speak, words } = require("../../lib/words")

const db = wx.cloud.database()
const items = db.collection("items")

/** How many things a list has: a watch follows no more. */
const MOST = 200
/** Milliseconds for which a deletion can be taken back. */
const UNDO = 6000

const FILTERS = ["all", "open", "done"]

Page({
	data: {
		t: pick(
			"add",
			"put",
			"show",
			"remove",
			"rename",
			"removed",
			"undo",
			"share",
			"lists",
			"failed",
			"retry",
			"offline",
		),
		state: "loading",
		offline: false,
		lists: [],
		list: null,
		people: "",
		draft: "",
		filter: "all",
		filters: FILTERS.map((id) => ({ id, name: speak(words[id]) })),
		shown: [],
		progress: "",
		percent: 0,
		empty: null,
		editing: "",
		gone: null,
	},

	onLoad({ code }) {
		this.items = []
		this.network = ({ isConnected }) => this.setData({ offline: !isConnected })
		wx.onNetworkStatusChange(this.network)
		this.open(code ? { act: "join", code } : undefined)
	},

	/** Coming back from the page that shares, where another list may have been chosen. */
	onShow() {
		const chosen = wx.getStorageSync("list")
		if (this.data.list && chosen && chosen !== this.data.list._id) this.open()
	},

	onUnload() {
		wx.offNetworkStatusChange(this.network)
		this.unfollow()
	},

	onShareAppMessage() {
		const { list } = this.data
		return { title: list?.name, path: `/pages/home/home?code=${list?.code ?? ""}` }
	},

	again() {
		this.open()
	},

	/** Finds the person's lists, and follows the one that they saw last. */
	async open(event = { act: "open", name: speak(words.first) }) {
		this.setData({ state: "loading" })
		try {
			const { result } = await wx.cloud.callFunction({ name: "lists", data: event })
			if (result.refused) {
				wx.showToast({ title: speak(words[result.refused]), icon: "none" })
				await this.open()
				return
			}
			const wanted = result.list ?? wx.getStorageSync("list")
			const list = result.lists.find(({ _id }) => _id === wanted) ?? result.lists[0]
			this.setData({ lists: result.lists })
			this.follow(list)
		} catch (error) {
			console.error(error)
			this.setData({ state: "failed" })
		}
	},

	choose({ currentTarget }) {
		const list = this.data.lists.find(({ _id }) => _id === currentTarget.dataset.id)
		if (list && list._id !== this.data.list?._id) this.follow(list)
	},

	/** Shows a list and hears what everybody changes on it. */
	follow(list) {
		this.unfollow()
		wx.setStorageSync("list", list._id)
		this.setData({ list, people: people(list.members), state: "loading", gone: null, editing: "" })
		const onError = (error) => {
			console.error(error)
			this.setData({ state: "failed" })
		}
		this.watches = [
			items.where({ list: list._id }).watch({
				onChange: ({ docs }) => {
					this.items = docs
					this.setData({ state: "ready" })
					this.draw()
				},
				onError,
			}),
			db
				.collection("lists")
				.where({ _id: list._id })
				.watch({ onChange: ({ docs }) => this.retitle(docs[0]), onError }),
		]
	},

	unfollow() {
		for (const watch of this.watches ?? []) watch.close()
		this.watches = []
	},

	/** What others did to the list itself: its name, and who is on it. */
	retitle(list) {
		if (!list) return
		const known = { _id: list._id, name: list.name, code: list.code, members: list.members.length }
		const lists = this.data.lists.map((each) => (each._id === known._id ? known : each))
		this.setData({ list: known, lists, people: people(known.members) })
	},

	draw() {
		const { filter } = this.data
		const all = [...this.items].sort((a, b) => a.done - b.done || a.at - b.at)
		const done = all.filter((item) => item.done).length
		const shown = all.filter((item) => filter === "all" || item.done === (filter === "done"))
		const kind = all.length === 0 ? "empty" : `none_${filter}`
		this.setData({
			shown: shown.map(({ _id, text, done }) => ({ _id, text, done })),
			progress: all.length > 0 ? progress(done, all.length) : "",
			percent: all.length ? Math.round((done / all.length) * 100) : 0,
			empty:
				shown.length > 0 ? null : { title: speak(words[kind]), text: speak(words[`${kind}_text`]) },
		})
	},

	filterBy({ currentTarget }) {
		this.setData({ filter: currentTarget.dataset.id })
		this.draw()
	},

	/** Shows a change at once, and takes it back when it could not be saved. */
	async change(next, save) {
		const before = this.items
		this.items = next
		this.draw()
		try {
			await save()
		} catch (error) {
			console.error(error)
			this.items = before
			this.draw()
			wx.showToast({ title: speak(words.lost), icon: "none" })
		}
	},

	type({ detail }) {
		this.setData({ draft: detail.value })
	},

	add() {
		const text = this.data.draft.trim()
		if (text === "") return
		if (this.items.length >= MOST) {
			wx.showToast({ title: speak(words.full), icon: "none" })
			return
		}
		// It gets its id here, so that what comes back from the watch is known to be the same.
		const _id = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`
		const item = { _id, list: this.data.list._id, text, done: false }
		this.setData({ draft: "", filter: this.data.filter === "done" ? "all" : this.data.filter })
		this.change([...this.items, { ...item, at: new Date() }], () =>
			items.add({ data: { ...item, at: db.serverDate() } }),
		)
	},

	find({ currentTarget }) {
		return this.items.find(({ _id }) => _id === currentTarget.dataset.id)
	},

	edit(item, data) {
		return this.change(
			this.items.map((each) => (each._id === item._id ? { ...each, ...data } : each)),
			() => items.doc(item._id).update({ data }),
		)
	},

	tick(event) {
		const item = this.find(event)
		if (item) this.edit(item, { done: !item.done })
	},

	rename({ currentTarget }) {
		this.setData({ editing: currentTarget.dataset.id })
	},

	renamed(event) {
		const item = this.find(event)
		const text = event.detail.value.trim()
		this.setData({ editing: "" })
		if (item && text !== "" && text !== item.text) this.edit(item, { text })
	},

	remove(event) {
		const item = this.find(event)
		if (!item) return
		clearTimeout(this.timer)
		this.setData({ gone: item })
		this.timer = setTimeout(() => this.setData({ gone: null }), UNDO)
		this.change(
			this.items.filter((each) => each !== item),
			() => items.doc(item._id).remove(),
		)
	},

	undo() {
		const { _openid, ...item } = this.data.gone
		clearTimeout(this.timer)
		this.setData({ gone: null })
		const at = new Date(item.at)
		this.change([...this.items, { ...item, at }], () => items.add({ data: { ...item, at } }))
	},

	share() {
		wx.navigateTo({ url: "/pages/share/share" })
	},
})
