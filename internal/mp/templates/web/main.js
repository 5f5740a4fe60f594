// A wheel that decides. Plain HTML: the page's only way out is `plaza`, which the host puts on window. Two things that
// this page does not need, each a line:
//   await plaza.request("https://api.example.org/odds") // a host of x_plaza.domains.request in manifest.json
//   await plaza.pay((await plaza.callFunction("bill")).package) // a bill that a cloud function has made
const { plaza } = window

const texts = {
	title: { en: "Cannot decide?", fr: "Vous hésitez ?", zh: "拿不定主意？" },
	spin: { en: "Spin", fr: "Tourner", zh: "转一转" },
	past: { en: "Before", fr: "Avant", zh: "之前" },
	label: { en: "One choice a line", fr: "Un choix par ligne", zh: "每行一个选项" },
	choices: {
		en: "Noodles\nPizza\nSoup\nSalad\nCook at home",
		fr: "Des pâtes\nUne pizza\nUne soupe\nUne salade\nCuisiner",
		zh: "面条\n比萨\n喝汤\n沙拉\n自己做饭",
	},
}
const colours = [
	"#ffb03b",
	"#ff6b5e",
	"#b566e0",
	"#3f8cff",
	"#2ec5a2",
	"#f27bb0",
	"#8bc34a",
	"#00a7c4",
]
const MOST = 12
const SPIN = 3800 // milliseconds
const PAST = 4 // answers that are shown again

const $ = (id) => document.getElementById(id)
const wheel = $("wheel")
const draw = wheel.getContext("2d")
let angle = 0
let spinning = false
let say = (key) => texts[key].en

function choices() {
	const lines = $("choices")
		.value.split("\n")
		.map((line) => line.trim())
		.filter(Boolean)
	return lines.slice(0, MOST)
}

function paint() {
	const all = choices()
	const middle = wheel.width / 2
	const slice = (Math.PI * 2) / Math.max(all.length, 1)
	draw.clearRect(0, 0, wheel.width, wheel.height)
	draw.textAlign = "right"
	draw.textBaseline = "middle"
	draw.font = "700 36px system-ui, sans-serif"
	all.forEach((choice, n) => {
		const from = angle + n * slice - Math.PI / 2
		draw.beginPath()
		draw.moveTo(middle, middle)
		draw.arc(middle, middle, middle, from, from + slice)
		draw.fillStyle = colours[n % colours.length]
		draw.fill()
		draw.save()
		draw.translate(middle, middle)
		draw.rotate(from + slice / 2)
		draw.fillStyle = "#14203c"
		draw.fillText(
			choice.length > 14 ? `${choice.slice(0, 13)}…` : choice,
			middle - 28,
			0,
			middle - 96,
		)
		draw.restore()
	})
	draw.beginPath()
	draw.arc(middle, middle, 52, 0, Math.PI * 2)
	draw.fillStyle = "#fff"
	draw.fill()
	$("spin").disabled = spinning || all.length < 2
}

/** The choice under the pointer, which is at the top. */
function chosen() {
	const all = choices()
	const turned = (((-angle / (Math.PI * 2)) % 1) + 1) % 1
	return all[Math.floor(turned * all.length)]
}

function spin() {
	spinning = true
	$("answer").textContent = ""
	const [start, from] = [performance.now(), angle]
	const still = matchMedia("(prefers-reduced-motion: reduce)").matches
	const turns = Math.PI * 2 * (5 + Math.random() * 4)
	const step = (now) => {
		const part = still ? 1 : Math.min((now - start) / SPIN, 1)
		angle = from + turns * (1 - (1 - part) ** 4)
		if (part === 1) {
			spinning = false
			$("answer").textContent = chosen()
			remember(chosen())
		} else {
			requestAnimationFrame(step)
		}
		paint()
	}
	requestAnimationFrame(step)
}

/** What came out before, from the program's cloud database: clouddb.json says that everybody has their own. */
const answers = () => plaza.database().collection("answers")

async function showPast() {
	const { data } = await answers().orderBy("at", "desc").limit(PAST).get()
	const before = data.map(({ text }) => text).join(" · ")
	$("past").textContent = before && `${say("past")}: ${before}`
}

async function remember(text) {
	try {
		await showPast()
		await answers().add({ data: { text, at: plaza.database().serverDate() } })
	} catch (error) {
		console.warn(error) // without a network the wheel turns all the same
	}
}

async function start() {
	const { locale = "en" } = await plaza.ready()
	say = (key) => texts[key][["en", "fr", "zh"].find((each) => locale.startsWith(each)) || "en"]
	document.documentElement.lang = locale
	for (const id of ["title", "spin", "label"]) $(id).textContent = say(id)
	$("choices").value = (await plaza.storage.get("choices")) || say("choices")
	$("choices").addEventListener("input", () => {
		plaza.storage.set("choices", $("choices").value)
		paint()
	})
	$("spin").addEventListener("click", spin)
	paint()
	showPast().catch(console.warn)
}

start()
