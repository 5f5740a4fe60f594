const { people, pick, speak, words } = require("../../lib/words")

const lists = wx.cloud.database().collection("lists")

Page({
	data: {
		t: pick(
			"code",
			"code_text",
			"copy",
			"name",
			"join",
			"join_code",
			"enter",
			"make",
			"leave",
			"failed",
			"retry",
		),
		list: null,
		people: "",
		wanted: "",
		failed: false,
		busy: false,
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: speak(words.share) })
		this.load()
	},

	async load() {
		this.setData({ failed: false })
		try {
			const { data } = await lists.doc(wx.getStorageSync("list")).get()
			const { _id, name, code, members } = data
			const spaced = `${code.slice(0, 4)} ${code.slice(4)}`
			this.setData({ list: { _id, name, code, spaced }, people: people(members.length) })
		} catch (error) {
			console.error(error)
			this.setData({ failed: true })
		}
	},

	onShareAppMessage() {
		const { list } = this.data
		return { title: list?.name, path: `/pages/home/home?code=${list?.code ?? ""}` }
	},

	async copy() {
		await wx.setClipboardData({ data: this.data.list.code })
		wx.showToast({ title: speak(words.copied) })
	},

	async rename({ detail }) {
		const { list } = this.data
		const name = detail.value.trim()
		if (name === "" || name === list.name) return
		try {
			await lists.doc(list._id).update({ data: { name } })
			this.setData({ "list.name": name })
			wx.showToast({ title: speak(words.saved) })
		} catch (error) {
			console.error(error)
			wx.showToast({ title: speak(words.lost), icon: "none" })
		}
	},

	type({ detail }) {
		this.setData({ wanted: detail.value })
	},

	join() {
		if (this.data.wanted.trim() !== "") this.ask({ act: "join", code: this.data.wanted })
	},

	make() {
		this.ask({ act: "make", name: speak(words.first) })
	},

	async leave() {
		const { confirm } = await wx.showModal({
			title: speak(words.leave),
			content: speak(words.leave_text),
		})
		if (confirm) this.ask({ act: "leave", list: this.data.list._id })
	},

	/** Asks the function that knows who is on which list, and goes back to the list that it answers. */
	async ask(event) {
		this.setData({ busy: true })
		try {
			const { result } = await wx.cloud.callFunction({ name: "lists", data: event })
			if (result.refused) {
				wx.showToast({ title: speak(words[result.refused]), icon: "none" })
				return
			}
			wx.setStorageSync("list", result.list ?? result.lists[0]?._id ?? "none")
			wx.navigateBack()
		} catch (error) {
			console.error(error)
			wx.showToast({ title: speak(words.lost), icon: "none" })
		} finally {
			this.setData({ busy: false })
		}
	},
})
