// What a kind of place looks like: one of our icons and a tint, by the category's key, most specific first.
const KINDS = [
	[/cafe|coffee|tea/, "coffee", "#7a4a2b"],
	[/pub|beer|brewery|biergarten/, "beer", "#8a5a00"],
	[/cocktail|nightclub|\bbar|amenity\/bar|wine|alcohol|beverages/, "martini", "#7a2463"],
	[/pizza/, "pizza", "#a33a1c"],
	[/noodle|ramen|soup|asian|chinese|japanese|vietnamese|thai|korean/, "soup", "#8b2f2f"],
	[/restaurant|fast_food|food_court|bistro/, "utensils", "#a33a1c"],
	[/bakery|pastry|confectionery|chocolate|ice_cream/, "cake-slice", "#7a4a2b"],
	[/supermarket|convenience|grocery|greengrocer|deli/, "shopping-basket", "#2d6a34"],
	[/dairy|cheese|farm/, "milk", "#2d6a34"],
	[/florist|garden/, "flower-2", "#7a2463"],
	[/jewel|watches/, "gem", "#4a3f8f"],
	[/kiosk|newsagent|tobacco/, "newspaper", "#3a6152"],
	[/hotel|hostel|motel|guest_house|lodging|apartment/, "bed", "#1f5fa8"],
	[/bank$|atm|bureau_de_change/, "banknote", "#2d6a34"],
	[/townhall|government|courthouse|embassy|police|fire_station|post/, "landmark", "#3a6152"],
	[/pharmacy|chemist/, "pill", "#0f6a78"],
	[/healthcare|doctor|hospital|clinic|dentist|optic/, "stethoscope", "#0f6a78"],
	[/hairdresser|beauty|cosmetics|massage/, "scissors", "#7a2463"],
	[/cloth|shoes|fashion|tailor|bag/, "shirt", "#4a3f8f"],
	[/book|library|stationery/, "book-open", "#3a6152"],
	[/school|university|college|kindergarten/, "graduation-cap", "#4a3f8f"],
	[/bus|rail|station|subway|tram|ferry|airport/, "bus", "#1f5fa8"],
	[/parking/, "square-parking", "#1f5fa8"],
	[/fuel|charging/, "fuel", "#8b2f2f"],
	[/bicycle/, "bike", "#0f6a78"],
	[/sport|fitness|pitch|swimming|gym/, "dumbbell", "#a33a1c"],
	[/park|forest|nature|picnic|camp/, "trees", "#2d6a34"],
	[/worship|church/, "church", "#3a6152"],
	[/cinema|theatre|arts|museum|gallery|attraction/, "palette", "#7a2463"],
	[/event|ticket|theme_park|zoo/, "ticket", "#4a3f8f"],
	[/pet|veterinary/, "paw-print", "#7a4a2b"],
	[/mobile|electronics|computer|telecommunication/, "smartphone", "#1f5fa8"],
	[/toilets/, "toilet", "#0f6a78"],
	[/baby|toys|playground/, "baby", "#a33a1c"],
	[/craft|repair|hardware|doityourself/, "wrench", "#3a6152"],
	[/office|company/, "briefcase", "#1f5fa8"],
	[/^shop/, "store", "#2d6a34"],
]

/** The icon's class and the colour behind it. */
function kind(key) {
	const [, icon, color] = KINDS.find(([like]) => like.test(key)) || [null, "map-pin", "#3a6152"]
	return { icon, color }
}

module.exports = { kind }
