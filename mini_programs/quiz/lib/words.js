// The quiz's own dictionary, one sentence a row: key | English | French | Chinese. {x} is filled in; "one / other" are the
// forms for {n}.
const table = `
title | Quiz of the day | Le quiz du jour | 每日问答
lead | Eight questions, the same for everybody. Quick and right counts. | Huit questions, les mêmes pour tous. Vite et juste, c’est mieux. | 八道题，人人相同，又快又准得分高。
play | Play | Jouer | 开始答题
resume | Go on | Continuer | 继续答题
mine | See my result | Voir mon résultat | 查看我的成绩
once | You have one try a day. The clock starts with the first question. | Un seul essai par jour. Le chrono part à la première question. | 每天只有一次机会，第一题出现即开始计时。
ends | Closes in {time} | Fin dans {time} | {time}后结束
live | {n} playing now / {n} playing now | {n} en train de jouer / {n} en train de jouer | {n} 人正在答题
players | {n} played today / {n} played today | {n} a joué aujourd’hui / {n} ont joué aujourd’hui | 今日 {n} 人参加
streak | {n} day in a row / {n} days in a row | {n} jour d’affilée / {n} jours d’affilée | 连续 {n} 天
prizes | Prizes of the day | Prix du jour | 今日奖励
prizesText | Points, given at midnight | Des points, donnés à minuit | 积分，午夜发放
place | Place {from} | Place {from} | 第 {from} 名
placeTo | Places {from}–{to} | Places {from} à {to} | 第 {from}–{to} 名
points | {n} point / {n} points | {n} point / {n} points | {n} 分
today | Today | Aujourd’hui | 今日
week | This week | Cette semaine | 本周
nobody | Nobody is on the list yet. | Personne n’est encore classé. | 还没有人上榜。
you | You | Vous | 你
of | Question {n} of {all} | Question {n} sur {all} | 第 {n} 题，共 {all} 题
geography | Geography | Géographie | 地理
food | Food | Cuisine | 美食
science | Science | Sciences | 科学
cities | Cities | Villes | 城市
right | Right: +{n} | Juste : +{n} | 答对了：+{n}
wrong | Not this one | Ce n’est pas ça | 答错了
late | Time is up | Temps écoulé | 时间到
next | Next question | Question suivante | 下一题
finish | See the result | Voir le résultat | 查看成绩
rank | You are number {n} of {all} | Vous êtes n° {n} sur {all} | 第 {n} 名，共 {all} 人
rightOf | {n} of {all} right | {n} sur {all} justes | 答对 {n}/{all}
notCounted | Too late for today’s ranking. | Trop tard pour le classement du jour. | 已错过今日排名。
tomorrow | New questions at midnight. | Nouvelles questions à minuit. | 午夜更新题目。
share | Share | Partager | 分享
shareText | Quiz of the day: {score} points {squares} | Le quiz du jour : {score} points {squares} | 每日问答：{score} 分 {squares}
shareTitle | Eight questions a day. Do you know the answers? | Huit questions par jour. Et vous, le sauriez-vous ? | 每天八道题，你答得出来吗？
home | Back | Retour | 返回
closed | The quiz is closed right now. | Le quiz est fermé en ce moment. | 问答现在未开放。
used | You have played today already. | Vous avez déjà joué aujourd’hui. | 你今天已经答过了。
over | The time for games is over for today. | Le temps de jeu est écoulé pour aujourd’hui. | 今天的游戏时间已用完。
trouble | That did not work. Check the connection. | Cela n’a pas marché. Vérifiez la connexion. | 操作失败，请检查网络。
retry | Try again | Réessayer | 重试
hours | {h} h {m} min | {h} h {m} min | {h} 小时 {m} 分
minutes | {m} min | {m} min | {m} 分钟
seconds | {n} s | {n} s | {n} 秒
correct | Right answer | Bonne réponse | 正确答案
yours | Your answer | Votre réponse | 你的答案
`

const { language } = wx.getSystemInfoSync()
const locale = ["en", "fr", "zh"].find((each) => String(language).startsWith(each)) || "en"
const column = ["en", "fr", "zh"].indexOf(locale) + 1
const words = Object.fromEntries(
	table
		.trim()
		.split("\n")
		.map((row) => row.split(" | "))
		.map((row) => [row[0], row[column]]),
)
const numbers = new Intl.NumberFormat(locale)
const plurals = new Intl.PluralRules(locale)
const number = (n) => numbers.format(n)

function say(key, values = {}) {
	const forms = "n" in values ? words[key].split(" / ") : [words[key]]
	const form = forms.length > 1 && plurals.select(values.n) !== "one" ? forms[1] : forms[0]
	return form.replace(/\{(\w+)\}/g, (_, name) =>
		typeof values[name] === "number" ? number(values[name]) : String(values[name]),
	)
}

const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, say(key)]))

/** A length of time in hours and minutes. */
function length(millis) {
	const minutes = Math.max(1, Math.round(millis / 60000))
	const [h, m] = [Math.floor(minutes / 60), minutes % 60]
	return h > 0 ? say("hours", { h, m }) : say("minutes", { m })
}

/** Right and wrong as squares, which can be sent as text. */
const squares = (points) => points.map((each) => (each > 0 ? "🟩" : "⬜")).join("")

const TROUBLES = {
	attempts_used: "used",
	tournament_closed: "closed",
	playtime_over: "over",
	launch_expired: "trouble",
}
const trouble = (code) => say(TROUBLES[code] || "trouble")

module.exports = { length, locale, number, pick, say, squares, trouble }
