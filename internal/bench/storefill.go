package bench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	creatorsPer1000  = 1725 // creators for a thousand programs: a million for 580,000
	certifiedPer1000 = 4    // certified organisations: about 2,300
	orgsPer1000      = 172
	programsAtOnce   = 200
	inventedWords    = 6000
)

var languages = []string{"en", "fr", "zh"}

// shelves are the categories of the default policy.
var shelves = strings.Fields("shopping food transport government finance health education games travel tools social media sports business family culture services news lifestyle other")

// lexicons are words in the order of how often they are used: real ones first, then invented ones, so that there
// are as many as a language has.
var lexicons = map[string][]string{
	"en": lexicon(`the for and shop coffee my food city market pizza bus ticket health game school park music book hotel train
		map weather water bank doctor garden bakery fresh delivery queue menu library museum cinema fitness run bike taxi
		parking repair flower fashion shoes beauty salon pharmacy kids family travel tour beach island mountain ski camping
		football tennis chess puzzle racing quiz learn language math science news radio podcast photo video editor notes
		calendar timer budget invoice tax job office meeting chat friends dating pet dog cat vet energy solar recycling`, "en"),
	"fr": lexicon(`de la pour mon café boulangerie marché ville école santé jeu musique livre hôtel train carte météo eau banque
		médecin jardin frais livraison file menu bibliothèque musée cinéma forme course vélo taxi stationnement réparation
		fleur mode chaussures beauté salon pharmacie enfants famille voyage visite plage île montagne ski camping football
		échecs énigme quiz apprendre langue sciences actualités radio photo vidéo notes agenda minuteur budget facture impôts
		emploi bureau réunion amis rencontre animal chien chat vétérinaire énergie solaire recyclage théâtre œuvre crêperie`, "fr"),
	"zh": lexicon(`的 我的 城市 咖啡 市场 餐厅 外卖 学校 健康 游戏 音乐 图书 酒店 火车 地图 天气 银行 医生 花园 面包 新鲜 配送 排队 菜单
		博物馆 电影 健身 跑步 单车 出租 停车 维修 鲜花 时尚 美容 药店 儿童 家庭 旅行 海滩 滑雪 露营 足球 象棋 问答 学习 语言 科学
		新闻 广播 照片 视频 笔记 日历 预算 发票 工作 办公 会议 聊天 朋友 宠物 能源 回收 烤鸭 火锅 奶茶 超市 公交 地铁 挂号 缴费`, "zh"),
}

func lexicon(real, language string) []string {
	words := strings.Fields(real)
	r := rand.New(rand.NewPCG(uint64(len(words)), 9))
	for len(words) < inventedWords {
		if language == "zh" {
			words = append(words, string(rune(0x4e00+r.IntN(3000)))+string(rune(0x4e00+r.IntN(3000))))
		} else {
			words = append(words, syllables(r.IntN(1<<30), 2+r.IntN(3)))
		}
	}
	return words
}

var sounds = strings.Fields("ba ber bo ca cle co da di dou e fa fi go gra ha i jo ka ke la len lo ma mi mo na ni nor o pa pe pla que ra ri ro sa si ta te ti tre u va vel vi wa xo yo za zi")

func syllables(seed, n int) string {
	var word strings.Builder
	for range n {
		word.WriteString(sounds[seed%len(sounds)])
		seed /= len(sounds)
	}
	return word.String()
}

// brand is the name that only program i has: what a rare word is.
func brand(i int) string { return syllables((i*2_654_435_761+12_345)&(1<<40-1), 5) }

// fillPrograms writes n programs with their creators in one transaction, by SQL: a million records would take an
// hour with all hooks.
func fillPrograms(tx core.App, n int) error {
	orgs, certified := n*orgsPer1000/1000, n*certifiedPer1000/1000
	people := n*creatorsPer1000/1000 - orgs
	for _, statement := range []string{
		`INSERT INTO users (id, tokenKey, email, password, name, language, verified, created, updated)
			WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < {:people})
			SELECT printf('u%014d', i), printf('token-of-creator-%020d', i), printf('u%d@bench.example', i), '', printf('Creator %d', i), 'en', TRUE,
			'2026-01-01 00:00:00.000Z', '2026-01-01 00:00:00.000Z' FROM c`,
		`INSERT INTO orgs (id, name, slug, kind, currency, timezone, certified, created, updated)
			WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < {:orgs})
			SELECT printf('o%014d', i), printf('Company %d', i), printf('company-%d', i), 'creator', 'EUR', 'Europe/Paris', i < {:certified},
			'2026-01-01 00:00:00.000Z', '2026-01-01 00:00:00.000Z' FROM c`,
	} {
		_, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"people": people, "orgs": orgs, "certified": certified}).Execute()
		if err != nil {
			return fmt.Errorf("fill the store: %w", err)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for from := 0; from < n; from += programsAtOnce {
		batch := make([]map[string]any, 0, programsAtOnce)
		for i := from; i < min(from+programsAtOnce, n); i++ {
			batch = append(batch, someProgram(r, i, people, orgs))
		}
		if err := insertPrograms(tx, batch); err != nil {
			return fmt.Errorf("fill the store: %w", err)
		}
	}
	return nil
}

func someProgram(r *rand.Rand, i, people, orgs int) map[string]any {
	names, descriptions := map[string]string{}, map[string]string{}
	for _, language := range languages {
		words := lexicons[language]
		say := func(n int) string {
			said := make([]string, n)
			for k := range said {
				said[k] = words[zipf(r, len(words))]
			}
			if language == "zh" {
				return strings.Join(said, "")
			}
			return strings.Join(said, " ")
		}
		names[language], descriptions[language] = say(2), say(10)
	}
	name := brand(i)
	names["en"] = strings.ToUpper(name[:1]) + name[1:] + " " + names["en"]
	program := map[string]any{
		"id": fmt.Sprintf("p%014d", i), "appid": fmt.Sprintf("%s-%d", name, i), "name": names["en"], "names": names,
		"description": descriptions["en"], "descriptions": descriptions, "category": shelves[zipf(r, len(shelves))],
		"kind": []string{"app", "app", "app", "game", "web"}[r.IntN(5)], "tier": "reviewed", "icon": "box", "color": "#0a7d5a",
		"score": 100 + int(850*pow4(r.Float64())), "people": int(1e6 * pow4(pow4(r.Float64()))), "ratings": r.IntN(500), "org": "", "owner": "",
		"released_at": fmt.Sprintf("2026-%02d-%02d %02d:%02d:00.000Z", 1+r.IntN(10), 1+r.IntN(28), r.IntN(24), r.IntN(60)),
	}
	program["stars"] = program["ratings"].(int) * 4
	if r.IntN(3) == 0 {
		program["org"] = fmt.Sprintf("o%014d", zipf(r, orgs))
	} else {
		program["owner"] = fmt.Sprintf("u%014d", r.IntN(people))
	}
	return program
}

// insertPrograms writes programs and a released version of each.
func insertPrograms(tx core.App, batch []map[string]any) error {
	list, err := json.Marshal(batch)
	if err != nil {
		return err
	}
	get := func(name string) string { return "j.value ->> '" + name + "'" }
	columns := strings.Fields("id appid name names description descriptions category kind tier icon color score people ratings stars org owner released_at")
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = get(column)
	}
	for _, statement := range []string{
		"INSERT INTO programs (" + strings.Join(columns, ", ") + `, status, "release", scopes, keywords, created, updated)
			SELECT ` + strings.Join(values, ", ") + `, 'live', 'v' || substr(` + get("id") + `, 2), '[]', '[]', ` + get("released_at") + ", " + get("released_at") +
			" FROM json_each({:batch}) j",
		`INSERT INTO programs_versions (id, program, number, name, package, bundle, size, state, reviewed, kind, manifest, released_at, created, updated)
			SELECT 'v' || substr(` + get("id") + ", 2), " + get("id") + `, 1, '1.0', printf('%064d', substr(` + get("id") + `, 2)), '', 50000, 'released', TRUE, 'app', '{}', ` +
			get("released_at") + ", " + get("released_at") + ", " + get("released_at") + " FROM json_each({:batch}) j",
	} {
		if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"batch": string(list)}).Execute(); err != nil {
			return err
		}
	}
	return nil
}
