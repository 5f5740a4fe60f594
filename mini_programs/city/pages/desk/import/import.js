const { ask } = require("../../../lib/ask")
const { pick, say, spoken, trouble } = require("../../../lib/words")

const columns = {
	notices: "number, plate, key, offence, class, notice_date, at, place, handed, increased_date",
	bills: "reference, key, label, amount, due_date",
}

Page({
	data: {
		t: pick("chooseFile", "importInto", "paste", "check", "wouldAdd", "known", "withErrors"),
		targets: [{ id: "notices", name: say("desk_notices") }],
		into: "notices",
		text: "",
		file: "",
		told: null,
		busy: false,
		error: "",
	},

	async onLoad() {
		wx.setNavigationBarTitle({ title: say("desk_import") })
		this.about()
		try {
			const { services } = await ask("desk.home")
			this.setData({
				targets: [
					...this.data.targets,
					...services
						.filter(({ kind }) => kind === "bills")
						.map(({ id, names }) => ({ id, name: spoken(names) })),
				],
			})
		} catch (error) {
			this.setData({ error: trouble(error) })
		}
	},

	about() {
		const list = columns[this.data.into === "notices" ? "notices" : "bills"]
		this.setData({ about: say("importAbout", { columns: list }) })
	},

	choose({ currentTarget }) {
		this.setData({ into: currentTarget.dataset.id, told: null, error: "" })
		this.about()
	},

	type({ detail }) {
		this.setData({ text: detail.value, file: "", told: null })
	},

	async pick() {
		try {
			const { tempFiles } = await wx.chooseMessageFile({
				count: 1,
				type: "file",
				extension: ["csv"],
			})
			const text = wx.getFileSystemManager().readFileSync(tempFiles[0].path, "utf8")
			this.setData({ text, file: tempFiles[0].name, told: null, error: "" })
			await this.check()
		} catch (error) {
			if (!error.errMsg?.includes("cancel")) this.setData({ error: trouble(error) })
		}
	},

	check() {
		return this.load(true)
	},

	run() {
		return this.load(false)
	},

	async load(dry) {
		if (this.data.busy) return
		this.setData({ busy: true, error: "" })
		const { into, text } = this.data
		try {
			const told = await ask("desk.load", { into, text, dry })
			this.setData({
				told: {
					...told,
					errors: told.errors.map(({ line, error, field, id, first }, n) => ({
						n,
						line: say("lineNo", { n: line }),
						text: say(`csv_${error}`, { field, id, first }),
					})),
					run: dry && told.added > 0 ? say("importNow", { n: told.added }) : "",
					done: dry ? "" : say("importDone", { n: told.added }),
				},
				...(dry ? {} : { text: "", file: "" }),
			})
		} catch (error) {
			this.setData({ error: trouble(error), told: null })
		}
		this.setData({ busy: false })
	},
})
