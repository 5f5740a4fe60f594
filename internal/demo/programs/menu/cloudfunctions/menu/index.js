// What the kitchen cooks, by the day of the week. The kitchen writes this file; the page only shows it.
const dish = (en, fr, zh, price, veg = false) => ({ name: { en, fr, zh }, price, veg })

const week = [
	null, // Sunday
	{
		dish: dish("Leek and potato tart", "Tarte poireaux pommes de terre", "韭葱土豆挞", 1150, true),
		soup: dish("Carrot and ginger", "Carotte gingembre", "胡萝卜姜汤", 550, true),
		cake: dish("Lemon tart", "Tarte au citron", "柠檬挞", 480, true),
	},
	{
		dish: dish("Chicken with tarragon", "Poulet à l’estragon", "龙蒿鸡", 1350),
		soup: dish("Onion with cheese", "À l’oignon gratinée", "奶酪洋葱汤", 650, true),
		cake: dish("Chocolate cake", "Moelleux au chocolat", "巧克力蛋糕", 520, true),
	},
	{
		dish: dish("Tofu, aubergine and rice", "Tofu, aubergine et riz", "茄子豆腐饭", 1190, true),
		soup: dish("Miso with mushrooms", "Miso aux champignons", "蘑菇味噌汤", 550, true),
		cake: dish("Apple crumble", "Crumble aux pommes", "苹果酥", 490, true),
	},
	{
		dish: dish("Beef with carrots", "Bœuf carottes", "胡萝卜炖牛肉", 1450),
		soup: dish("Pumpkin", "Potiron", "南瓜汤", 550, true),
		cake: dish("Rice pudding", "Riz au lait", "米布丁", 420, true),
	},
	{
		dish: dish("Cod with lentils", "Cabillaud aux lentilles", "扁豆鳕鱼", 1490),
		soup: dish("Green peas and mint", "Petits pois à la menthe", "薄荷豌豆汤", 550, true),
		cake: dish("Pear clafoutis", "Clafoutis aux poires", "梨子克拉芙缇", 490, true),
	},
	{
		dish: dish("Brunch plate", "Assiette brunch", "早午餐拼盘", 1690),
		soup: dish("Tomato and basil", "Tomate basilic", "番茄罗勒汤", 550, true),
		cake: dish("Brioche and jam", "Brioche et confiture", "果酱布里欧", 450, true),
	},
]

exports.main = async () => ({ week })
