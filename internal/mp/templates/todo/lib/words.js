const words = {
	first: { en: "Our list", fr: "Notre liste", zh: "我们的清单" },
	add: { en: "What is to be done?", fr: "Qu’y a-t-il à faire ?", zh: "要做什么？" },
	put: { en: "Add", fr: "Ajouter", zh: "添加" },
	all: { en: "All", fr: "Tout", zh: "全部" },
	open: { en: "To do", fr: "À faire", zh: "待办" },
	done: { en: "Done", fr: "Fait", zh: "已完成" },
	show: { en: "Show", fr: "Afficher", zh: "显示" },
	remove: { en: "Delete", fr: "Supprimer", zh: "删除" },
	rename: { en: "Rename", fr: "Renommer", zh: "改名" },
	removed: { en: "Deleted", fr: "Supprimé", zh: "已删除" },
	undo: { en: "Undo", fr: "Annuler", zh: "撤销" },
	share: { en: "Share", fr: "Partager", zh: "分享" },
	lists: { en: "Your lists", fr: "Vos listes", zh: "你的清单" },
	empty: { en: "Nothing on the list yet", fr: "Rien sur la liste", zh: "清单还是空的" },
	empty_text: {
		en: "Write the first thing above.",
		fr: "Écrivez la première chose ci-dessus.",
		zh: "在上面写下第一件事。",
	},
	none_open: { en: "All done", fr: "Tout est fait", zh: "全部完成" },
	none_open_text: {
		en: "Enjoy the rest of the day.",
		fr: "Bonne fin de journée.",
		zh: "好好休息吧。",
	},
	none_done: { en: "Nothing is done yet", fr: "Rien n’est encore fait", zh: "还没有完成的" },
	none_done_text: {
		en: "Tick something off, and it shows here.",
		fr: "Cochez quelque chose, et cela s’affiche ici.",
		zh: "打个勾，就会出现在这里。",
	},
	failed: {
		en: "The list could not be opened.",
		fr: "Impossible d’ouvrir la liste.",
		zh: "无法打开清单。",
	},
	retry: { en: "Try again", fr: "Réessayer", zh: "重试" },
	offline: {
		en: "No connection. You see how the list was; changes are not saved.",
		fr: "Pas de connexion. La liste date de tout à l’heure ; rien n’est enregistré.",
		zh: "没有网络。这是之前的清单，改动不会保存。",
	},
	lost: {
		en: "Not saved: no connection",
		fr: "Non enregistré : pas de connexion",
		zh: "未保存：没有网络",
	},
	full: {
		en: "A list holds 200 things",
		fr: "Une liste contient 200 choses",
		zh: "清单最多 200 项",
	},
	code: { en: "Code of this list", fr: "Code de cette liste", zh: "清单码" },
	code_text: {
		en: "Whoever enters it sees and ticks the same list.",
		fr: "Qui l’entre voit et coche la même liste.",
		zh: "输入此码的人会看到同一张清单。",
	},
	copy: { en: "Copy the code", fr: "Copier le code", zh: "复制清单码" },
	copied: { en: "Copied", fr: "Copié", zh: "已复制" },
	name: { en: "Name of this list", fr: "Nom de cette liste", zh: "清单名称" },
	saved: { en: "Saved", fr: "Enregistré", zh: "已保存" },
	join: { en: "Join another list", fr: "Rejoindre une autre liste", zh: "加入另一张清单" },
	join_code: { en: "Its code", fr: "Son code", zh: "它的清单码" },
	enter: { en: "Join", fr: "Rejoindre", zh: "加入" },
	unknown: { en: "No list has this code", fr: "Aucune liste n’a ce code", zh: "没有这个清单码" },
	many: { en: "There are too many already", fr: "Il y en a déjà trop", zh: "数量已达上限" },
	make: { en: "New list", fr: "Nouvelle liste", zh: "新建清单" },
	leave: { en: "Leave this list", fr: "Quitter cette liste", zh: "退出这张清单" },
	leave_text: {
		en: "You can come back with its code.",
		fr: "Vous pourrez revenir avec son code.",
		zh: "凭清单码可以再加入。",
	},
}

const { language } = wx.getAppBaseInfo()
const locale = ["en", "fr", "zh"].find((each) => language.startsWith(each)) || "en"

/** The one of three texts that the person reads. */
const speak = (texts) => texts[locale]

/** The sentences that a page's template needs. */
const pick = (...keys) => Object.fromEntries(keys.map((key) => [key, speak(words[key])]))

/** How far a list has come. */
const progress = (done, all) =>
	({ en: `${done} of ${all} done`, fr: `${done} sur ${all} faits`, zh: `已完成 ${done} / ${all}` })[
		locale
	]

/** How many are on a list. */
const people = (count) => {
	if (count === 1) return { en: "Only you", fr: "Vous seul", zh: "只有你" }[locale]
	return { en: `${count} people`, fr: `${count} personnes`, zh: `${count} 人` }[locale]
}

module.exports = { people, pick, progress, speak, words }
