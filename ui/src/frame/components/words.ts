// The few words that the frame says itself, in the language of the client.

const WORDS = {
	cancel: { en: "Cancel", fr: "Annuler", zh: "取消" },
	done: { en: "Done", fr: "OK", zh: "确定" },
	close: { en: "Close", fr: "Fermer", zh: "关闭" },
	noRegions: {
		en: "There is no list of regions here.",
		fr: "Aucune liste de régions ici.",
		zh: "此处没有地区列表。",
	},
	keyboard: { en: "Text", fr: "Texte", zh: "文本" },
	choose: { en: "Choose", fr: "Choisir", zh: "选择" },
	picture: {
		en: "Picture {at} of {all}",
		fr: "Image {at} sur {all}",
		zh: "第 {at} 张，共 {all} 张",
	},
	noSite: {
		en: "This address cannot be opened.",
		fr: "Cette adresse ne peut pas être ouverte.",
		zh: "无法打开此地址。",
	},
	site: {
		en: "{name} is another site. It opens in your browser.",
		fr: "{name} est un autre site. Il s’ouvre dans votre navigateur.",
		zh: "{name} 是其他网站，将在浏览器中打开。",
	},
	openSite: { en: "Open {name}", fr: "Ouvrir {name}", zh: "打开 {name}" },
	place: { en: "Place", fr: "Lieu", zh: "地点" },
	noMap: {
		en: "The map could not be loaded.",
		fr: "La carte n’a pas pu être chargée.",
		zh: "地图加载失败。",
	},
	again: { en: "Try again", fr: "Réessayer", zh: "重试" },
	noTiles: {
		en: "No map is set up here",
		fr: "Aucune carte configurée ici",
		zh: "此处未配置地图",
	},
	zoomIn: { en: "Zoom in", fr: "Zoomer", zh: "放大" },
	zoomOut: { en: "Zoom out", fr: "Dézoomer", zh: "缩小" },
	you: { en: "You are here", fr: "Vous êtes ici", zh: "您的位置" },
	openMap: { en: "Open the map", fr: "Ouvrir la carte", zh: "打开地图" },
	notHere: {
		en: "This does not work here.",
		fr: "Cela ne fonctionne pas ici.",
		zh: "此处无法使用该功能。",
	},
	somebody: { en: "Somebody", fr: "Quelqu’un", zh: "用户" },
	refreshing: { en: "Refreshing", fr: "Actualisation", zh: "正在刷新" },
} as const

/** Says it; `{name}` stands for a value. */
export function say(key: keyof typeof WORDS, values: Record<string, number | string> = {}): string {
	const words = WORDS[key]
	const said = words[document.documentElement.lang as keyof typeof words] ?? words.en
	return said.replace(/\{(\w+)\}/g, (_whole, name: string) => String(values[name]))
}
