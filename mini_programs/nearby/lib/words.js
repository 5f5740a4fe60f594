// Nearby's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in;
// "one / other" are the forms for {n}.
const table = `
nearby | Nearby | À proximité | 附近
search | Search places, dishes, shops | Chercher un lieu, un plat, une boutique | 搜索地点、菜品或商店
clear | Clear | Effacer | 清除
around | Around {label} | Autour de {label} | {label}附近
you | you | vous | 您
centre | the town centre | le centre-ville | 市中心
picked | the point on the map | le point choisi | 地图上的位置
change | Change | Changer | 更改
openNow | Open now | Ouvert maintenant | 营业中
openAt | Open on {time} | Ouvert {time} | {time} 营业
openAtAny | Open at… | Ouvert à… | 指定时间…
when | When should it be open? | Quand doit-il être ouvert ? | 需要何时营业？
day | Day | Jour | 日期
time | Time | Heure | 时间
today | Today | Aujourd’hui | 今天
tomorrow | Tomorrow | Demain | 明天
show | Show | Afficher | 查看
anyTime | Any time | Peu importe | 不限时间
within | Within {radius} | À moins de {radius} | {radius}以内
radius | How far? | À quelle distance ? | 距离范围
all | All | Tout | 全部
more | More | Plus | 更多
categories | What are you looking for? | Que cherchez-vous ? | 您要找什么？
findCategory | Pharmacy, bakery, museum… | Pharmacie, boulangerie, musée… | 药店、面包店、博物馆…
noCategory | No kind of place of that name | Aucun type de lieu de ce nom | 没有这种类别
list | List | Liste | 列表
radar | Radar | Radar | 雷达
map | Map | Carte | 地图
noMap | No map is set up in this town: the radar shows the way instead. | Aucune carte n’est configurée dans cette ville : le radar la remplace. | 本地尚未配置地图，请使用雷达。
here | Search here | Chercher ici | 搜索此区域
results | {n} place / {n} places | {n} lieu / {n} lieux | {n} 个地点
resultsMore | {n}+ places | {n}+ lieux | {n}+ 个地点
open | Open | Ouvert | 营业中
openUntil | until {time} | jusqu’à {time} | 至 {time}
always | Open around the clock | Ouvert 24 h/24 | 全天营业
closed | Closed | Fermé | 已打烊
opens | opens {time} | ouvre {time} | {time} 开门
soon | Closes soon | Ferme bientôt | 即将打烊
unknown | Hours not known | Horaires inconnus | 营业时间未知
happy | Happy hour | Happy hour | 欢乐时光
happyUntil | Happy hour until {time} | Happy hour jusqu’à {time} | 欢乐时光至 {time}
offer | Offer | Offre | 优惠
certified | Certified | Certifié | 已认证
me | Show what is close to you | Voir ce qui est près de vous | 查看您身边的地点
meText | Your position is used for the search and not kept. | Votre position sert à la recherche, elle n’est pas conservée. | 您的位置仅用于搜索，不会保存。
useMe | Use my position | Utiliser ma position | 使用我的位置
pickPlace | Choose a place | Choisir un lieu | 选择地点
denied | Without your position, search by place or address. | Sans votre position, cherchez par lieu ou par adresse. | 没有您的位置，请按地点或地址搜索。
unlocated | Your position could not be found. Search by place or address. | Votre position est introuvable. Cherchez par lieu ou par adresse. | 无法确定您的位置，请按地点或地址搜索。
locating | Finding your position… | Recherche de votre position… | 正在定位…
noneTitle | Nothing here | Rien ici | 这里没有结果
none | No place within {radius} fits. | Aucun lieu ne correspond à moins de {radius}. | {radius}内没有符合条件的地点。
wider | Search within {radius} | Chercher à moins de {radius} | 扩大到 {radius}
unfilter | Remove filters | Retirer les filtres | 清除筛选
offline | You are offline. This is what was found at {time}. | Vous êtes hors ligne. Voici les résultats de {time}. | 您已离线，以下为 {time} 的结果。
offlineNone | You are offline. | Vous êtes hors ligne. | 您已离线。
retry | Try again | Réessayer | 重试
failed | That did not work. Try again. | Cela n’a pas marché. Réessayez. | 操作失败，请重试。
place_unknown | No address or place of that name is known here. | Aucune adresse ni aucun lieu de ce nom n’est connu ici. | 未找到该地址或地点。
no_center | Choose a place to search around. | Choisissez un lieu autour duquel chercher. | 请选择要搜索的地点。
listing_unknown | This place is no longer listed. | Ce lieu n’est plus répertorié. | 该地点已不再收录。
category_unknown | This kind of place is not known. | Ce type de lieu n’est pas connu. | 未知类别。
rate_limited | Too many searches at once. Wait a moment. | Trop de recherches à la fois. Patientez un instant. | 搜索过于频繁，请稍候。
whereTitle | Where? | Où ? | 在哪里？
whereField | Address, street or place | Adresse, rue ou lieu | 地址、街道或地点
whereGo | Search around “{text}” | Chercher autour de « {text} » | 搜索“{text}”附近
recent | Lately | Récemment | 最近使用
places | Places | Lieux | 地点
town | Town centre | Centre-ville | 市中心
radarText | {n} place around you on the radar, the nearest is {name}, {distance}. / {n} places on the radar, the nearest is {name}, {distance}. | {n} lieu sur le radar, le plus proche est {name}, {distance}. / {n} lieux sur le radar, le plus proche est {name}, {distance}. | 雷达显示 {n} 个地点，最近的是 {name}，{distance}。
radarHint | Tap a dot. North is up. | Touchez un point. Le nord est en haut. | 点击圆点。上方为北。
north | N | N | 北
goProgram | Open {name} | Ouvrir {name} | 打开 {name}
goProgramText | Order, pay and collect points there. | Commandez, payez et gagnez des points. | 在那里点单、支付并积分。
call | Call | Appeler | 电话
way | Directions | Itinéraire | 路线
share | Share | Partager | 分享
report | Report wrong data | Signaler une erreur | 报告错误信息
offers | Offers now | Offres du moment | 当前优惠
ends | ends in {time} | se termine dans {time} | {time} 后结束
endsOn | until {time} | jusqu’au {time} | 至 {time}
hours | Opening hours | Horaires | 营业时间
hoursUnknown | Nobody has told the opening hours yet. | Les horaires n’ont pas encore été indiqués. | 尚无营业时间。
hoursRaw | These hours cannot be read by a machine: {text} | Ces horaires ne peuvent pas être lus automatiquement : {text} | 以下时间无法自动识别：{text}
closedDay | Closed | Fermé | 休息
allDay | All day | Toute la journée | 全天
maybe | perhaps | peut-être | 不确定
special | Special days | Jours particuliers | 特殊日期
address | Address | Adresse | 地址
copied | Copied | Copié | 已复制
website | Website | Site web | 网站
phone | Phone | Téléphone | 电话
source | Data: {name} | Données : {name} | 数据来源：{name}
reportTitle | What is wrong? | Qu’est-ce qui est faux ? | 哪里有误？
report_closed | It has closed for good | Le lieu a définitivement fermé | 已永久关闭
report_hours | The hours are wrong | Les horaires sont faux | 营业时间有误
report_position | It is somewhere else | Il est ailleurs | 位置有误
report_details | Name, phone or something else | Le nom, le téléphone ou autre chose | 名称、电话或其他
reported | Thank you. The operator will look at it. | Merci. L’exploitant va vérifier. | 谢谢，管理员会核实。
sale_percent | {percent} off | −{percent} | 优惠 {percent}
sale_price | special price | prix spécial | 特价
percent_off | {percent} off | −{percent} | 优惠 {percent}
amount_off_each | {amount} off each | −{amount} pièce | 每件减 {amount}
units_free | buy {buy}, get {get} free | {buy} + {get} gratuit | 买 {buy} 赠 {get}
order_percent_off | {percent} off everything | −{percent} sur tout | 全场优惠 {percent}
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

/** Metres as people say them. */
function distance(metres) {
	const kilo = metres >= 950
	const value = kilo ? metres / 1000 : Math.max(10, Math.round(metres / 10) * 10)
	return new Intl.NumberFormat(region, {
		style: "unit",
		unit: kilo ? "kilometer" : "meter",
		unitDisplay: "short",
		maximumFractionDigits: kilo && value < 9.95 ? 1 : 0,
	}).format(value)
}

module.exports = { distance, locale, pick, region, say, trouble }
