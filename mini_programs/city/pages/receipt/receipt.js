const { ask } = require("../../lib/ask")
const { moment, money, pick, say, trouble } = require("../../lib/words")
const { tone } = require("../../lib/tones")

// With a reference it is one receipt; without, the list of what the person has paid here.
Page({
	data: {
		t: pick(
			"receipt",
			"receipts",
			"receiptText",
			"openPdf",
			"copyVerify",
			"verifyText",
			"receiptWaits",
			"noRows",
		),
		one: null,
		list: null,
		error: "",
	},

	onLoad({ reference }) {
		this.reference = reference
		wx.setNavigationBarTitle({ title: say(reference ? "receipt" : "receipts") })
		this.load()
	},

	async onPullDownRefresh() {
		await this.load()
		wx.stopPullDownRefresh()
	},

	async load() {
		this.setData({ error: "" })
		try {
			if (this.reference) this.show(await ask("receipt", { reference: this.reference }))
			else this.setData({ list: (await ask("payments")).payments.map(row) })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	show(attempt) {
		const { title, state, amount, tariff, paid_at: paid, refunded, receipt } = attempt
		this.receipt = receipt
		this.setData({
			one: {
				title,
				state: say(state),
				tone: tone(state),
				amount: money(amount),
				number: receipt?.number ?? "",
				qr: receipt?.qr ?? "",
				pdf: Boolean(receipt?.file),
				facts: [
					["paid_at", paid ? moment(paid) : ""],
					["tariff", tariff === "bill" ? "" : say(tariff)],
					["reference", attempt.reference],
					["refunded", refunded > 0 ? money(refunded) : ""],
					["receiptNumber", receipt?.number ?? ""],
				]
					.filter(([, value]) => value)
					.map(([key, value]) => ({ key, name: say(key), value })),
			},
		})
	},

	openOne({ currentTarget }) {
		wx.navigateTo({ url: `/pages/receipt/receipt?reference=${currentTarget.dataset.reference}` })
	},

	async pdf() {
		wx.showLoading({ title: say("loading") })
		try {
			const { tempFilePath } = await wx.cloud.downloadFile({ fileID: this.receipt.file })
			await wx.openDocument({ filePath: tempFilePath, fileType: "pdf", showMenu: true })
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
		wx.hideLoading()
	},

	async copy() {
		await wx.setClipboardData({ data: this.receipt.address })
		wx.showToast({ title: say("copied"), icon: "none" })
	},
})

const row = ({ reference, title, state, amount, paid_at: paid }) => ({
	reference,
	title,
	state: say(state),
	tone: tone(state),
	amount: money(amount),
	when: paid ? moment(paid) : "",
})
