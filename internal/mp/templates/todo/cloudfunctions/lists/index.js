// Who is on which list. Pages see and change what is on a list by the rules of clouddb.json, if they are on it; how
// one gets there is decided here, where nobody can change the code.
const cloud = require("wx-server-sdk")

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const lists = cloud.database().collection("lists")
const _ = cloud.database().command

/** Letters and digits that nobody takes for one another. */
const LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
const LENGTH = 8
/** People on a list, and lists of a person. */
const MOST = 20
const NAME = 60

function newCode() {
	return Array.from({ length: LENGTH }, () => {
		return LETTERS[Math.floor(Math.random() * LETTERS.length)]
	}).join("")
}

const shown = ({ _id, name, code, members }) => ({ _id, name, code, members: members.length })

async function mine(me) {
	const { data } = await lists.where({ members: me }).orderBy("made", "asc").limit(MOST).get()
	return data.map(shown)
}

const acts = {
	/** The person's lists; one that has none gets a first one. */
	async open(me, { name }) {
		const found = await mine(me)
		return found.length > 0 ? { lists: found } : acts.make(me, { name })
	},

	async make(me, { name }) {
		const before = await mine(me)
		if (before.length >= MOST) return { refused: "many", lists: before }
		const list = { name: String(name).slice(0, NAME), members: [me], made: new Date() }
		for (;;) {
			try {
				const { _id } = await lists.add({ data: { ...list, code: newCode() } })
				return { lists: await mine(me), list: _id }
			} catch (error) {
				if (error.code !== "cloud_not_unique") throw error // else another list has that code
			}
		}
	},

	async join(me, { code }) {
		const wanted = String(code)
			.toUpperCase()
			.replace(/[^A-Z0-9]/g, "")
		const { data } = await lists.where({ code: wanted }).get()
		const [list] = data
		if (!list) return { refused: "unknown" }
		if (!list.members.includes(me)) {
			if (list.members.length >= MOST || (await mine(me)).length >= MOST) return { refused: "many" }
			await lists.doc(list._id).update({ data: { members: _.addToSet(me) } })
		}
		return { lists: await mine(me), list: list._id }
	},

	async leave(me, { list }) {
		await lists.where({ _id: String(list), members: me }).update({ data: { members: _.pull(me) } })
		return { lists: await mine(me) }
	},
}

exports.main = async (event) => {
	const { OPENID } = cloud.getWXContext()
	const act = Object.hasOwn(acts, event.act) ? acts[event.act] : undefined
	if (!act) throw new Error(`there is no act ${event.act}`)
	return act(OPENID, event)
}
