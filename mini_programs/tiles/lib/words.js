// The game's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in.
const table = `
name | Tiles | Carreaux | 方砖
line | Join equal tiles | Assemblez les carreaux égaux | 合并相同的方砖
today | Today’s board | Le plateau du jour | 今日棋局
todayText | The same tiles for everybody | Les mêmes carreaux pour tous | 所有人同一局
ranked | For the ranking | Pour le classement | 排名赛
rankedText | New tiles, this week’s ranking | Nouveaux carreaux, classement de la semaine | 全新一局，计入本周排名
free | Just so | Pour le plaisir | 随便玩玩
freeText | You may take moves back | On peut annuler ses coups | 可以悔棋
resume | Go on · {n} | Continuer · {n} | 继续 · {n}
ranks | Rankings | Classements | 排行榜
soundOn | Sound: on | Son : activé | 声音：开
soundOff | Sound: off | Son : coupé | 声音：关
score | Score | Score | 得分
best | Best | Record | 最佳
undo | Take back | Annuler | 悔棋
again | New game | Rejouer | 新一局
finish | Finish | Terminer | 结束
menu | Menu | Menu | 菜单
back | Back | Retour | 返回
share | Share | Partager | 分享
retry | Try again | Réessayer | 重试
over | No move left | Plus aucun coup | 无路可走
ended | Well played | Bien joué | 玩得不错
record | A new best! | Nouveau record ! | 新纪录！
sending | Sending your score… | Envoi du score… | 正在提交得分…
placeToday | You are number {n} today | Vous êtes n° {n} aujourd’hui | 今日第 {n} 名
placeWeek | You are number {n} this week | Vous êtes n° {n} cette semaine | 本周第 {n} 名
refused | This score was not accepted. | Ce score n’a pas été accepté. | 该得分未被接受。
replaced | A newer game has taken the place of this one. | Une partie plus récente a remplacé celle-ci. | 该局已被更新的一局取代。
expired | This game lasted too long for the ranking. | Cette partie a duré trop longtemps pour le classement. | 该局时间过长，不计入排名。
unsent | Not sent yet: no connection. | Pas encore envoyé : hors ligne. | 未提交：没有网络。
starting | Laying the tiles… | On pose les carreaux… | 正在摆砖…
offline | No connection. You can play just so. | Hors ligne. On peut jouer pour le plaisir. | 没有网络，可以随便玩玩。
sure | Finish this game and send its score? | Terminer cette partie et envoyer le score ? | 结束这局并提交得分？
sureFree | Leave this game and begin a new one? | Abandonner cette partie et recommencer ? | 放弃这局，重新开始？
yes | Yes | Oui | 是
no | No | Non | 否
tabToday | Today | Jour | 今日
tabWeek | Week | Semaine | 本周
tabWorld | All time | Toujours | 历史
tabFriends | Friends | Amis | 好友
nobody | Nobody has played yet. Be the first. | Personne n’a encore joué. Soyez le premier. | 还没有人玩过，来当第一个吧。
noFriends | None of your friends has played this week. Invite friends under Me › Friends. | Aucun ami n’a joué cette semaine. Invitez des amis sous Moi › Amis. | 本周还没有好友玩过。可在“我 › 好友”中邀请好友。
trouble | The ranking cannot be fetched. | Le classement est indisponible. | 无法获取排行榜。
loading | One moment… | Un instant… | 请稍候…
you | You | Vous | 你
hint | Swipe, or use the arrow keys | Glissez, ou utilisez les flèches | 滑动，或用方向键
shareScore | {n} points in Tiles. Can you beat it? | {n} points aux Carreaux. Qui dit mieux ? | 我在方砖得了 {n} 分，你能超过吗？
shareGame | Join equal tiles on a small square | Assemblez les carreaux égaux | 合并相同的方砖
paused | Paused | En pause | 已暂停
named | Show my name | Afficher mon nom | 显示我的名字
`

const { language } = wx.getSystemInfoSync()
const locale = ["en", "fr", "zh"].find((each) => String(language).startsWith(each)) || "en"
const column = ["en", "fr", "zh"].indexOf(locale) + 1
const rows = table
	.trim()
	.split("\n")
	.map((row) => row.split(" | "))
const words = Object.fromEntries(rows.map((row) => [row[0], row[column]]))
const numbers = new Intl.NumberFormat(locale)

const say = (key, values = {}) =>
	words[key].replace(/\{(\w+)\}/g, (_, name) =>
		typeof values[name] === "number" ? numbers.format(values[name]) : String(values[name]),
	)

module.exports = { locale, number: (n) => numbers.format(n), say }
