// The questions. A block is one question: its topic, then a line for English, French and Chinese, each the question and
// four answers, of which the first is right. They are in no package that a phone gets: only this function reads them.
const text = `
geography
Which is the largest ocean?|Pacific|Atlantic|Indian|Arctic
Quel est le plus grand océan ?|Pacifique|Atlantique|Indien|Arctique
哪个大洋最大？|太平洋|大西洋|印度洋|北冰洋

geography
Which river flows through Paris?|Seine|Loire|Rhône|Garonne
Quel fleuve traverse Paris ?|La Seine|La Loire|Le Rhône|La Garonne
哪条河流经巴黎？|塞纳河|卢瓦尔河|罗讷河|加龙河

geography
Which is the highest mountain above sea level?|Everest|K2|Mont Blanc|Kilimanjaro
Quelle est la plus haute montagne au-dessus de la mer ?|L’Everest|Le K2|Le mont Blanc|Le Kilimandjaro
海拔最高的山是哪座？|珠穆朗玛峰|乔戈里峰|勃朗峰|乞力马扎罗山

geography
On which continent is Egypt, for the most part?|Africa|Europe|South America|Oceania
Sur quel continent se trouve surtout l’Égypte ?|Afrique|Europe|Amérique du Sud|Océanie
埃及的大部分位于哪个大洲？|非洲|欧洲|南美洲|大洋洲

geography
Which country has the longest coastline?|Canada|Australia|Brazil|Chile
Quel pays a le plus long littoral ?|Le Canada|L’Australie|Le Brésil|Le Chili
哪个国家的海岸线最长？|加拿大|澳大利亚|巴西|智利

geography
Which sea lies between Europe and Africa?|Mediterranean|Baltic|Caribbean|Coral Sea
Quelle mer sépare l’Europe de l’Afrique ?|La Méditerranée|La Baltique|La mer des Caraïbes|La mer de Corail
欧洲与非洲之间是哪片海？|地中海|波罗的海|加勒比海|珊瑚海

geography
Which is the largest country by area?|Russia|Canada|China|Brazil
Quel est le plus grand pays par la superficie ?|La Russie|Le Canada|La Chine|Le Brésil
面积最大的国家是哪个？|俄罗斯|加拿大|中国|巴西

geography
Which line divides the Earth into north and south?|The equator|The Greenwich meridian|The Tropic of Cancer|The polar circle
Quelle ligne partage la Terre en nord et sud ?|L’équateur|Le méridien de Greenwich|Le tropique du Cancer|Le cercle polaire
哪条线把地球分为南北两半？|赤道|本初子午线|北回归线|极圈

geography
Which country is shaped like a boot?|Italy|Greece|Portugal|Norway
Quel pays a la forme d’une botte ?|L’Italie|La Grèce|Le Portugal|La Norvège
哪个国家的形状像一只靴子？|意大利|希腊|葡萄牙|挪威

geography
In which country is Mount Fuji?|Japan|China|Nepal|Indonesia
Dans quel pays est le mont Fuji ?|Le Japon|La Chine|Le Népal|L’Indonésie
富士山在哪个国家？|日本|中国|尼泊尔|印度尼西亚

geography
Which desert covers much of northern Africa?|Sahara|Gobi|Atacama|Kalahari
Quel désert couvre une grande partie du nord de l’Afrique ?|Le Sahara|Le Gobi|L’Atacama|Le Kalahari
哪片沙漠覆盖北非大部分地区？|撒哈拉沙漠|戈壁|阿塔卡马沙漠|卡拉哈里沙漠

geography
Which is the longest river in China?|Yangtze|Yellow River|Pearl River|Mekong
Quel est le plus long fleuve de Chine ?|Le Yangtsé|Le fleuve Jaune|La rivière des Perles|Le Mékong
中国最长的河流是哪条？|长江|黄河|珠江|湄公河

geography
Which island is the largest in the world?|Greenland|Madagascar|Borneo|Great Britain
Quelle est la plus grande île du monde ?|Le Groenland|Madagascar|Bornéo|La Grande-Bretagne
世界上最大的岛是哪座？|格陵兰岛|马达加斯加岛|加里曼丹岛|大不列颠岛

geography
How many continents does the seven-continent model count, Antarctica included?|7|5|6|9
Combien de continents compte le modèle à sept continents, Antarctique compris ?|7|5|6|9
按照包含南极洲的七大洲划分法，共有几个大洲？|7|5|6|9

geography
Which mountains lie between France and Spain?|Pyrenees|Alps|Carpathians|Apennines
Quelles montagnes séparent la France de l’Espagne ?|Les Pyrénées|Les Alpes|Les Carpates|Les Apennins
法国与西班牙之间是哪条山脉？|比利牛斯山脉|阿尔卑斯山脉|喀尔巴阡山脉|亚平宁山脉

geography
Which lake is the deepest in the world?|Baikal|Victoria|Superior|Titicaca
Quel est le lac le plus profond du monde ?|Le Baïkal|Le lac Victoria|Le lac Supérieur|Le Titicaca
世界上最深的湖是哪个？|贝加尔湖|维多利亚湖|苏必利尔湖|的的喀喀湖

geography
Which country lies between the United States and Guatemala?|Mexico|Cuba|Panama|Colombia
Quel pays se trouve entre les États-Unis et le Guatemala ?|Le Mexique|Cuba|Le Panama|La Colombie
美国与危地马拉之间是哪个国家？|墨西哥|古巴|巴拿马|哥伦比亚

geography
Which canal joins the Mediterranean and the Red Sea?|Suez|Panama|Kiel|Corinth
Quel canal relie la Méditerranée à la mer Rouge ?|Le canal de Suez|Le canal de Panama|Le canal de Kiel|Le canal de Corinthe
哪条运河连接地中海与红海？|苏伊士运河|巴拿马运河|基尔运河|科林斯运河

geography
Which of these countries has no sea coast?|Switzerland|Belgium|Croatia|Poland
Lequel de ces pays n’a pas accès à la mer ?|La Suisse|La Belgique|La Croatie|La Pologne
以下哪个国家没有海岸线？|瑞士|比利时|克罗地亚|波兰

geography
Where do the Northern Lights appear most often?|Near the Arctic|At the equator|Over the Sahara|In the Caribbean
Où voit-on le plus souvent les aurores boréales ?|Près de l’Arctique|À l’équateur|Au-dessus du Sahara|Dans les Caraïbes
北极光最常出现在哪里？|北极附近|赤道|撒哈拉上空|加勒比海

geography
Which is the smallest country by area?|Vatican City|Monaco|Malta|San Marino
Quel est le plus petit pays par la superficie ?|Le Vatican|Monaco|Malte|Saint-Marin
面积最小的国家是哪个？|梵蒂冈|摩纳哥|马耳他|圣马力诺

geography
Which ocean lies between Europe and North America?|Atlantic|Pacific|Indian|Southern
Quel océan sépare l’Europe de l’Amérique du Nord ?|Atlantique|Pacifique|Indien|Austral
欧洲与北美洲之间是哪个大洋？|大西洋|太平洋|印度洋|南冰洋

geography
On which river is the Three Gorges Dam?|Yangtze|Mekong|Ganges|Amur
Sur quel fleuve est le barrage des Trois-Gorges ?|Le Yangtsé|Le Mékong|Le Gange|L’Amour
三峡大坝建在哪条河上？|长江|湄公河|恒河|黑龙江

geography
Which country’s flag has a red maple leaf?|Canada|Japan|Denmark|Lebanon
Le drapeau de quel pays porte une feuille d’érable rouge ?|Le Canada|Le Japon|Le Danemark|Le Liban
哪个国家的国旗上有红色枫叶？|加拿大|日本|丹麦|黎巴嫩

food
What is tofu made from?|Soybeans|Rice|Wheat|Milk
De quoi est fait le tofu ?|De soja|De riz|De blé|De lait
豆腐是用什么做的？|大豆|大米|小麦|牛奶

food
Which fruit is dried to make raisins?|Grapes|Plums|Figs|Apricots
Quel fruit sèche-t-on pour faire des raisins secs ?|Le raisin|La prune|La figue|L’abricot
葡萄干是由哪种水果晒成的？|葡萄|李子|无花果|杏

food
Which fruit is dried to make prunes?|Plums|Grapes|Dates|Cherries
De quel fruit viennent les pruneaux ?|De la prune|Du raisin|De la datte|De la cerise
西梅干是由哪种水果晒成的？|李子|葡萄|椰枣|樱桃

food
What gives turmeric its use in the kitchen above all?|Yellow colour|Saltiness|Sourness|Bubbles
Qu’apporte surtout le curcuma en cuisine ?|La couleur jaune|Le sel|L’acidité|Les bulles
姜黄在厨房里最主要带来什么？|黄色|咸味|酸味|气泡

food
Guacamole is made above all from…|Avocado|Cucumber|Peas|Spinach
Le guacamole est fait surtout…|D’avocat|De concombre|De petits pois|D’épinards
牛油果酱（guacamole）主要用什么做？|牛油果|黄瓜|豌豆|菠菜

food
Which country does sushi come from?|Japan|Thailand|Vietnam|Peru
De quel pays viennent les sushis ?|Du Japon|De Thaïlande|Du Viêt Nam|Du Pérou
寿司来自哪个国家？|日本|泰国|越南|秘鲁

food
What makes bread dough rise?|Yeast|Salt|Sugar alone|Oil
Qu’est-ce qui fait lever la pâte à pain ?|La levure|Le sel|Le sucre seul|L’huile
什么使面团发起来？|酵母|盐|只有糖|油

food
From which plant does chocolate come?|Cacao|Coffee|Vanilla|Coconut
De quelle plante vient le chocolat ?|Du cacaoyer|Du caféier|Du vanillier|Du cocotier
巧克力来自哪种植物？|可可|咖啡|香草|椰子

food
Which cheese is classic on a pizza Margherita?|Mozzarella|Roquefort|Feta|Camembert
Quel fromage met-on sur une pizza Margherita ?|La mozzarella|Le roquefort|La feta|Le camembert
玛格丽特披萨上经典的奶酪是哪种？|马苏里拉|洛克福|菲达|卡芒贝尔

food
What is hummus made from above all?|Chickpeas|Lentils|Potatoes|Almonds
De quoi est fait surtout le houmous ?|De pois chiches|De lentilles|De pommes de terre|D’amandes
鹰嘴豆泥（hummus）主要用什么做？|鹰嘴豆|小扁豆|土豆|杏仁

food
Green tea and black tea come from…|The same plant|Two different trees|A herb and a root|A flower and a leaf
Le thé vert et le thé noir viennent…|De la même plante|De deux arbres différents|D’une herbe et d’une racine|D’une fleur et d’une feuille
绿茶和红茶来自……|同一种植物|两种不同的树|一种草和一种根|一种花和一种叶

food
Which spice is the most expensive by weight, as a rule?|Saffron|Pepper|Cinnamon|Cumin
Quelle épice est en général la plus chère au poids ?|Le safran|Le poivre|La cannelle|Le cumin
通常按重量计哪种香料最贵？|藏红花|胡椒|肉桂|孜然

food
What is couscous made from?|Wheat|Rice|Maize|Oats
De quoi est fait le couscous ?|De blé|De riz|De maïs|D’avoine
古斯米（couscous）是用什么做的？|小麦|大米|玉米|燕麦

food
Kimchi comes from which country?|Korea|India|Turkey|Mexico
De quel pays vient le kimchi ?|De Corée|D’Inde|De Turquie|Du Mexique
泡菜（kimchi）来自哪个国家？|韩国|印度|土耳其|墨西哥

food
Which of these is a root?|Carrot|Lettuce|Peas|Tomato
Lequel de ces légumes est une racine ?|La carotte|La laitue|Le petit pois|La tomate
以下哪种是根菜？|胡萝卜|生菜|豌豆|番茄

food
What does “al dente” say about pasta?|Firm to the bite|Very soft|Without salt|Fried
Que veut dire « al dente » pour des pâtes ?|Fermes sous la dent|Très molles|Sans sel|Frites
意大利面“al dente”是什么意思？|有嚼劲|非常软|不放盐|油炸的

food
Which drink is made from roasted beans of a bush?|Coffee|Tea|Lemonade|Cider
Quelle boisson vient des grains torréfiés d’un arbuste ?|Le café|Le thé|La limonade|Le cidre
哪种饮料由灌木的烘焙豆制成？|咖啡|茶|柠檬水|苹果酒

food
Ratatouille is a dish of…|Vegetables|Fish|Rice|Eggs
La ratatouille est un plat…|De légumes|De poisson|De riz|D’œufs
普罗旺斯炖菜（ratatouille）的主料是什么？|蔬菜|鱼|米饭|鸡蛋

food
Which food do bees make?|Honey|Maple syrup|Molasses|Caramel
Quel aliment les abeilles font-elles ?|Le miel|Le sirop d’érable|La mélasse|Le caramel
蜜蜂制造哪种食物？|蜂蜜|枫糖浆|糖蜜|焦糖

food
Paella comes from which country?|Spain|Portugal|Italy|Morocco
De quel pays vient la paella ?|D’Espagne|Du Portugal|D’Italie|Du Maroc
西班牙海鲜饭（paella）来自哪里？|西班牙|葡萄牙|意大利|摩洛哥

food
What is the main ingredient of an omelette?|Eggs|Flour|Potatoes|Cheese
Quel est l’ingrédient principal d’une omelette ?|Les œufs|La farine|Les pommes de terre|Le fromage
煎蛋卷的主要原料是什么？|鸡蛋|面粉|土豆|奶酪

food
Jiaozi are…|Dumplings|Noodles|Soups|Pancakes
Les jiaozi sont…|Des raviolis|Des nouilles|Des soupes|Des crêpes
饺子属于哪类食物？|带馅面食|面条|汤|煎饼

food
Which nut is in classic pesto from Genoa?|Pine nut|Peanut|Hazelnut|Cashew
Quel fruit à coque trouve-t-on dans le pesto de Gênes ?|Le pignon|La cacahuète|La noisette|La noix de cajou
经典的热那亚青酱里用哪种果仁？|松子|花生|榛子|腰果

food
In which liquid are gherkins usually pickled?|Vinegar|Milk|Honey|Olive oil alone
Dans quel liquide conserve-t-on les cornichons d’habitude ?|Le vinaigre|Le lait|Le miel|L’huile d’olive seule
酸黄瓜通常用什么腌制？|醋|牛奶|蜂蜜|纯橄榄油

science
Which planet is the largest in the Solar System?|Jupiter|Saturn|Earth|Mars
Quelle est la plus grande planète du Système solaire ?|Jupiter|Saturne|La Terre|Mars
太阳系中最大的行星是哪颗？|木星|土星|地球|火星

science
What is the chemical formula of water?|H₂O|CO₂|NaCl|O₂
Quelle est la formule de l’eau ?|H₂O|CO₂|NaCl|O₂
水的化学式是什么？|H₂O|CO₂|NaCl|O₂

science
Which planet is called the red planet?|Mars|Venus|Neptune|Mercury
Quelle planète appelle-t-on la planète rouge ?|Mars|Vénus|Neptune|Mercure
哪颗行星被称为红色星球？|火星|金星|海王星|水星

science
How many legs does a spider have?|8|6|10|12
Combien de pattes a une araignée ?|8|6|10|12
蜘蛛有几条腿？|8|6|10|12

science
How many legs does an insect have?|6|8|4|10
Combien de pattes a un insecte ?|6|8|4|10
昆虫有几条腿？|6|8|4|10

science
Which gas do plants take in for photosynthesis?|Carbon dioxide|Helium|Hydrogen|Neon
Quel gaz les plantes prennent-elles pour la photosynthèse ?|Le dioxyde de carbone|L’hélium|L’hydrogène|Le néon
植物进行光合作用吸收哪种气体？|二氧化碳|氦气|氢气|氖气

science
Which is the closest star to the Earth?|The Sun|Sirius|Polaris|Betelgeuse
Quelle est l’étoile la plus proche de la Terre ?|Le Soleil|Sirius|L’étoile polaire|Bételgeuse
离地球最近的恒星是哪颗？|太阳|天狼星|北极星|参宿四

science
At sea level, at how many degrees Celsius does water boil?|100|50|80|212
Au niveau de la mer, à combien de degrés Celsius l’eau bout-elle ?|100|50|80|212
在海平面，水在多少摄氏度沸腾？|100|50|80|212

science
Which organ pumps the blood?|Heart|Lung|Liver|Kidney
Quel organe pompe le sang ?|Le cœur|Le poumon|Le foie|Le rein
哪个器官输送血液？|心脏|肺|肝|肾

science
Which is the largest animal that is known?|Blue whale|African elephant|Giraffe|Great white shark
Quel est le plus grand animal connu ?|La baleine bleue|L’éléphant d’Afrique|La girafe|Le grand requin blanc
已知最大的动物是什么？|蓝鲸|非洲象|长颈鹿|大白鲨

science
Which metal is liquid at room temperature?|Mercury|Iron|Gold|Aluminium
Quel métal est liquide à température ambiante ?|Le mercure|Le fer|L’or|L’aluminium
哪种金属在室温下是液体？|汞|铁|金|铝

science
About how long does light from the Sun take to reach us?|8 minutes|8 seconds|8 hours|8 days
En combien de temps environ la lumière du Soleil nous parvient-elle ?|8 minutes|8 secondes|8 heures|8 jours
太阳光到达地球大约需要多久？|8 分钟|8 秒|8 小时|8 天

science
What does a thermometer measure?|Temperature|Pressure|Speed|Weight
Que mesure un thermomètre ?|La température|La pression|La vitesse|Le poids
温度计测量什么？|温度|压力|速度|重量

science
Which gas makes up most of the air?|Nitrogen|Oxygen|Carbon dioxide|Argon
Quel gaz forme la plus grande partie de l’air ?|L’azote|L’oxygène|Le dioxyde de carbone|L’argon
空气中含量最多的是哪种气体？|氮气|氧气|二氧化碳|氩气

science
Who formulated the theory of relativity?|Albert Einstein|Isaac Newton|Galileo Galilei|Charles Darwin
Qui a formulé la théorie de la relativité ?|Albert Einstein|Isaac Newton|Galilée|Charles Darwin
谁提出了相对论？|爱因斯坦|牛顿|伽利略|达尔文

science
For which discoveries is Marie Curie famous?|Polonium and radium|Penicillin|Gravity|Electric light
Pour quelles découvertes Marie Curie est-elle célèbre ?|Le polonium et le radium|La pénicilline|La gravité|La lumière électrique
居里夫人因发现什么而闻名？|钋和镭|青霉素|万有引力|电灯

science
How many bones has a grown-up human, as a rule?|206|106|306|412
Combien d’os compte en général un adulte ?|206|106|306|412
成年人通常有多少块骨头？|206|106|306|412

science
Which planet has the best-known rings?|Saturn|Mars|Venus|Mercury
Quelle planète a les anneaux les plus connus ?|Saturne|Mars|Vénus|Mercure
哪颗行星以光环最为著名？|土星|火星|金星|水星

science
What is a baby frog called?|Tadpole|Kitten|Larch|Cub
Comment appelle-t-on le petit de la grenouille ?|Le têtard|Le chaton|Le mélèze|Le lionceau
青蛙的幼体叫什么？|蝌蚪|小猫|落叶松|幼狮

science
Sound travels fastest in…|Steel|Air|Water|A vacuum
Le son va le plus vite dans…|L’acier|L’air|L’eau|Le vide
声音在哪里传播得最快？|钢铁|空气|水|真空

science
Which part of a plant takes up most of its water?|Roots|Flowers|Fruits|Bark
Quelle partie de la plante prend la plus grande part de son eau ?|Les racines|Les fleurs|Les fruits|L’écorce
植物主要靠哪个部位吸水？|根|花|果实|树皮

science
What is a triangle with three equal sides called?|Equilateral|Right-angled|Scalene|Obtuse
Comment appelle-t-on un triangle à trois côtés égaux ?|Équilatéral|Rectangle|Scalène|Obtusangle
三边相等的三角形叫什么？|等边三角形|直角三角形|不等边三角形|钝角三角形

science
How many minutes are in a day?|1,440|1,240|1,640|2,400
Combien y a-t-il de minutes dans une journée ?|1 440|1 240|1 640|2 400
一天有多少分钟？|1440|1240|1640|2400

science
Which of these animals is a mammal?|Dolphin|Shark|Penguin|Tortoise
Lequel de ces animaux est un mammifère ?|Le dauphin|Le requin|Le manchot|La tortue
以下哪种动物是哺乳动物？|海豚|鲨鱼|企鹅|陆龟

cities
In which city is the Eiffel Tower?|Paris|Lyon|Rome|London
Dans quelle ville est la tour Eiffel ?|Paris|Lyon|Rome|Londres
埃菲尔铁塔在哪座城市？|巴黎|里昂|罗马|伦敦

cities
In which city is the Colosseum?|Rome|Athens|Madrid|Vienna
Dans quelle ville est le Colisée ?|Rome|Athènes|Madrid|Vienne
罗马斗兽场在哪座城市？|罗马|雅典|马德里|维也纳

cities
Which is the capital of Australia?|Canberra|Sydney|Melbourne|Perth
Quelle est la capitale de l’Australie ?|Canberra|Sydney|Melbourne|Perth
澳大利亚的首都是哪里？|堪培拉|悉尼|墨尔本|珀斯

cities
Which is the capital of Canada?|Ottawa|Toronto|Montréal|Vancouver
Quelle est la capitale du Canada ?|Ottawa|Toronto|Montréal|Vancouver
加拿大的首都是哪里？|渥太华|多伦多|蒙特利尔|温哥华

cities
Which city lies on two continents?|Istanbul|Cairo|Lisbon|Bangkok
Quelle ville s’étend sur deux continents ?|Istanbul|Le Caire|Lisbonne|Bangkok
哪座城市横跨两个大洲？|伊斯坦布尔|开罗|里斯本|曼谷

cities
In which city is the Forbidden City?|Beijing|Shanghai|Xi’an|Nanjing
Dans quelle ville est la Cité interdite ?|Pékin|Shanghai|Xi’an|Nankin
紫禁城在哪座城市？|北京|上海|西安|南京

cities
Which city is famous for its canals and gondolas?|Venice|Milan|Naples|Turin
Quelle ville est célèbre pour ses canaux et ses gondoles ?|Venise|Milan|Naples|Turin
哪座城市以运河和贡多拉闻名？|威尼斯|米兰|那不勒斯|都灵

cities
Which is the capital of Japan?|Tokyo|Osaka|Kyoto|Sapporo
Quelle est la capitale du Japon ?|Tokyo|Osaka|Kyoto|Sapporo
日本的首都是哪里？|东京|大阪|京都|札幌

cities
In which city is the Statue of Liberty?|New York|Boston|Chicago|Miami
Dans quelle ville est la statue de la Liberté ?|New York|Boston|Chicago|Miami
自由女神像在哪座城市？|纽约|波士顿|芝加哥|迈阿密

cities
Which is the capital of Spain?|Madrid|Barcelona|Seville|Valencia
Quelle est la capitale de l’Espagne ?|Madrid|Barcelone|Séville|Valence
西班牙的首都是哪里？|马德里|巴塞罗那|塞维利亚|巴伦西亚

cities
Which is the capital of Germany?|Berlin|Munich|Hamburg|Cologne
Quelle est la capitale de l’Allemagne ?|Berlin|Munich|Hambourg|Cologne
德国的首都是哪里？|柏林|慕尼黑|汉堡|科隆

cities
In which city is the Sagrada Família?|Barcelona|Lisbon|Madrid|Marseille
Dans quelle ville est la Sagrada Família ?|Barcelone|Lisbonne|Madrid|Marseille
圣家堂在哪座城市？|巴塞罗那|里斯本|马德里|马赛

cities
Which is the capital of Egypt?|Cairo|Alexandria|Luxor|Aswan
Quelle est la capitale de l’Égypte ?|Le Caire|Alexandrie|Louxor|Assouan
埃及的首都是哪里？|开罗|亚历山大|卢克索|阿斯旺

cities
Which French city is famous for its Old Port on the Mediterranean?|Marseille|Lille|Strasbourg|Nantes
Quelle ville française est célèbre pour son Vieux-Port sur la Méditerranée ?|Marseille|Lille|Strasbourg|Nantes
哪座法国城市以地中海边的旧港闻名？|马赛|里尔|斯特拉斯堡|南特

cities
In which city is Big Ben?|London|Dublin|Edinburgh|Manchester
Dans quelle ville est Big Ben ?|Londres|Dublin|Édimbourg|Manchester
大本钟在哪座城市？|伦敦|都柏林|爱丁堡|曼彻斯特

cities
Which is the capital of Brazil?|Brasília|Rio de Janeiro|São Paulo|Salvador
Quelle est la capitale du Brésil ?|Brasília|Rio de Janeiro|São Paulo|Salvador
巴西的首都是哪里？|巴西利亚|里约热内卢|圣保罗|萨尔瓦多

cities
In which city is the Acropolis with the Parthenon?|Athens|Rome|Istanbul|Sofia
Dans quelle ville est l’Acropole avec le Parthénon ?|Athènes|Rome|Istanbul|Sofia
有帕特农神庙的卫城在哪座城市？|雅典|罗马|伊斯坦布尔|索非亚

cities
Which river flows through London?|Thames|Seine|Danube|Tiber
Quel fleuve traverse Londres ?|La Tamise|La Seine|Le Danube|Le Tibre
哪条河流经伦敦？|泰晤士河|塞纳河|多瑙河|台伯河

cities
Which is the capital of Portugal?|Lisbon|Porto|Coimbra|Braga
Quelle est la capitale du Portugal ?|Lisbonne|Porto|Coimbra|Braga
葡萄牙的首都是哪里？|里斯本|波尔图|科英布拉|布拉加

cities
In which city is the Oriental Pearl Tower?|Shanghai|Hong Kong|Tokyo|Singapore
Dans quelle ville est la tour de la Perle de l’Orient ?|Shanghai|Hong Kong|Tokyo|Singapour
东方明珠塔在哪座城市？|上海|香港|东京|新加坡

cities
Which city is known for the Opera House with sails on the harbour?|Sydney|Auckland|Cape Town|San Francisco
Quelle ville est connue pour son Opéra en forme de voiles sur le port ?|Sydney|Auckland|Le Cap|San Francisco
哪座城市以港口边帆形的歌剧院闻名？|悉尼|奥克兰|开普敦|旧金山

cities
Which is the capital of the Netherlands, by its constitution?|Amsterdam|The Hague|Rotterdam|Utrecht
Quelle est la capitale des Pays-Bas selon leur constitution ?|Amsterdam|La Haye|Rotterdam|Utrecht
按宪法规定，荷兰的首都是哪里？|阿姆斯特丹|海牙|鹿特丹|乌得勒支

cities
Which city is the seat of the Louvre museum?|Paris|Brussels|Geneva|Florence
Dans quelle ville est le musée du Louvre d’origine ?|Paris|Bruxelles|Genève|Florence
卢浮宫的本馆在哪座城市？|巴黎|布鲁塞尔|日内瓦|佛罗伦萨

cities
Through how many capitals does the Danube flow?|4|1|2|7
Combien de capitales le Danube traverse-t-il ?|4|1|2|7
多瑙河流经几个国家的首都？|4|1|2|7
`

const LANGUAGES = ["en", "fr", "zh"]

/** Each question: its topic, and by language its text and its answers, the right one first. */
const questions = text
	.trim()
	.split("\n\n")
	.map((block) => {
		const [topic, ...lines] = block.split("\n")
		const spoken = lines.map((line) => {
			const [ask, ...answers] = line.split("|")
			return { ask, answers }
		})
		return { topic, ...Object.fromEntries(LANGUAGES.map((language, i) => [language, spoken[i]])) }
	})

module.exports = { LANGUAGES, questions }
