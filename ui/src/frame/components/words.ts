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
	choose: { en: "Choose", fr: "Choisir", zh: "选择" },
	picture: {
		en: "Picture {at} of {all}",
		fr: "Image {at} sur {all}",
		zh: "第 {at} 张，共 {all} 张",
	},
	refreshing: { en: "Refreshing", fr: "Actualisation", zh: "正在刷新" },
} as const

/** Says it; `{name}` stands for a value. */
export function say(key: keyof typeof WORDS, values: Record<string, number> = {}): string {
	const words = WORDS[key]
	const said = words[document.documentElement.lang as keyof typeof words] ?? words.en
	return said.replace(/\{(\w+)\}/g, (_whole, name: string) => String(values[name]))
}
