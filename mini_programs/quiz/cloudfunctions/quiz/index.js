// The quiz of the day. What is asked, for how long, and what is right is decided here: a page gets one question at a time,
// and learns the answer after its own. The clock runs from when a question leaves until its answer is back.
const cloud = require("wx-server-sdk")
const { randomInt } = require("node:crypto")
const { LANGUAGES, questions } = require("./bank")

cloud.init()
const db = cloud.database()
const _ = db.command
const games = db.collection("games")
const players = db.collection("players")

const COUNT = 8
const SECONDS = 15
/** How much later an answer may come: the way to here and back. It earns nothing more for being quick. */
const GRACE = 1500
const RIGHT = 400
const QUICK = 600
const DAY = 24 * 60 * 60 * 1000
/** Who was asked something within this time is playing now. */
const LIVE = 60 * 1000
/** As in the manifest, which is what is paid by. */
const PRIZES = [
	{ from: 1, to: 1, points: 100 },
	{ from: 2, to: 2, points: 60 },
	{ from: 3, to: 3, points: 40 },
	{ from: 4, to: 10, points: 10 },
]

const call = (method, args) => cloud.plaza.call(method, args)

/** Numbers that depend on the seed alone: mulberry32. */
function dice(seed) {
	let state = seed | 0
	return (limit) => {
		state = (state + 0x6d2b79f5) | 0
		let t = Math.imul(state ^ (state >>> 15), state | 1)
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
		return ((t ^ (t >>> 14)) >>> 0) % limit
	}
}

function shuffled(list, seed) {
	const roll = dice(seed)
	const all = list.slice()
	for (let i = all.length - 1; i > 0; i--) {
		const j = roll(i + 1)
		const kept = all[i]
		all[i] = all[j]
		all[j] = kept
	}
	return all
}

/** The day of a season, which is called by the time of its beginning, as a number. */
const dayOf = (season) => Math.floor(Date.parse(`${season.slice(0, 10)}T00:00:00Z`) / DAY)

async function first(collection, id) {
	const { data } = await collection.where({ _id: id }).get()
	return data[0] || null
}

/** The day's questions: no question comes again before all have been asked, in an order that nobody knows before. */
async function questionsOf(season) {
	const turns = Math.floor(questions.length / COUNT)
	const day = dayOf(season)
	const cycles = db.collection("cycles")
	const id = String(Math.floor(day / turns))
	let cycle = await first(cycles, id)
	if (!cycle) {
		try {
			cycle = { _id: id, seed: randomInt(2 ** 32) }
			await cycles.add({ data: cycle })
		} catch (error) {
			cycle = await first(cycles, id) // somebody else was first
			if (!cycle) throw error
		}
	}
	const all = shuffled(
		questions.map((_question, i) => i),
		cycle.seed,
	)
	const from = (day % turns) * COUNT
	return all.slice(from, from + COUNT)
}

/** In which order a person sees the answers: their own. */
const order = (game, index) => shuffled([0, 1, 2, 3], game.seed + index * 7919)

/** The question that is open in the game, without its answer. */
function shown(game, language) {
	const question = questions[game.asks[game.at]]
	const { ask, answers } = question[language]
	return {
		index: game.at,
		count: game.asks.length,
		topic: question.topic,
		ask,
		answers: order(game, game.at).map((i) => answers[i]),
		left: Math.max(0, SECONDS * 1000 - (Date.now() - game.asked)),
		seconds: SECONDS,
		score: game.score,
	}
}

const mine = (game) => ({ season: game.season, points: game.points, score: game.score })

/** How the caller stands in today's tournament; before anybody has played, the boards still tell of yesterday's. */
async function standingOf() {
	const standing = await call("leaderboards.mine", { board: "daily" })
	return standing.running ? standing : { season: "", ends: null, players: 0 }
}

/** The caller's game of the season that runs, or null. */
const gameOf = (season, openid) => (season ? first(games, `${season}/${openid}`) : null)

async function today(openid) {
	const standing = await standingOf()
	const game = await gameOf(standing.season, openid)
	const player = await first(players, openid)
	const { total: live } = await games
		.where({ asked: _.gt(Date.now() - LIVE), result: _.exists(false) })
		.count()
	const kept = player && player.until > Date.now()
	return {
		state: game ? (game.result ? "done" : "open") : "new",
		ends: standing.ends,
		now: new Date().toISOString(),
		players: standing.players,
		live,
		streak: kept ? player.streak : 0,
		longest: player ? player.longest : 0,
		prizes: PRIZES,
		count: COUNT,
		seconds: SECONDS,
		...(game?.result ? { result: { ...game.result, ...mine(game) } } : {}),
	}
}

/** Begins the caller's one game of the day, or goes on with it. */
async function begin(openid, language) {
	const { season: running } = await standingOf()
	let game = await gameOf(running, openid)
	if (!game) game = await start(openid)
	if (game.refused) return game
	if (game.open) return { question: shown(game, language) }
	return game.at + 1 < game.asks.length ? next(game, language) : finish(game, openid)
}

async function start(openid) {
	let started
	try {
		started = await call("leaderboards.play", { board: "daily" })
	} catch (error) {
		return {
			refused: error.code || "failed",
			...(error.data?.next ? { next: error.data.next } : {}),
		}
	}
	const { play, seed, season, expires } = started
	const game = {
		_id: `${season}/${openid}`,
		_openid: openid,
		season,
		ends: expires,
		play,
		seed,
		asks: await questionsOf(season),
		at: -1,
		asked: 0,
		open: false,
		points: [],
		score: 0,
	}
	await games.add({ data: game })
	return game
}

/** Opens the next question; of two wishes at once, one opens it and both see it. */
async function next(game, language) {
	const asked = Date.now()
	await games
		.where({ _id: game._id, at: game.at, open: false })
		.update({ data: { at: game.at + 1, asked, open: true } })
	const now = await first(games, game._id)
	return { question: shown(now, language) }
}

/** What an answer earns that came so many milliseconds after its question. */
function worth(correct, taken) {
	if (!correct || taken > SECONDS * 1000 + GRACE) return 0
	const late = Math.min(1, Math.max(0, taken / (SECONDS * 1000)))
	return RIGHT + Math.round(QUICK * (1 - late))
}

/** Takes the answer to the open question, once. */
async function answer(openid, { index, choice }) {
	const { season } = await standingOf()
	const game = await gameOf(season, openid)
	if (!game || game.at !== index || !game.open) return { refused: "answered" }
	const places = order(game, index)
	const points = worth(places[choice] === 0, Date.now() - game.asked)
	const { stats } = await games
		.where({ _id: game._id, at: index, open: true })
		.update({ data: { open: false, points: _.push(points), score: _.inc(points) } })
	if (stats.updated !== 1) return { refused: "answered" }
	return {
		right: places.indexOf(0),
		points,
		score: game.score + points,
		last: index + 1 === game.asks.length,
	}
}

/** Hands the score in, and counts the day for the streak. Asked again, it is the same. */
async function finish(game, openid) {
	if (game.result) return { result: { ...game.result, ...mine(game) } }
	const result = { rank: 0, players: 0, refused: "" }
	try {
		const { rank, players: all } = await call("leaderboards.submit", {
			board: "daily",
			play: game.play,
			score: game.score,
		})
		Object.assign(result, { rank, players: all })
	} catch (error) {
		if (!error.code) throw error
		result.refused = error.code
	}
	const { stats } = await games
		.where({ _id: game._id, result: _.exists(false) })
		.update({ data: { result } })
	if (stats.updated === 1 && !result.refused) {
		await count(dayOf(game.season), game.ends, openid)
		await call("leaderboards.submit", { board: "week", score: game.score }).catch((error) =>
			console.warn("the week's ranking refused", error.code),
		)
	}
	return { result: { ...result, ...mine(game) } }
}

/** One more day of playing. A streak holds until the end of the day after; two hours more, for the clock change. */
async function count(day, ends, openid) {
	const until = Date.parse(ends) + DAY + 2 * 60 * 60 * 1000
	const player = await first(players, openid)
	if (!player) {
		await players.add({ data: { _id: openid, _openid: openid, day, until, streak: 1, longest: 1 } })
		return
	}
	const streak = day - player.day === 1 ? player.streak + 1 : 1
	await players
		.where({ _id: openid, day: player.day })
		.update({ data: { day, until, streak, longest: Math.max(streak, player.longest) } })
}

exports.main = async (event) => {
	const { OPENID } = cloud.getWXContext()
	const language = LANGUAGES.includes(event.language) ? event.language : "en"
	if (event.act === "today") return today(OPENID)
	if (event.act === "begin") return begin(OPENID, language)
	if (event.act === "answer") return answer(OPENID, event)
	throw new Error("there is nothing of that name to do")
}
