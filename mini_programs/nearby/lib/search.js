// What is searched for, and what was found last for when there is no network.
const { locale } = require("./words")

/** Listings of one answer. */
const PAGE = 30
const KEPT = "found"

/** The arguments of a search; what is left out the house decides. */
function asked({ centre, radius, category, open, query }, cursor) {
	const { lat, lon } = centre || {}
	return {
		lat,
		lon,
		radius,
		category: category?.key || undefined,
		open_at: open || undefined,
		q: query || undefined,
		cursor: cursor || undefined,
		limit: PAGE,
		lang: locale,
	}
}

const search = (wanted, cursor) => wx.plaza.call("nearby.search", asked(wanted, cursor))

/** Keeps the first page of a plain search: it is what people see first. */
function keep(wanted, answer) {
	if (!wanted.category && !wanted.open && !wanted.query)
		wx.setStorage({ key: KEPT, data: { ...answer, centre: wanted.centre, kept: Date.now() } })
}

/** What is kept and answers the search; of a list only the category can be judged here. */
function kept({ category, open, query }) {
	const last = wx.getStorageSync(KEPT)
	if (!last || open || query) return null
	if (!category) return last
	const within = (key) => key === category.key || key.startsWith(`${category.key}/`)
	return { ...last, items: last.items.filter((one) => within(one.category)) }
}

/** Whether a call failed because nobody was reached. */
const unreached = (error) => !error?.code && !error?.status

module.exports = { keep, kept, search, unreached }
