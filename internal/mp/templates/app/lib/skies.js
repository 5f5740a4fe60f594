// Eight skies: when each begins, its colours from top to bottom, its light, and its words.
module.exports = [
	{
		id: "dawn",
		hour: 5,
		colors: ["#2d3a6e", "#c56a8f", "#ffc08a"],
		light: { color: "#fff0cf", size: 34, left: 62, top: 58 },
		name: { en: "Dawn", fr: "L’aube", zh: "黎明" },
		text: {
			en: "The bakers are awake. Everybody else still owns the night.",
			fr: "Les boulangers sont debout. La nuit appartient encore aux autres.",
			zh: "面包师已经醒了，其他人还拥有夜晚。",
		},
	},
	{
		id: "morning",
		hour: 8,
		colors: ["#3d8fd8", "#8fc9f2", "#e8f6ff"],
		light: { color: "#fff8dc", size: 26, left: 68, top: 22 },
		name: { en: "Morning", fr: "Le matin", zh: "早晨" },
		text: {
			en: "Clean light, long shadows, and coffee on the way to somewhere.",
			fr: "Lumière claire, ombres longues, un café en chemin.",
			zh: "清亮的光，长长的影子，路上一杯咖啡。",
		},
	},
	{
		id: "noon",
		hour: 11,
		colors: ["#0f6ec7", "#4fb0ee", "#bfe6fb"],
		light: { color: "#fffdf0", size: 22, left: 44, top: 10 },
		name: { en: "High noon", fr: "Midi", zh: "正午" },
		text: {
			en: "No shadow left to hide in. Look for the bench under the tree.",
			fr: "Plus une ombre où se cacher. Cherchez le banc sous l’arbre.",
			zh: "没有影子可躲，去找树下的长椅吧。",
		},
	},
	{
		id: "storm",
		hour: 15,
		colors: ["#232a38", "#4c5a6d", "#96a3ad"],
		light: { color: "rgba(255, 255, 255, 0.35)", size: 46, left: 20, top: 12 },
		name: { en: "Before the storm", fr: "Avant l’orage", zh: "暴雨将至" },
		text: {
			en: "The swallows fly low. You have about ten minutes.",
			fr: "Les hirondelles volent bas. Il vous reste dix minutes.",
			zh: "燕子低飞，你大约还有十分钟。",
		},
	},
	{
		id: "golden",
		hour: 17,
		colors: ["#6a4a8c", "#ee7f5e", "#ffd27a"],
		light: { color: "#fff1b8", size: 40, left: 18, top: 50 },
		name: { en: "Golden hour", fr: "L’heure dorée", zh: "黄金时刻" },
		text: {
			en: "Even the car park is beautiful. Take the photograph now.",
			fr: "Même le parking est beau. Prenez la photo maintenant.",
			zh: "连停车场都很美，现在就拍照吧。",
		},
	},
	{
		id: "blue",
		hour: 20,
		colors: ["#0e1b45", "#2d4f8e", "#8fa8d6"],
		light: { color: "#fdf6e3", size: 14, left: 72, top: 24 },
		name: { en: "Blue hour", fr: "L’heure bleue", zh: "蓝调时刻" },
		text: {
			en: "Windows light up one by one. Somebody is late for dinner.",
			fr: "Les fenêtres s’allument une à une. Quelqu’un est en retard pour dîner.",
			zh: "窗户一扇扇亮起，有人赶不上晚饭了。",
		},
	},
	{
		id: "aurora",
		hour: 22,
		colors: ["#05121f", "#0f6b5c", "#7be0a5"],
		light: { color: "rgba(190, 255, 220, 0.55)", size: 60, left: -8, top: 30 },
		name: { en: "Aurora", fr: "L’aurore boréale", zh: "极光" },
		text: {
			en: "The sun sends a letter, and the north pole reads it aloud.",
			fr: "Le soleil envoie une lettre, le pôle Nord la lit à voix haute.",
			zh: "太阳寄来一封信，北极把它念了出来。",
		},
	},
	{
		id: "night",
		hour: 0,
		colors: ["#060818", "#141a3c", "#2f3a68"],
		light: { color: "#f5f2e4", size: 18, left: 22, top: 18 },
		name: { en: "Deep night", fr: "La nuit", zh: "深夜" },
		text: {
			en: "The last bus has gone. The stars run on time.",
			fr: "Le dernier bus est parti. Les étoiles, elles, sont à l’heure.",
			zh: "末班车已走，星星依旧准点。",
		},
	},
]
