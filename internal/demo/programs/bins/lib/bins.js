const bins = [
	{
		id: "yellow",
		color: "#e0b000",
		front: "#2b2200",
		name: {
			en: "Yellow: packaging and paper",
			fr: "Jaune : emballages et papiers",
			zh: "黄桶：包装和纸张",
		},
		days: { en: "Tuesday and Friday", fr: "Mardi et vendredi", zh: "周二、周五" },
	},
	{
		id: "green",
		color: "#1f7a46",
		front: "#fff",
		name: { en: "Green: glass", fr: "Vert : verre", zh: "绿桶：玻璃" },
		days: { en: "Every second Wednesday", fr: "Un mercredi sur deux", zh: "隔周周三" },
	},
	{
		id: "brown",
		color: "#7a4a24",
		front: "#fff",
		name: { en: "Brown: food waste", fr: "Marron : biodéchets", zh: "棕桶：厨余" },
		days: { en: "Monday and Thursday", fr: "Lundi et jeudi", zh: "周一、周四" },
	},
	{
		id: "grey",
		color: "#55606e",
		front: "#fff",
		name: { en: "Grey: everything else", fr: "Gris : le reste", zh: "灰桶：其他垃圾" },
		days: { en: "Every day but Sunday", fr: "Tous les jours sauf dimanche", zh: "周一至周六" },
	},
	{
		id: "yard",
		color: "#1d5fa8",
		front: "#fff",
		name: { en: "Recycling yard", fr: "Déchèterie", zh: "回收站" },
		days: {
			en: "8 am to 7 pm, quai de la Rapée",
			fr: "De 8 h à 19 h, quai de la Rapée",
			zh: "8:00–19:00，Rapée 码头",
		},
	},
	{
		id: "back",
		color: "#9a2f5d",
		front: "#fff",
		name: {
			en: "Back to the shop or pharmacy",
			fr: "Retour en magasin ou pharmacie",
			zh: "退回商店或药店",
		},
		days: { en: "During opening hours", fr: "Aux heures d’ouverture", zh: "营业时间内" },
	},
]

const things = [
	["yellow", "Plastic bottle", "Bouteille en plastique", "塑料瓶"],
	["yellow", "Pizza box", "Carton à pizza", "披萨盒"],
	["yellow", "Newspaper", "Journal", "报纸"],
	["yellow", "Tin can", "Boîte de conserve", "罐头盒"],
	["yellow", "Yoghurt pot", "Pot de yaourt", "酸奶杯"],
	["yellow", "Milk carton", "Brique de lait", "牛奶盒"],
	["green", "Wine bottle", "Bouteille de vin", "酒瓶"],
	["green", "Jam jar", "Pot de confiture", "果酱罐"],
	["brown", "Coffee grounds", "Marc de café", "咖啡渣"],
	["brown", "Peelings", "Épluchures", "果皮菜叶"],
	["brown", "Egg shells", "Coquilles d’œufs", "蛋壳"],
	["brown", "Tea bag", "Sachet de thé", "茶包"],
	["grey", "Broken plate", "Assiette cassée", "碎盘子"],
	["grey", "Nappy", "Couche", "尿布"],
	["grey", "Tissue", "Mouchoir en papier", "纸巾"],
	["grey", "Chewing gum", "Chewing-gum", "口香糖"],
	["yard", "Paint", "Peinture", "油漆"],
	["yard", "Mattress", "Matelas", "床垫"],
	["yard", "Cooking oil", "Huile de cuisson", "食用油"],
	["back", "Battery", "Pile", "电池"],
	["back", "Light bulb", "Ampoule", "灯泡"],
	["back", "Old phone", "Vieux téléphone", "旧手机"],
	["back", "Medicine", "Médicaments", "药品"],
].map(([bin, en, fr, zh], n) => ({ id: n, bin, name: { en, fr, zh } }))

module.exports = { bins, things }
