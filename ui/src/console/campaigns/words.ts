// A campaign in words: what it gives, for what, and when.
import { language } from "../../lib/i18n/locale.svelte"
import { now } from "../../lib/now.svelte"
import { categoryName, money, percent } from "../format"
import { t } from "../words"
import type { Draft } from "./campaign"
import { datesInWords, daysInWords, hoursInWords, type Schedule } from "./schedule"

type Offer = Pick<Draft, "kind" | "percent_bp" | "amount" | "buy" | "get">

/** "20% off", "Buy 2, get 1 free". */
export function offerWords(offer: Offer): string {
	const values = {
		percent: percent(offer.percent_bp / 10_000, 2),
		amount: money(offer.amount),
		buy: offer.buy,
		get: offer.get,
	}
	if (offer.kind === "sale" && offer.amount > 0) return t("offer.sale_price", values)
	return t(`offer.${offer.kind}`, values)
}

/** The few characters that stand large on the customer's card. */
export function headline(offer: Offer): string {
	if (offer.kind === "bxgy") return `${offer.buy}+${offer.get}`
	if (offer.kind === "sale" && offer.amount > 0) return money(offer.amount)
	if (offer.kind === "fixed" || offer.kind === "order_fixed") return `−${money(offer.amount)}`
	return `−${percent(offer.percent_bp / 10_000, 2)}`
}

export function targetWords(draft: Pick<Draft, "products" | "categories">): string {
	const categories = draft.categories ?? []
	const products = draft.products ?? []
	const parts = [
		...categories.slice(0, 3).map(categoryName),
		...(categories.length > 3
			? [t("campaigns.more_categories", { count: categories.length - 3 })]
			: []),
		...(products.length ? [t("campaigns.some_products", { count: products.length })] : []),
	]
	return parts.length ? new Intl.ListFormat(language.tag).format(parts) : t("campaigns.everything")
}

export function dateWords(schedule: Schedule): string {
	const dates = datesInWords(schedule, language.tag, new Date(now.ms))
	if (dates.kind === "always") return t("schedule.always")
	if (dates.kind === "between") return dates.dates
	return t(`schedule.${dates.kind}`, { date: dates.date })
}

/** "Mon–Fri, 17:00–19:00". */
export function hourWords(schedule: Schedule): string {
	const days = daysInWords(schedule.weekdays, language.tag)
	const hours = hoursInWords(schedule.start_time, schedule.end_time, language.tag)
	return [days, hours].filter(Boolean).join(language.tag.startsWith("zh") ? " " : ", ")
}

/** All of it on one line, for tables and cards. */
export const whenWords = (schedule: Schedule) => {
	const hours = hourWords(schedule)
	const bounded = schedule.starts_at || schedule.ends_at
	return [hours || (bounded ? "" : t("schedule.always")), bounded ? dateWords(schedule) : ""]
		.filter(Boolean)
		.join(" · ")
}
