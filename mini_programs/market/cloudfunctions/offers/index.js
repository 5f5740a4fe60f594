// What a shop offers now: the live campaigns and the products that they make cheaper, best saving first.
// One call for the page instead of two, and no more than a phone shows.
const cloud = require("wx-server-sdk")

const SHOWN = 40

exports.main = async ({ place }) => {
	const { places } = await cloud.plaza.call("catalog.places", {})
	const here =
		places.find(({ id }) => id === place) || places.find(({ closed }) => !closed) || places[0]
	if (!here) return { place: null, offers: [], campaigns: [] }
	const { offers, campaigns, changes_at, at } = await cloud.plaza.call("campaigns.offers", {
		place: here.id,
	})
	return { place: here, at, changes_at, campaigns, offers: best(offers) }
}

function best(offers) {
	return offers
		.map((offer) => ({
			...offer,
			saving: offer.listed > 0 ? (offer.listed - offer.price) / offer.listed : 0,
		}))
		.sort((a, b) => b.saving - a.saving || a.name.localeCompare(b.name))
		.slice(0, SHOWN)
}
