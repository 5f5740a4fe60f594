// The town's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in; "one / other" are
// the forms for {n}.
const table = `
town | Town services | Ma ville | 城市服务
demoNote | Demonstration. Nothing here is a real fine or bill, and this is not a site of any State. | Démonstration. Rien ici n’est une vraie amende ni une vraie facture, et ce n’est le site d’aucun État. | 演示程序：这里没有真实的罚单或账单，也不是任何政府网站。
demo | Demo | Démo | 演示
hero | What can the town do for you? | Que peut faire la ville pour vous ? | 您要办什么？
fines | Traffic notice | Avis de contravention | 交通罚单
finesShort | Traffic notice | Avis | 交通罚单
finesAbout | Look it up, pay it, or contest it | Le retrouver, le payer ou le contester | 查询、缴纳或申诉
find | Look up | Rechercher | 查询
services | Services | Services | 服务
yours | Your notices | Vos avis | 我的罚单
yourBills | Your bills | Vos factures | 我的账单
yourTimes | Your appointments | Vos rendez-vous | 我的预约
law | What the law says | Ce que dit la loi | 法律规定
receipts | Your receipts | Vos reçus | 我的收据
nothing | What you look up will stay here. | Ce que vous retrouvez restera ici. | 查到的内容会显示在这里。
retry | Try again | Réessayer | 重试
loading | Loading | Chargement | 加载中
failed | That did not work. Try again. | Cela n’a pas marché. Réessayez. | 操作失败，请重试。
offline | You are offline. What was shown stays; the rest needs a connection. | Vous êtes hors ligne. Ce qui est affiché reste ; le reste attend une connexion. | 您已离线。已显示的内容仍在，其余需要联网。
by_number | By number | Par numéro | 按编号
by_plate | By plate | Par plaque | 按车牌
number | Notice number | Numéro de l’avis | 罚单编号
plate | Number plate | Plaque | 车牌
key | Key on the letter | Clé de la lettre | 信函上的密钥
keyAbout | Both stand on the letter. A plate alone shows nothing. | Les deux figurent sur la lettre. La plaque seule ne montre rien. | 两者都印在信函上，仅凭车牌查不到任何内容。
tries | Try these | À essayer | 试试这些
triesAbout | Made up for the demonstration | Inventés pour la démonstration | 演示用虚构数据
bad_number | The number has 6 to 20 letters and digits. | Le numéro compte 6 à 20 lettres et chiffres. | 编号为 6 至 20 位字母和数字。
bad_plate | That is not a plate. | Ce n’est pas une plaque. | 车牌格式不正确。
bad_key | The key has 4 to 16 letters and digits. | La clé compte 4 à 16 lettres et chiffres. | 密钥为 4 至 16 位字母和数字。
bad_reference | The reference has 3 to 20 letters and digits. | La référence compte 3 à 20 lettres et chiffres. | 账单号为 3 至 20 位字母和数字。
bad_text | Tell it in 20 to 2,000 letters. | Expliquez en 20 à 2 000 caractères. | 请用 20 至 2000 字说明。
bad_reason | A reason of up to 300 letters is needed. | Un motif de 300 caractères au plus est nécessaire. | 需要填写理由，最多 300 字。
bad_field | That does not fit: {field} | Cela ne convient pas : {field} | 不符合要求：{field}
not_found | Nothing fits this number and this key. Check both. | Rien ne correspond à ce numéro et à cette clé. Vérifiez les deux. | 编号与密钥不匹配，请核对。
slow_down | Too many tries. Wait {wait}. | Trop d’essais. Attendez {wait}. | 尝试过多，请等待 {wait}。
reduced | Reduced amount | Tarif minoré | 减免金额
standard | Standard amount | Tarif forfaitaire | 标准金额
overdue_not_yet_increased | Overdue | En retard | 已逾期
increased_minus20 | Increased, less 20 % | Majoré, moins 20 % | 加重减 20%
increased | Increased amount | Tarif majoré | 加重金额
contested | Contested | Contesté | 申诉中
paid | Paid | Payé | 已缴纳
cancelled | Cancelled | Annulé | 已撤销
refunded | Refunded | Remboursé | 已退款
untilDay | until {day}, included | jusqu’au {day} inclus | 至 {day}（含当日）
fromDay | From {day}: {amount} | À partir du {day} : {amount} | 自 {day} 起：{amount}
fromDayNone | From {day} nothing can be paid until an increased notice is issued | À partir du {day}, plus de paiement avant l’avis majoré | 自 {day} 起须等加重罚单开出后方可缴纳
noChange | This amount does not change any more | Ce montant ne change plus | 金额不再变化
overdueText | The time to pay has passed, and the increased notice is not issued yet. Until then there is no amount to pay. | Le délai est passé et l’avis majoré n’est pas encore émis. D’ici là, il n’y a pas de montant à payer. | 缴款期已过，加重罚单尚未开出，目前没有应缴金额。
lastDay | Last day of this amount | Dernier jour à ce montant | 此金额最后一天
byPost | By post or at the desk today: {amount} | Par courrier ou au guichet aujourd’hui : {amount} | 今日邮寄或到窗口缴纳：{amount}
nothingNow | no amount | pas de montant | 无应缴金额
pay | Pay {amount} | Payer {amount} | 缴纳 {amount}
payAdmits | Paying admits the offence: it cannot be contested afterwards. | Payer reconnaît l’infraction : plus de contestation ensuite. | 缴款即承认违章，之后不能再申诉。
frozen | {amount} holds until {time}, also over midnight | {amount} garanti jusqu’à {time}, même passé minuit | {amount} 保留至 {time}，跨过午夜也有效
contest | Contest | Contester | 申诉
contestUntil | until {day} | jusqu’au {day} | 截至 {day}
contestTitle | Contest this notice | Contester cet avis | 对此罚单提出申诉
contestText | While it is looked at the clock stands still, and nothing can be paid. | Pendant l’examen le délai est suspendu et rien ne peut être payé. | 审理期间停止计时，且无法缴纳。
contestWhy | Why? | Pourquoi ? | 理由
contestTell | What happened? | Que s’est-il passé ? | 请说明经过
not_driver | Somebody else was driving | Quelqu’un d’autre conduisait | 当时由他人驾驶
sold | The vehicle was sold | Le véhicule était vendu | 车辆已售出
stolen | The vehicle or its plate was stolen | Le véhicule ou la plaque a été volé | 车辆或车牌被盗
error | The notice is wrong | L’avis est erroné | 罚单有误
other | Something else | Autre chose | 其他
send | Send | Envoyer | 提交
contestSent | Sent. The clock stands still. | Envoyé. Le délai est suspendu. | 已提交，计时已停止。
contestOpen | Your contest is being looked at. The clock stands still and nothing is to be paid. | Votre contestation est examinée. Le délai est suspendu et rien n’est à payer. | 申诉审理中，计时停止，无需缴纳。
contestOpenOther | This notice is contested. The clock stands still. | Cet avis est contesté. Le délai est suspendu. | 此罚单正在申诉中，计时停止。
contestDismissed | The contest was dismissed; the periods began anew on {day}. | La contestation a été rejetée ; les délais repartent du {day}. | 申诉已驳回，期限自 {day} 重新计算。
contestUpheld | The contest was upheld: there is nothing to pay. | La contestation a été admise : rien à payer. | 申诉成立，无需缴纳。
answer | Answer | Réponse | 答复
cancelledText | This notice was cancelled. There is nothing to pay. | Cet avis a été annulé. Rien à payer. | 此罚单已撤销，无需缴纳。
refundedText | The payment was given back. There is nothing to pay. | Le paiement a été rendu. Rien à payer. | 款项已退回，无需缴纳。
paidText | Paid on {day}: {amount} | Payé le {day} : {amount} | {day} 已缴纳：{amount}
returnedText | {amount} of a second payment went back to you. | {amount} d’un second paiement vous ont été rendus. | 重复缴纳的 {amount} 已退还给您。
offence | Offence | Infraction | 违章行为
class | Class | Classe | 等级
place | Place | Lieu | 地点
at | When | Quand | 时间
notice_date | Date of the notice | Date de l’avis | 罚单日期
increased_date | Increased notice | Avis majoré | 加重罚单日期
clock_date | Periods count from | Délais à partir du | 期限起算日
forget | Take off my list | Retirer de ma liste | 从列表移除
forgotten | Taken off. The letter opens it again. | Retiré. La lettre le rouvre. | 已移除，凭信函可再次查询。
unpaid | Not paid | Non payé | 未缴纳
thanks | Paid. Thank you. | Payé. Merci. | 已缴纳，谢谢。
toReturn | Somebody was quicker: your money goes back to you at once. | Quelqu’un a été plus rapide : votre argent vous revient aussitôt. | 已有人先行缴纳，您的款项将立即退回。
basis | Code de procédure pénale, R49 and R49-7 | Code de procédure pénale, R49 et R49-7 | 法国《刑事诉讼法》R49、R49-7
authority | Demo agency of this Plaza | Agence de démonstration de ce Plaza | 本 Plaza 演示机构
receipt | Receipt | Reçu | 收据
receiptText | Signed by this Plaza. Anybody can verify it, also offline. | Signé par ce Plaza. Chacun peut le vérifier, même hors ligne. | 由本 Plaza 签名，任何人均可验证，离线也可。
receiptNumber | Receipt number | Numéro du reçu | 收据编号
openPdf | Open the PDF | Ouvrir le PDF | 打开 PDF
copyVerify | Copy the address that verifies it | Copier l’adresse de vérification | 复制验证地址
copied | Copied | Copié | 已复制
verifyText | The QR code, here and on the PDF, is the address that verifies it. | Le code QR, ici et sur le PDF, est l’adresse de vérification. | 此处与 PDF 上的二维码即为验证地址。
reference | Reference | Référence | 账单号
amount | Amount | Montant | 金额
paid_at | Paid at | Payé le | 缴纳时间
tariff | Tariff | Tarif | 金额档
receiptWaits | The receipt is being made. | Le reçu est en préparation. | 收据生成中。
returned | Returned | Rendu | 已退回
returning | Being returned | En cours de retour | 退款中
closed | Not paid | Non payé | 未缴纳
open | Open | En cours | 待缴
overdue | The notice is overdue, and the increased one is not issued yet. | L’avis est en retard et l’avis majoré n’est pas encore émis. | 罚单已逾期，加重罚单尚未开出。
not_payable | This cannot be paid now. | Cela ne peut pas être payé maintenant. | 目前无法缴纳。
not_contestable | This cannot be contested any more. | Cela ne peut plus être contesté. | 已不能申诉。
contest_too_late | The 45 days to contest are over. | Les 45 jours pour contester sont passés. | 45 天申诉期已过。
no_service | This service is closed for now. | Ce service est fermé pour le moment. | 此服务暂停。
billFind | Find your bill | Retrouver votre facture | 查找账单
billKey | Key on the bill | Clé de la facture | 账单上的密钥
due_date | Due by {day} | À payer avant le {day} | {day} 前缴纳
late | Late | En retard | 逾期
noBills | The bills that you find will stay here. | Les factures retrouvées resteront ici. | 查到的账单会显示在这里。
slotsText | Choose a day, then a time. | Choisissez un jour, puis une heure. | 选择日期，再选择时间。
left | {n} place / {n} places | {n} place / {n} places | 余 {n} 位
full | Full | Complet | 已满
noDays | Nothing can be booked at the moment. | Rien à réserver pour le moment. | 暂无可预约时间。
book | Book {time} | Réserver {time} | 预约 {time}
booked | Booked. Show this code. | Réservé. Montrez ce code. | 已预约，请出示此码。
cancelBooking | Cancel | Annuler | 取消
cancelSure | Cancel this appointment? | Annuler ce rendez-vous ? | 取消此预约？
keep | Keep it | Garder | 保留
bookingGone | Cancelled | Annulé | 已取消
called_off | Called off by the town | Annulé par la ville | 已被市政取消
calendar | To my calendar | Dans mon agenda | 添加到日历
slot_full | Somebody has just taken the last place. Choose another time. | Quelqu’un vient de prendre la dernière place. Choisissez une autre heure. | 最后名额刚被预约，请选择其他时间。
enough_bookings | You have two appointments here already. | Vous avez déjà deux rendez-vous ici. | 您在此已有两个预约。
no_such_time | This time cannot be booked. | Cette heure n’est pas réservable. | 此时间不可预约。
too_late | It is too late for that. | C’est trop tard. | 已来不及。
lawIntro | Fixed fines of classes 1 to 5, in euros. The day that is printed on the notice is day 0; a period of 30 days includes day 30, in Paris time. | Amendes forfaitaires des classes 1 à 5, en euros. Le jour imprimé sur l’avis est le jour 0 ; un délai de 30 jours inclut le jour 30, heure de Paris. | 1 至 5 级定额罚款，单位欧元。罚单所印日期为第 0 天，30 天的期限包含第 30 天，按巴黎时间。
lawSource | Standard amounts: Code de procédure pénale, R49; increased: R49-7. Reduced amounts and periods come from secondary legal pages. For a demonstration only: check the primary text before relying on it. | Montants forfaitaires : Code de procédure pénale, R49 ; majorés : R49-7. Montants minorés et délais d’après des pages juridiques secondaires. Pour démonstration seulement : vérifiez le texte officiel. | 标准金额：《刑事诉讼法》R49；加重：R49-7。减免金额与期限来自二手法律资料。仅供演示，请以原文为准。
lawPeriods | Periods, in days | Délais, en jours | 期限（天）
lawOnline | Online | En ligne | 在线
lawPost | By post or at the desk | Courrier ou guichet | 邮寄或窗口
lawHanded | 3 days at the desk when the notice was handed over | 3 jours au guichet si l’avis a été remis en main propre | 当面送达的罚单，窗口减免期为 3 天
lawContest | To contest: 45 days. Paying admits; a contest stops the clock. | Contester : 45 jours. Payer reconnaît ; contester suspend le délai. | 申诉期 45 天。缴款即承认；申诉停止计时。
pedestrian | on foot | piéton | 行人
minutes | {n} minute / {n} minutes | {n} minute / {n} minutes | {n} 分钟
seconds | {n} second / {n} seconds | {n} seconde / {n} secondes | {n} 秒
desk | Agency | Agence | 管理台
desk_home | Overview | Vue d’ensemble | 概览
desk_notices | Notices | Avis | 罚单
desk_contests | Contests | Contestations | 申诉
desk_payments | Payments | Paiements | 缴款
desk_import | Import | Importer | 导入
desk_bills | Bills | Factures | 账单
desk_bookings | Appointments | Rendez-vous | 预约
desk_setup | Services | Services | 服务
not_staff | This desk is for the staff of the agency. | Ce guichet est réservé au personnel de l’agence. | 仅限机构工作人员。
not_allowed | Your role may look, and not change anything. | Votre rôle permet de voir, pas de modifier. | 您的角色只能查看，不能更改。
paidToday | Paid today | Payé aujourd’hui | 今日缴款
paidMonth | Paid this month | Payé ce mois | 本月缴款
nPaid | {n} payment / {n} payments | {n} paiement / {n} paiements | {n} 笔
toDecide | Contests to decide | Contestations à trancher | 待裁决申诉
toIncrease | Overdue, to be increased | En retard, à majorer | 逾期待加重
returnedCount | Returned by itself | Rendus automatiquement | 自动退回
standings | Where the notices stand | Où en sont les avis | 罚单状态
today | Today | Aujourd’hui | 今天
search | Number or plate | Numéro ou plaque | 编号或车牌
searchBill | Reference | Référence | 账单号
all | All | Tous | 全部
state | State | État | 状态
next | Next change | Prochain changement | 下次变化
noRows | Nothing here. | Rien ici. | 没有内容。
rows | {n} row / {n} rows | {n} ligne / {n} lignes | {n} 行
more | Show more | En voir plus | 显示更多
increase | Issue the increased notices ({n}) | Émettre les avis majorés ({n}) | 开出加重罚单（{n}）
increaseOne | Issue the increased notice | Émettre l’avis majoré | 开出加重罚单
increaseSure | Issue increased notices, dated today? This cannot be taken back. | Émettre les avis majorés, datés d’aujourd’hui ? C’est définitif. | 以今日日期开出加重罚单？此操作不可撤回。
issued | {n} increased notice issued / {n} increased notices issued | {n} avis majoré émis / {n} avis majorés émis | 已开出 {n} 份加重罚单
cancelNotice | Cancel the notice | Annuler l’avis | 撤销罚单
reason | Reason | Motif | 理由
undo | Undo | Rétablir | 恢复
uphold | Uphold: cancel the notice | Admettre : annuler l’avis | 成立：撤销罚单
dismiss | Dismiss: the clock begins anew today | Rejeter : les délais repartent aujourd’hui | 驳回：今日起重新计时
answerToCitizen | Answer, which the citizen reads | Réponse, lue par le citoyen | 给市民的答复
decided | Decided | Tranchées | 已裁决
upheld | Upheld | Admise | 成立
dismissed | Dismissed | Rejetée | 驳回
refund | Refund | Rembourser | 退款
refundSure | Give {amount} back? | Rendre {amount} ? | 退还 {amount}？
history | History | Historique | 历史
act_import | Imported | Importé | 已导入
act_contest | Contested | Contesté | 已申诉
act_paid | Paid | Payé | 已缴纳
act_returned | A second payment returned | Second paiement rendu | 重复缴纳已退回
act_refund | Refund asked | Remboursement demandé | 已申请退款
act_refunded | Refunded | Remboursé | 已退款
act_cancelled | Cancelled | Annulé | 已撤销
act_reopened | Cancellation taken back | Annulation levée | 已恢复
act_increased | Increased notice issued | Avis majoré émis | 已开出加重罚单
act_upheld | Contest upheld | Contestation admise | 申诉成立
act_dismissed | Contest dismissed | Contestation rejetée | 申诉驳回
byPlaza | by itself | automatique | 自动
byCitizen | citizen | citoyen | 市民
byStaff | agency | agence | 机构
treasury | Export for the treasury | Export pour la trésorerie | 导出给财政
exported | {n} payment exported / {n} payments exported | {n} paiement exporté / {n} paiements exportés | 已导出 {n} 笔
payer | Payer | Payeur | 缴款人
method | By | Par | 方式
chooseFile | Choose a CSV file | Choisir un fichier CSV | 选择 CSV 文件
importInto | Into | Vers | 导入到
importAbout | UTF-8, commas or semicolons, up to 2,000 lines. Columns: {columns}. Nothing is written before you have seen what would happen. | UTF-8, virgules ou points-virgules, 2 000 lignes au plus. Colonnes : {columns}. Rien n’est écrit avant que vous ayez vu le résultat. | UTF-8，逗号或分号分隔，最多 2000 行。列：{columns}。预览之前不会写入任何内容。
paste | Or paste it here | Ou collez-le ici | 或粘贴到此处
check | Check, without importing | Vérifier sans importer | 仅检查
importNow | Import {n} line / Import {n} lines | Importer {n} ligne / Importer {n} lignes | 导入 {n} 行
importDone | {n} line imported / {n} lines imported | {n} ligne importée / {n} lignes importées | 已导入 {n} 行
wouldAdd | New | Nouvelles | 新增
known | Known already | Déjà connues | 已存在
withErrors | With errors | En erreur | 有错误
lineNo | Line {n} | Ligne {n} | 第 {n} 行
csv_bad_value | does not fit: {field} | valeur incorrecte : {field} | 值不正确：{field}
csv_twice | {id} stands in line {first} already | {id} figure déjà à la ligne {first} | {id} 已在第 {first} 行
csv_differs | {id} is there already, and different | {id} existe déjà, avec un autre contenu | {id} 已存在且内容不同
csv_open_quote | a quotation is not closed | un guillemet n’est pas fermé | 引号未闭合
csv_too_many_cells | more cells than columns | plus de cellules que de colonnes | 单元格多于列数
bad_columns | Columns are missing: {missing} | Il manque des colonnes : {missing} | 缺少列：{missing}
too_many_lines | More than 2,000 lines: cut the file in parts. | Plus de 2 000 lignes : découpez le fichier. | 超过 2000 行，请拆分文件。
too_large | The file is too large: cut it in parts. | Le fichier est trop grand : découpez-le. | 文件过大，请拆分。
newService | New service | Nouveau service | 新建服务
serviceId | Short name (letters a–z, digits) | Nom court (lettres a–z, chiffres) | 短名（字母 a–z、数字）
kind | Kind | Type | 类型
kind_bills | Bills | Factures | 账单
kind_appointments | Appointments | Rendez-vous | 预约
nameEn | Name in English | Nom en anglais | 英文名称
nameFr | Name in French | Nom en français | 法文名称
nameZh | Name in Chinese | Nom en chinois | 中文名称
aboutEn | One sentence in English | Une phrase en anglais | 英文简介
aboutFr | One sentence in French | Une phrase en français | 法文简介
aboutZh | One sentence in Chinese | Une phrase en chinois | 中文简介
serviceOn | Open to citizens | Ouvert aux citoyens | 对市民开放
save | Save | Enregistrer | 保存
saved | Saved | Enregistré | 已保存
from | From | De | 从
until | Until | À | 至
eachMinutes | Minutes each | Minutes chacun | 每次分钟数
capacity | Places at a time | Places à la fois | 同时名额
ahead | Days ahead | Jours d’avance | 可提前天数
closedDays | Closed days (2026-12-25, …) | Jours fermés (2026-12-25, …) | 关闭日期（2026-12-25, …）
weekdays | Days | Jours | 日期
callOff | Call off | Annuler | 取消预约
day | Day | Jour | 日期
code | Code | Code | 预约码
time | Time | Heure | 时间
before | Day before | Veille | 前一天
after | Day after | Lendemain | 后一天
cancelBill | Cancel the bill | Annuler la facture | 撤销账单
noServiceOf | Set up a service of this kind first. | Créez d’abord un service de ce type. | 请先设置此类服务。
not_cancellable | It cannot be cancelled as it stands now. | Il ne peut plus être annulé. | 目前无法撤销。
not_cancelled | There is nothing to take back. | Il n’y a rien à rétablir. | 没有可恢复的内容。
not_contested | The notice is not contested any more. | L’avis n’est plus contesté. | 罚单已不在申诉中。
insufficient_funds | The account does not hold enough. | Le compte ne suffit pas. | 余额不足。
bill_expired | The time to pay this is over. Begin again. | Le délai de paiement est passé. Recommencez. | 缴款时间已过，请重新开始。
too_many_bills | Too many payments are begun. Wait a quarter of an hour. | Trop de paiements commencés. Attendez un quart d’heure. | 未完成的付款过多，请等待一刻钟。
quota_exceeded | Too much at once. Wait a minute. | Trop à la fois. Attendez une minute. | 操作过于频繁，请稍候。
tier_not_allowed | This program takes no payments at the moment. | Ce programme n’encaisse pas pour le moment. | 本程序暂不收款。
cancelling | Close | Fermer | 关闭
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

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, say(key)]))

const euros = new Intl.NumberFormat(region, { style: "currency", currency: "EUR" })
const money = (cents) => euros.format(cents / 100)

/** A calendar date, which has no zone of its own. */
const date = (text, options = { day: "numeric", month: "long", year: "numeric" }) =>
	new Intl.DateTimeFormat(region, { ...options, timeZone: "UTC" }).format(
		new Date(`${text}T12:00:00Z`),
	)

/** A day and an hour as an officer wrote them down, "2026-10-24 08:00"; anything else stays as it is. */
function written(text) {
	const time = new Date(`${String(text ?? "").replace(" ", "T")}Z`)
	if (Number.isNaN(time.getTime())) return text
	return new Intl.DateTimeFormat(region, {
		dateStyle: "long",
		timeStyle: "short",
		timeZone: "UTC",
	}).format(time)
}

const zone = "Europe/Paris"
const when = (time, options) =>
	new Intl.DateTimeFormat(region, { timeZone: zone, ...options }).format(
		new Date(typeof time === "string" ? time.replace(" ", "T") : time),
	)
const clock = (time) => when(time, { hour: "2-digit", minute: "2-digit" })
const moment = (time) => when(time, { dateStyle: "medium", timeStyle: "short" })
const day = (time) => when(time, { day: "numeric", month: "long", year: "numeric" })

/** How long somebody has to wait. */
const wait = (seconds) =>
	seconds < 60 ? say("seconds", { n: seconds }) : say("minutes", { n: Math.ceil(seconds / 60) })

/** A refusal in words; without any of ours, the plainest. */
function trouble(error) {
	if (error?.code === "bad_field")
		return say(`bad_${error.field}`) || say("bad_field", { field: error.field })
	if (error?.code === "slow_down") return say("slow_down", { wait: wait(error.wait) })
	if (error?.code === "bad_columns")
		return say("bad_columns", { missing: error.missing.join(", ") })
	return say(error?.code) || say("failed")
}

/** A text that comes in three languages. */
const spoken = (texts) => texts?.[locale] ?? texts?.en ?? ""

module.exports = { clock, date, day, locale, moment, money, pick, say, spoken, trouble, written }
