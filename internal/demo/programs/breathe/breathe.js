// Breathing in a rhythm. The circle is a transition as long as the breath; everything else is words.
const { plaza } = window

const texts = {
	in: { en: "Breathe in", fr: "Inspirez", zh: "吸气" },
	hold: { en: "Hold", fr: "Retenez", zh: "屏息" },
	out: { en: "Breathe out", fr: "Expirez", zh: "呼气" },
	begin: { en: "Begin", fr: "Commencer", zh: "开始" },
	stop: { en: "Stop", fr: "Arrêter", zh: "停止" },
	done: { en: "Well done", fr: "Bravo", zh: "做得好" },
	ready: { en: "When you are ready", fr: "Quand vous voulez", zh: "准备好就开始" },
	calm: { en: "Calm", fr: "Calme", zh: "平静" },
	square: { en: "Square", fr: "Carré", zh: "方形" },
	sleep: { en: "Sleep", fr: "Sommeil", zh: "助眠" },
	sum: { en: "minutes so far", fr: "minutes jusqu’ici", zh: "分钟累计" },
}
// Seconds in, held, out, held.
const ways = { calm: [5, 0, 5, 0], square: [4, 4, 4, 4], sleep: [4, 7, 8, 0] }
const parts = ["in", "hold", "out", "hold"]
const SESSION = 180 // seconds

const $ = (id) => document.getElementById(id)
let say = (key) => texts[key].en
let way = "calm"
let left = 0
let total = 0
let timer = 0
let ticking = 0

function clock(seconds) {
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

function paint() {
	$("go").textContent = say(left > 0 ? "stop" : "begin")
	$("left").textContent = clock(left > 0 ? left : SESSION)
	$("sum").textContent = total >= 60 ? `${Math.floor(total / 60)} ${say("sum")}` : ""
	for (const button of $("ways").children)
		button.setAttribute("aria-pressed", String(button.dataset.way === way))
}

function breathe(part) {
	const seconds = ways[way][part]
	const next = (part + 1) % parts.length
	if (seconds === 0) {
		breathe(next)
		return
	}
	$("say").textContent = say(parts[part])
	$("stage").style.setProperty("--time", `${seconds}s`)
	if (parts[part] !== "hold") $("stage").classList.toggle("full", parts[part] === "in")
	timer = setTimeout(() => breathe(next), seconds * 1000)
}

function end(words) {
	clearTimeout(timer)
	clearInterval(ticking)
	left = 0
	$("say").textContent = say(words)
	$("stage").style.setProperty("--time", "1s")
	$("stage").classList.remove("full")
	plaza.storage.set("total", total)
	paint()
}

function begin() {
	left = SESSION
	ticking = setInterval(() => {
		left -= 1
		total += 1
		if (left === 0) end("done")
		else paint()
	}, 1000)
	breathe(0)
	paint()
}

function choose(name) {
	way = name
	plaza.storage.set("way", way)
	if (left > 0) end("ready")
	paint()
}

async function start() {
	const { locale } = await plaza.ready()
	const language = ["en", "fr", "zh"].find((each) => locale.startsWith(each)) || "en"
	say = (key) => texts[key][language]
	document.documentElement.lang = language
	way = (await plaza.storage.get("way")) || way
	total = (await plaza.storage.get("total")) || 0
	for (const name of Object.keys(ways)) {
		const button = document.createElement("button")
		button.type = "button"
		button.dataset.way = name
		button.textContent = `${say(name)} ${ways[name].filter(Boolean).join("-")}`
		button.addEventListener("click", () => choose(name))
		$("ways").append(button)
	}
	$("say").textContent = say("ready")
	$("go").addEventListener("click", () => (left > 0 ? end("ready") : begin()))
	// Who looks elsewhere is not breathing with it.
	plaza.on("hide", () => left > 0 && end("ready"))
	paint()
}

start()
