// Club's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in;
// "one / other" are the forms for {n}.
const table = `
club | Club | Club | 会员卡
unit | point / points | point / points | 积分
points | {n} point / {n} points | {n} point / {n} points | {n} 积分
worth | worth {value} | soit {value} | 可抵 {value}
pending | {n} more point on the way / {n} more points on the way | {n} point en attente / {n} points en attente | 另有 {n} 积分待生效
coming | {n} point from {day} / {n} points from {day} | {n} point à partir du {day} / {n} points à partir du {day} | {day}起可用 {n} 积分
comingTitle | On the way | Bientôt disponibles | 待生效
comingText | Points of a purchase count once it can no longer be returned. | Les points d’un achat comptent quand il ne peut plus être retourné. | 购物积分在退货期结束后生效。
ending | {n} point ends on {day} ({when}) / {n} points end on {day} ({when}) | {n} point expire le {day} ({when}) / {n} points expirent le {day} ({when}) | {n} 积分将于 {day} 到期（{when}）
endsOn | until {day} | jusqu’au {day} | {day}前有效
endsIn | end in {month} | expirent en {month} | {month}到期
never | without end | sans échéance | 长期有效
debt | You brought goods back whose points were already used. The next {n} point repays that, and what comes after is yours. / You brought goods back whose points were already used. The next {n} points repay that, and what comes after is yours. | Vous avez rendu des articles dont les points étaient déjà utilisés. Le prochain point ({n}) rembourse cela, les suivants sont à vous. / Vous avez rendu des articles dont les points étaient déjà utilisés. Les {n} prochains points remboursent cela, les suivants sont à vous. | 您退回的商品所得积分已被使用。接下来的 {n} 积分将用于抵还，之后的归您所有。
closed | This shop gives no points any more. What you have is kept. | Ce magasin ne donne plus de points. Les vôtres sont conservés. | 本店已不再发放积分，您的积分仍予保留。
none | No card yet | Pas encore de carte | 还没有会员卡
noneText | Buy something in a shop with points while you are signed in: its card appears here by itself. | Achetez dans un magasin à points en étant connecté : sa carte apparaît ici toute seule. | 登录后在有积分的商店购物，会员卡会自动出现在这里。
noneGo | Go shopping | Faire des achats | 去购物
lots | When your points end | Échéances de vos points | 积分到期时间
noLots | No points to spend at the moment. | Aucun point à utiliser pour l’instant. | 目前没有可用积分。
earnRule | {n} point for each {value} | {n} point par {value} | 每消费 {value} 得 {n} 积分
rewards | Rewards | Récompenses | 奖励
vouchers | My vouchers | Mes bons | 我的兑换券
statement | Statement | Relevé | 积分明细
rewardsGo | What your points get you | Ce que valent vos points | 用积分兑换
vouchersGo | Codes to show at the till | Codes à montrer en caisse | 在收银台出示的券码
statementGo | What came in and went out | Entrées et sorties | 积分收支
member | Member number | Numéro de membre | 会员号
memberText | Say it when you ask the shop about your points. | À donner pour toute question au magasin sur vos points. | 向商店咨询积分时请提供。
copy | Copy | Copier | 复制
copied | Copied | Copié | 已复制
progress | {have} of {cost} points | {have} points sur {cost} | {have}/{cost} 积分
cost | {n} point / {n} points | {n} point / {n} points | {n} 积分
left | {n} left / {n} left | reste {n} / reste {n} | 剩余 {n} 份
rewardUntil | until {day} | jusqu’au {day} | {day}截止
take | Take | Prendre | 兑换
taking | One moment… | Un instant… | 请稍候…
takeTitle | Take “{name}”? | Prendre « {name} » ? | 兑换“{name}”？
takeText | {n} point is set aside for it. You can give the voucher back until you use it. / {n} points are set aside for it. You can give the voucher back until you use it. | {n} point est mis de côté. Le bon peut être rendu tant qu’il n’est pas utilisé. / {n} points sont mis de côté. Le bon peut être rendu tant qu’il n’est pas utilisé. | 将扣除 {n} 积分。未使用前可随时退回。
taken | It is yours | C’est à vous | 兑换成功
more | {n} more point / {n} more points | encore {n} point / encore {n} points | 还差 {n} 积分
noRewards | No rewards at the moment | Pas de récompense pour l’instant | 暂无奖励
noRewardsText | Your points still lower what you pay. | Vos points réduisent toujours ce que vous payez. | 积分仍可抵扣付款。
noVouchers | No vouchers yet | Pas encore de bon | 还没有兑换券
noVouchersText | Take a reward, and its voucher is here. | Prenez une récompense, son bon apparaît ici. | 兑换奖励后，兑换券会显示在这里。
show | Show this code at the till. | Montrez ce code en caisse. | 请在收银台出示此券码。
past | Before | Passés | 历史
release | Give it back | Rendre le bon | 退回
releaseTitle | Give “{name}” back? | Rendre « {name} » ? | 退回“{name}”？
releaseText | The code stops working, and you have your {n} point again. / The code stops working, and you have your {n} points again. | Le code ne marchera plus et vous retrouvez votre point ({n}). / Le code ne marchera plus et vous retrouvez vos {n} points. | 券码将失效，{n} 积分将退还给您。
released | Given back: you have {n} point again / Given back: you have {n} points again | Rendu : vous retrouvez {n} point / Rendu : vous retrouvez {n} points | 已退回，{n} 积分已返还
keepIt | Keep it | Le garder | 保留
cancel | Cancel | Annuler | 取消
state_held | Ready | Prêt | 可使用
state_redeemed | Used | Utilisé | 已使用
state_released | Given back | Rendu | 已退回
state_lapsed | Not fetched in time, points returned | Non retiré à temps, points rendus | 逾期未用，积分已返还
gone | None left. | Épuisé. | 已兑完。
yours | You have taken this as often as one may. | Vous l’avez déjà pris autant de fois que permis. | 您已达到兑换次数上限。
in | In | Entrées | 收入
out | Out | Sorties | 支出
balance | {n} point after / {n} points after | solde : {n} point / solde : {n} points | 余额 {n}
latest | The latest {n} entry / The latest {n} entries | La dernière ligne ({n}) / Les {n} dernières lignes | 最近 {n} 条
noHistory | Nothing yet | Rien pour l’instant | 暂无记录
move_earn | Purchase | Achat | 购物所得
move_grant | Gift | Cadeau | 赠送
move_spend | Used | Utilisés | 使用
move_return | Given back | Rendus | 返还
move_revoke | Goods returned | Articles rendus | 退货扣回
move_expire | Ended | Expirés | 到期
stale | You are offline. This is from {time}. | Vous êtes hors ligne. Données de {time}. | 当前离线，显示 {time} 的数据。
offline | You are offline. Try again when you are back. | Vous êtes hors ligne. Réessayez une fois reconnecté. | 当前离线，请联网后重试。
retry | Try again | Réessayer | 重试
permissions | Permissions | Autorisations | 权限
consent_required | Club needs your permission to see your points. | Club a besoin de votre autorisation pour voir vos points. | 会员卡需要您的许可才能查看积分。
insufficient_points | You do not have enough points. | Vous n’avez pas assez de points. | 积分不足。
reward_gone | None left: somebody was quicker. | Épuisé : quelqu’un a été plus rapide. | 已被兑完。
reward_cost_changed | The price of this reward has just changed. Look again. | Le prix de cette récompense vient de changer. Regardez à nouveau. | 该奖励所需积分刚刚变更，请再看一次。
reward_yours | You have taken this as often as one may. | Vous l’avez déjà pris autant de fois que permis. | 您已达到兑换次数上限。
no_reward | This reward is over. | Cette récompense n’est plus proposée. | 该奖励已结束。
no_voucher | There is no such voucher any more. | Ce bon n’existe plus. | 该兑换券已不存在。
voucher_closed | This voucher was used or has ended. | Ce bon a été utilisé ou a expiré. | 该兑换券已使用或已失效。
no_program | This shop has no points. | Ce magasin n’a pas de points. | 本店没有积分计划。
failed | That did not work. Try again. | Cela n’a pas marché. Réessayez. | 操作失败，请重试。
`

const languages = ["en", "fr", "zh"]
const { language } = wx.getAppBaseInfo()
const locale = languages.find((each) => language.startsWith(each)) || "en"
// WeChat tells a language, not a region: dates and numbers need one.
const region = { en: "en-GB", fr: "fr-FR", zh: "zh-CN" }[locale]
const mine = Object.fromEntries(
	table
		.trim()
		.split("\n")
		.map((row) => row.split(" | "))
		.map(([key, ...texts]) => [key, texts[languages.indexOf(locale)].split(" / ")]),
)

const fill = (text, values) =>
	text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole))

/** A sentence; with two forms, `values.n` chooses. French counts zero as one. */
function say(key, values = {}) {
	const [one, other = one] = mine[key] || [""]
	const form = new Intl.PluralRules(locale).select(values.n || 0) === "one" ? one : other
	return fill(
		form,
		"n" in values ? { ...values, n: new Intl.NumberFormat(region).format(values.n) } : values,
	)
}

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, say(key)]))

/** A refusal in words; without any of ours, the server's. */
const trouble = (error) => say(error?.code) || error?.data?.message || say("failed")

/** Whether a call failed because nobody was reached. */
const unreached = (error) => !error?.code && !error?.status

/** Minor units as people write money: the exponent is the currency's. */
function money(amount, currency) {
	const format = new Intl.NumberFormat(region, { style: "currency", currency })
	return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
}

const count = (n) => new Intl.NumberFormat(region).format(n)
/** Points with their sign. */
const signed = (n) => new Intl.NumberFormat(region, { signDisplay: "exceptZero" }).format(n)

/** A time of the server: RFC 3339, or with a space as databases write it. */
const instant = (time) => (typeof time === "string" ? new Date(time.replace(" ", "T")) : time)
const written = (options) => (time) =>
	new Intl.DateTimeFormat(region, options).format(instant(time))
const date = written({ day: "numeric", month: "long", year: "numeric" })
const short = written({ day: "numeric", month: "short" })
const month = written({ month: "long", year: "numeric" })
const clock = written({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })

/** "in 12 days", for what ends within the quarter. */
function soon(time, now) {
	const days = Math.floor((new Date(time) - now) / 86400000)
	return days > 92
		? ""
		: new Intl.RelativeTimeFormat(region, { numeric: "auto" }).format(days, "day")
}

module.exports = {
	clock,
	count,
	date,
	money,
	month,
	pick,
	say,
	short,
	signed,
	soon,
	trouble,
	unreached,
}
