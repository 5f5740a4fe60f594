// Money, dates and counts of the shop in the language on screen.
import { language } from "../lib/i18n/locale.svelte"
import { exponent, formatMoney } from "../lib/money"
import { now } from "../lib/now.svelte"
import { formatAgo, formatDate, formatDateTime, formatTime, type Moment } from "../lib/time"
import { shop } from "./shop.svelte"

export const money = (minor: number, currency = shop.currency) =>
	formatMoney(minor, currency, language.tag)

/** Without decimals where there is no room for them: axes and headline figures. */
export const roughMoney = (minor: number, currency = shop.currency) =>
	new Intl.NumberFormat(language.tag, {
		style: "currency",
		currency,
		currencyDisplay: "narrowSymbol",
		maximumFractionDigits: 0,
	}).format(minor / 10 ** exponent(currency))

export const count = (value: number) => new Intl.NumberFormat(language.tag).format(value)

export const percent = (share: number, digits = 1) =>
	new Intl.NumberFormat(language.tag, { style: "percent", maximumFractionDigits: digits }).format(
		share,
	)

export const signedPercent = (share: number) =>
	new Intl.NumberFormat(language.tag, {
		style: "percent",
		maximumFractionDigits: 1,
		signDisplay: "exceptZero",
	}).format(share)

export const time = (at: Moment) => formatTime(at, language.tag, shop.zone)
export const date = (at: Moment) => formatDate(at, language.tag, shop.zone)
export const dateTime = (at: Moment) => formatDateTime(at, language.tag, shop.zone)
export const ago = (at: Moment) => formatAgo(at, now.ms, language.tag)

/** "9 Nov", for axes. */
export const shortDay = (day: string) =>
	new Intl.DateTimeFormat(language.tag, { day: "numeric", month: "short", timeZone: "UTC" }).format(
		new Date(`${day}T12:00:00Z`),
	)

/** "Monday 9 November". */
export const longDay = (day: string) =>
	new Intl.DateTimeFormat(language.tag, {
		weekday: "long",
		day: "numeric",
		month: "long",
		timeZone: "UTC",
	}).format(new Date(`${day}T12:00:00Z`))

/** "en:dark-chocolates" reads as "Dark chocolates". */
export function categoryName(category: string): string {
	const bare = category.replace(/^[a-z]{2}:/, "").replaceAll("-", " ")
	return bare.charAt(0).toLocaleUpperCase() + bare.slice(1)
}
