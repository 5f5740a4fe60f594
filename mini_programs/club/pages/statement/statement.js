const { ask, failed } = require("../../lib/points")
const { month, pick, say, short, signed } = require("../../lib/words")

Page({
	data: {
		t: pick("noHistory", "in", "out"),
		loading: true,
		error: "",
		refused: false,
		stale: "",
		months: [],
		latest: "",
	},

	onLoad({ org }) {
		this.org = org
		wx.setNavigationBarTitle({ title: say("statement") })
	},

	onShow() {
		return this.load()
	},

	async load() {
		try {
			const { stale, ...one } = await ask("loyalty.statement", { org: this.org })
			this.setData({
				months: months(one),
				latest: one.history.length ? say("latest", { n: one.history.length }) : "",
				stale,
				loading: false,
				error: "",
				refused: false,
			})
		} catch (error) {
			this.setData(failed(error))
		}
	},

	retry() {
		this.setData({ loading: true, error: "" })
		return this.load()
	},
})

/**
 * The history by month, the newest first, each line with what there was after it. The sum runs backwards from what
 * there is now, points on the way among it, so that it is right however far back the history goes.
 */
function months({ history, spendable, pending }) {
	let after = spendable + pending
	const all = new Map()
	for (const { kind, points, op, at } of history) {
		const name = month(at)
		const one = all.get(name) || { name, in: 0, out: 0, lines: [] }
		all.set(name, one)
		if (points > 0) one.in += points
		else one.out += points
		one.lines.push({
			key: `${op} ${kind}`,
			what: say(`move_${kind}`) || kind,
			day: short(at),
			points: signed(points),
			sign: points < 0 ? "less" : "more",
			after: say("balance", { n: after }),
		})
		after -= points
	}
	return [...all.values()].map((one) => ({ ...one, in: signed(one.in), out: signed(one.out) }))
}
