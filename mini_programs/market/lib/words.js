// Market's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in;
// "one / other" are the forms for {n}.
const table = `
market | Market | Marché | 集市
shops | Choose a shop | Choisir un magasin | 选择商店
change | Change | Changer | 更换
find | Find a shop | Chercher un magasin | 查找商店
none | No shop of that name | Aucun magasin de ce nom | 没有这个商店
closed | Closed | Fermé | 已打烊
hero | Scan & go | Scanner et partir | 扫码即走
heroText | Scan what you buy, pay here, walk out. | Scannez vos achats, payez ici, sortez. | 扫描商品，在此付款，直接离店。
scan | Scan | Scanner | 扫码
offers | Offers now | Offres du moment | 当前优惠
noOffers | No offers at the moment. Everything is at its usual price. | Pas d’offre pour l’instant. Tout est au prix habituel. | 暂无优惠，全部商品均为原价。
until | until {time} | jusqu’à {time} | {time}截止
more | Show more | En voir plus | 显示更多
basket | Basket | Panier | 购物篮
empty | Nothing scanned yet | Rien de scanné pour l’instant | 还没有扫描商品
emptyText | Point the camera at a barcode to begin. | Visez un code-barres pour commencer. | 将相机对准条形码开始。
items | {n} item / {n} items | {n} article / {n} articles | {n} 件
each | {price} each | {price} pièce | 单价 {price}
less | One less | Un de moins | 减少一件
another | One more | Un de plus | 增加一件
remove | Remove | Retirer | 移除
subtotal | Before offers | Avant offres | 优惠前
save | You save | Vous économisez | 已优惠
total | Total | Total | 合计
earn | You will earn {n} point / You will earn {n} points | Vous gagnerez {n} point / Vous gagnerez {n} points | 可得 {n} 积分
changes | Prices change in {time} | Les prix changent dans {time} | 价格将在 {time} 后变动
changed | Prices have changed: {from} is now {to}. | Les prix ont changé : {from} devient {to}. | 价格已变动：{from} 变为 {to}。
code | Code | Code | 优惠码
useCode | Use | Utiliser | 使用
dropCode | Remove the code | Retirer le code | 移除优惠码
code_not_usable | This code cannot be used here. | Ce code ne peut pas être utilisé ici. | 此优惠码无法在此使用。
code_exhausted | This code has been used up. | Ce code est épuisé. | 该优惠码已用完。
too_many_codes | Too many codes tried. Wait a few minutes. | Trop de codes essayés. Attendez quelques minutes. | 尝试次数过多，请稍候几分钟。
code_not_started | This code cannot be used yet. | Ce code n’est pas encore valable. | 该优惠码尚未生效。
code_not_now | This code cannot be used at this hour. | Ce code n’est pas valable à cette heure. | 该优惠码此时不可用。
code_ended | This code has ended. | Ce code n’est plus valable. | 该优惠码已失效。
code_minimum_not_reached | {missing} more and this code counts. | Encore {missing} et ce code compte. | 再买 {missing} 即可使用该优惠码。
code_used_up | This code has been used up. | Ce code est épuisé. | 该优惠码已用完。
code_not_yours | You have used this code already. | Vous avez déjà utilisé ce code. | 您已使用过该优惠码。
code_other_shop | This code is not of this shop. | Ce code n’est pas de ce magasin. | 该优惠码不属于本店。
code_budget_spent | All that was set aside for this code has been given. | Tout ce qui était prévu pour ce code a été donné. | 该优惠码的优惠额度已发完。
code_better_offer | Another offer is better for you. | Une autre offre est meilleure pour vous. | 已为您使用更优惠的活动。
code_no_goods | Nothing in the basket is covered by this code. | Rien dans le panier n’est concerné par ce code. | 购物篮中没有适用该优惠码的商品。
code_nothing_left | There is nothing left to take off. | Il ne reste rien à déduire. | 已无可减金额。
pay | Pay {total} | Payer {total} | 支付 {total}
age | A member of staff must check your age before you pay. Show them this screen. | Un membre du personnel doit vérifier votre âge avant le paiement. Montrez-lui cet écran. | 付款前需由店员核实您的年龄，请出示此页面。
paid | Paid | Payé | 已付款
earned | +{n} point / +{n} points | +{n} point / +{n} points | +{n} 积分
saved | You saved {amount} | Vous avez économisé {amount} | 共优惠 {amount}
exit | Show exit code | Afficher le code de sortie | 显示出门码
exitText | Show it at the door. | À montrer à la porte. | 请在出口出示。
again | New basket | Nouveau panier | 新的购物篮
points | My points | Mes points | 我的积分
have | You have {n} point / You have {n} points | Vous avez {n} point / Vous avez {n} points | 您有 {n} 积分
worth | worth {value} | soit {value} | 价值 {value}
expires | {n} point ends on {day} / {n} points end on {day} | {n} point expire le {day} / {n} points expirent le {day} | {n} 积分将于 {day} 到期
allow | Market needs your permission to fill a basket. You can give it under ··· › Permissions. | Marché a besoin de votre autorisation pour remplir un panier. Donnez-la sous ··· › Autorisations. | 集市需要您的许可才能使用购物篮，请在“··· › 权限”中允许。
retry | Try again | Réessayer | 重试
sale_percent | {name}: {percent} off | {name} : −{percent} | {name}：优惠 {percent}
sale_price | {name}: special price | {name} : prix spécial | {name}：特价
percent_off | {name}: {percent} off | {name} : −{percent} | {name}：优惠 {percent}
amount_off_each | {name}: {amount} off each | {name} : −{amount} pièce | {name}：每件减 {amount}
units_free | {name}: buy {buy}, get {get} free | {name} : {buy} achetés, {get} offerts | {name}：买 {buy} 赠 {get}
order_percent_off | {name}: {percent} off everything | {name} : −{percent} sur tout | {name}：全场优惠 {percent}
order_amount_off | {name} | {name} | {name}
unknown_product | This shop does not sell that code. | Ce magasin ne vend pas ce code. | 本店没有该商品。
bad_check_digit | That code was misread. Scan it again. | Code mal lu. Scannez-le encore. | 条码识别有误，请重新扫描。
not_a_gtin | That is not a product code. | Ce n’est pas un code produit. | 这不是商品条码。
shop_closed | The shop is closed. | Le magasin est fermé. | 商店已打烊。
out_of_stock | There is no more of it. | Il n’y en a plus. | 库存不足。
order_not_open | This basket is closed. | Ce panier est clos. | 该购物篮已关闭。
failed | That did not work. Try again. | Cela n’a pas marché. Réessayez. | 操作失败，请重试。
`

const languages = ["en", "fr", "zh"]
const { language } = wx.getAppBaseInfo()
const locale = languages.find((each) => language.startsWith(each)) || "en"
// WeChat tells a language, not a region: dates and money need one.
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

/** Minor units as people write money: the exponent is the currency's. */
function money(amount, currency) {
	const format = new Intl.NumberFormat(region, { style: "currency", currency })
	return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
}

/** Why a price is lower, in words. */
function reason({ code, params, text }, currency) {
	const { name, percent_bp = 0, amount = 0, missing = 0, ...rest } = params
	const percent = new Intl.NumberFormat(region, {
		style: "percent",
		maximumFractionDigits: 1,
	}).format(percent_bp / 10000)
	const sums = { amount: money(amount, currency), missing: money(missing, currency) }
	return say(code, { name, percent, ...sums, ...rest }) || text
}

/** A refusal in words; without any of ours, the server's. */
const trouble = (error) =>
	(error.code === "consent_required" ? say("allow") : say(error.code)) ||
	error.data?.message ||
	say("failed")

/** A time of the server: RFC 3339, or with a space as databases write it. */
const instant = (time) => new Date(time.replace(" ", "T"))
const clock = (time, timezone) =>
	new Intl.DateTimeFormat(region, {
		hour: "2-digit",
		minute: "2-digit",
		timeZone: timezone || undefined,
	}).format(instant(time))
const day = (time) =>
	new Intl.DateTimeFormat(region, { day: "numeric", month: "long", year: "numeric" }).format(
		instant(time),
	)

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, say(key)]))

module.exports = { clock, day, instant, money, pick, reason, say, trouble }
