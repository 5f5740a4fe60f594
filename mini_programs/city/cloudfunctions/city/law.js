// What a fixed fine costs, and on which date that changes: a pure function of its class, the dates of its notices,
// how it is paid and the day in Paris on which it is paid. Amounts are cents.
//
// Code de procédure pénale, R49 (standard) and R49-7 (increased); the reduced amounts and all periods as secondary
// legal pages tell them. A period of N days includes day N; day 0 is the date that is printed on the notice.
const { add, days, isDate } = require("./paris")

const TARIFFS = {
	"1-pieton": { standard: 400, increased: 700, discounted: 560, court: 3800 },
	1: { standard: 1100, increased: 3300, discounted: 2640, court: 3800 },
	2: { reduced: 2200, standard: 3500, increased: 7500, discounted: 6000, court: 15000 },
	3: { reduced: 4500, standard: 6800, increased: 18000, discounted: 14400, court: 45000 },
	4: { reduced: 9000, standard: 13500, increased: 37500, discounted: 30000, court: 75000 },
	5: { standard: 20000, increased: 45000, discounted: 36000, court: 150000 },
}

/** Days of each period, by how it is paid: online, by phone or stamp ("tele"), or by post and at the desk ("other"). */
const PERIODS = {
	tele: { reduced: 30, standard: 60, discounted: 45 },
	other: { reduced: 15, standard: 45, discounted: 30 },
}
/** The reduced period of a notice that was handed over, when it is not paid online. */
const HANDED = 3
/** How long a notice may be contested. */
const CONTEST = 45

/** The tariff of one day: its name, its amount (none when it is overdue) and its last day, if it has one. */
function tariffOn(date, { class: kind, channel, notice_date, increased_date, handed }) {
	const amounts = TARIFFS[kind]
	const periods = PERIODS[channel]
	if (increased_date && date >= increased_date)
		return days(increased_date, date) <= periods.discounted
			? {
					tariff: "increased_minus20",
					amount: amounts.discounted,
					until: add(increased_date, periods.discounted),
				}
			: { tariff: "increased", amount: amounts.increased, until: null }
	const age = days(notice_date, date)
	const reduced = handed && channel === "other" ? HANDED : periods.reduced
	if (amounts.reduced !== undefined && age <= reduced)
		return { tariff: "reduced", amount: amounts.reduced, until: add(notice_date, reduced) }
	if (age <= periods.standard)
		return {
			tariff: "standard",
			amount: amounts.standard,
			until: add(notice_date, periods.standard),
		}
	// Nothing can be asked until the increased notice is there: that one is a document of its own.
	return { tariff: "overdue_not_yet_increased", amount: null, until: null }
}

/**
 * What is due on a day, and what will be due from the next change on.
 * `class`, `channel` ("tele", "other"), `notice_date`, `increased_date` (null without one), `on` (the day in Paris),
 * `handed` (true when it was handed over) → { tariff, amount, until, next: { from, tariff, amount } | null }.
 */
function due({ on, ...fine }) {
	if (!Object.hasOwn(TARIFFS, fine.class)) throw new Error(`no class ${fine.class}`)
	if (!Object.hasOwn(PERIODS, fine.channel)) throw new Error(`no channel ${fine.channel}`)
	if (
		![on, fine.notice_date].every(isDate) ||
		(fine.increased_date && !isDate(fine.increased_date))
	)
		throw new Error("a date is missing")
	const today = tariffOn(on, fine)
	if (!today.until) return { ...today, next: null }
	const from = add(today.until, 1)
	const { tariff, amount } = tariffOn(from, fine)
	return { ...today, next: { from, tariff, amount } }
}

/** The last day on which the notice may be contested; an increased notice is not, here. */
const contestableUntil = ({ clock_date, increased_date, contested }) =>
	increased_date || contested ? null : add(clock_date, CONTEST)

/** The notice's own fine, paid online unless told otherwise. */
const dueOf = (notice, on, channel = "tele") =>
	due({
		class: notice.class,
		channel,
		notice_date: notice.clock_date,
		increased_date: notice.increased_date,
		handed: notice.handed,
		on,
	})

module.exports = { CONTEST, HANDED, PERIODS, TARIFFS, contestableUntil, due, dueOf }
