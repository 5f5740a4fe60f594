const { number, pick, say, trouble } = require("../../lib/words")
const { ask } = require("../../lib/server")

/** For how long an answer is looked at before the next question comes by itself. */
const PAUSE = 2200

Page({
	data: {
		t: pick("retry", "home", "correct", "yours"),
		error: "",
		fatal: false,
		loading: true,
		question: null,
		place: "",
		topic: "",
		answers: [],
		left: 0,
		from: 1,
		running: false,
		seconds: "",
		urgent: false,
		chosen: -1,
		told: null,
		score: "0",
	},

	onLoad() {
		wx.setNavigationBarTitle({ title: say("title") })
		this.begin()
	},

	onUnload() {
		this.gone = true
		this.stop()
		clearTimeout(this.pause)
	},

	stop() {
		clearInterval(this.ticking)
		clearTimeout(this.late)
	},

	/** The next question, or the one that is open: coming back gives no time back. */
	async begin() {
		clearTimeout(this.pause)
		if (this.asking) return
		this.asking = true
		this.setData({ error: "", loading: true })
		try {
			const { question, result, refused } = await ask("begin")
			if (this.gone) return
			if (result) wx.redirectTo({ url: "/pages/result/result" })
			else if (refused) this.setData({ error: trouble(refused), fatal: true, loading: false })
			else this.open(question)
		} catch ({ code }) {
			this.setData({ error: trouble(code), loading: false })
		} finally {
			this.asking = false
		}
	},

	open(question) {
		const { index, count, topic, ask: text, answers, left, seconds, score } = question
		this.until = Date.now() + left
		this.index = index
		this.length = seconds * 1000
		this.setData({
			loading: false,
			question: text,
			place: say("of", { n: index + 1, all: count }),
			topic: say(topic),
			answers: answers.map((answer, i) => ({ i, text: answer, look: "" })),
			left,
			from: left / (seconds * 1000),
			running: false,
			chosen: -1,
			told: null,
			score: number(score),
		})
		// The bar is laid full first, and runs from the next frame on.
		wx.nextTick(() => setTimeout(() => this.setData({ running: true }), 30))
		this.tick()
		this.stop()
		this.ticking = setInterval(() => this.tick(), 250)
		this.late = setTimeout(() => this.answer(-1), left)
	},

	tick() {
		const n = Math.max(0, Math.ceil((this.until - Date.now()) / 1000))
		const seconds = say("seconds", { n })
		if (seconds !== this.data.seconds) this.setData({ seconds, urgent: n <= 5 })
	},

	choose({ currentTarget }) {
		this.answer(Number(currentTarget.dataset.i))
	},

	async answer(choice) {
		if (this.data.told || this.data.chosen >= 0 || this.sending) return
		this.sending = true
		this.stop()
		// The bar stands where the time was when the answer was given.
		const from = Math.max(0, this.until - Date.now()) / this.length
		this.setData({ chosen: choice, running: false, from, error: "" })
		try {
			const { right, points, score, last, refused } = await ask("answer", {
				index: this.index,
				choice,
			})
			if (this.gone) return
			// It was answered on another device, or before the page was loaded anew.
			if (refused) {
				this.sending = false
				await this.begin()
				return
			}
			this.tell(choice, right, points, score, last)
		} catch ({ code }) {
			this.setData({ error: trouble(code), chosen: -1 })
		} finally {
			this.sending = false
		}
	},

	tell(choice, right, points, score, last) {
		if (points > 0) wx.vibrateShort({ type: "light" })
		this.setData({
			answers: this.data.answers.map((answer) => ({
				...answer,
				look: answer.i === right ? "right" : answer.i === choice ? "wrong" : "pale",
				mark: answer.i === right ? "✓" : answer.i === choice ? "✗" : "",
				about: answer.i === right ? say("correct") : answer.i === choice ? say("yours") : "",
			})),
			score: number(score),
			told: {
				good: points > 0,
				text: points > 0 ? say("right", { n: points }) : say(choice < 0 ? "late" : "wrong"),
				next: say(last ? "finish" : "next"),
			},
		})
		this.pause = setTimeout(() => this.begin(), PAUSE)
	},

	home() {
		wx.navigateBack()
	},
})
