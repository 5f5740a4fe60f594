package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/catalog"
)

const (
	currency = "EUR"
	zone     = "Europe/Paris"
)

//go:embed catalog.csv
var catalogCSV []byte

// shop is one of the ten; carries tells which goods of the catalogue it sells.
type shop struct {
	name, slug, address, color, icon, about string
	lat, lon                                float64
	carries                                 func(good) bool
}

// good is a row of catalog.csv.
type good struct {
	gtin, name, brand, quantity, category string
	price, vat, minAge                    int
}

func chinese(g good) bool {
	return strings.ContainsFunc(g.name, func(r rune) bool { return r > 0x3000 })
}

func named(words ...string) func(good) bool {
	return func(g good) bool {
		text := strings.ToLower(g.name + " " + g.category)
		for _, word := range words {
			if strings.Contains(text, word) {
				return true
			}
		}
		return false
	}
}

var shops = []shop{
	{"Halle Market", "halle-market", "12 rue de la Halle", "#2f6b34", "shopping-basket", "Everything for the week; scan and walk out", 48.8635, 2.3460, func(good) bool { return true }},
	{"Bean & Leaf", "bean-leaf", "3 rue de la Gare", "#7a4a2b", "coffee", "Drinks, biscuits and a corner to read", 48.8641, 2.3478, named("beverage", "biscuit", "茶", "咖啡", "pepsi", "ginger", "sablés", "shortbread")},
	{"Forno", "forno", "27 rue Montorgueil", "#a83a1b", "pizza", "Bread, pizza, brioche", 48.8652, 2.3468, named("pizza", "bread", "baguette", "brioche", "croissant", "chinois", "crispbread", "eclair", "beignet")},
	{"东方超市 Orient", "orient", "8 rue au Maire", "#8c2d2d", "soup", "Épicerie asiatique, 亚洲食品", 48.8647, 2.3572, chinese},
	{"Cave du Canal", "cave-du-canal", "41 quai de Valmy", "#5e2358", "wine", "Wine, cider and beer; adults only", 48.8716, 2.3649, func(g good) bool { return g.minAge >= 18 }},
	{"Maison Claire", "maison-claire", "5 passage du Grand-Cerf", "#4b3320", "candy", "Chocolate, sweets and presents", 48.8650, 2.3497, named("chocolat", "chocolate", "巧克力", "candy", "gummies", "糖", "marrons", "nougat")},
	{"Marché Bio", "marche-bio", "19 rue Rambuteau", "#3f6f4f", "leaf", "Organic and local", 48.8612, 2.3547, named("bio", "végétale", "soja", "avoine", "granola", "ecologica", "brebis", "plant")},
	{"Station Corner", "station-corner", "Gare, hall B", "#1f5fa8", "train-front", "For the train: snacks and drinks", 48.8443, 2.3743, named("snack", "beverage", "gum", "biscuits", "可乐", "苏打", "能量", "pepsi", "bar")},
	{"Crèmerie Petit", "cremerie-petit", "2 rue Tiquetonne", "#b98a1e", "milk", "Milk, yoghurt, dessert", 48.8643, 2.3487, named("yaourt", "yogurt", "milk", "lait", "牛奶", "鲜乳", "鮮乳", "custard", "cakes", "cocottes")},
	{"Le Bouillon", "le-bouillon", "33 rue Saint-Denis", "#146c7a", "utensils", "Meals to take home", 48.8607, 2.3484, named("bouillon", "steak", "porc", "saumon", "morue", "andouille", "mousline", "排骨", "烏冬", "fisch", "dace", "soja et blé")},
}

// opened is a shop with what it needs to trade.
type opened struct {
	org, place string
	codes      []string // GTINs that anybody may buy
	adult      []string // GTINs that need an age check
}

func (q *quarter) openShop(tx core.App, s shop) error {
	org, err := create(tx, "orgs", map[string]any{
		"name": s.name, "slug": s.slug, "kind": "merchant", "description": s.about, "currency": currency,
		"timezone": zone, "country": "FR", "color": s.color, "icon": s.icon, "certified": s.slug != "station-corner",
	})
	if err != nil {
		return err
	}
	place, err := create(tx, "places", map[string]any{
		"org": org.Id, "name": s.name, "address": s.address, "lat": s.lat, "lon": s.lon, "timezone": zone,
	})
	if err != nil {
		return err
	}
	if err := q.staffShop(tx, s, org.Id); err != nil {
		return err
	}
	shop := &opened{org: org.Id, place: place.Id}
	if err := q.stockShop(tx, s, shop); err != nil {
		return err
	}
	q.shops = append(q.shops, shop)
	q.places[s.slug] = place.Id
	if err := promote(tx, s, shop, q.now); err != nil {
		return err
	}
	_, err = create(tx, "loyalty_programs", map[string]any{
		"org": org.Id, "name": s.name + " points", "spend_per_point": 100, "point_value": 2, "expiry_kind": "rolling",
		"expiry_months": 12, "timezone": zone,
	})
	return err
}

// keepers own a shop that has something to do with mini programs.
var keepers = map[string]string{"bean-leaf": "neighbour8", "station-corner": "neighbour18"}

func (q *quarter) staffShop(tx core.App, s shop, org string) error {
	q.orgs[s.slug] = org
	if keeper := keepers[s.slug]; keeper != "" {
		return employ(tx, org, q.people[keeper].Id, "owner")
	}
	if s.slug != "halle-market" {
		return nil
	}
	if err := employ(tx, org, q.people["merchant"].Id, "owner"); err != nil {
		return err
	}
	return employ(tx, org, q.people["cashier"].Id, "cashier")
}

// stockShop fills the shelves. A few goods are low on purpose: the console has something to tell.
func (q *quarter) stockShop(tx core.App, s shop, shop *opened) error {
	goods, err := readCatalog()
	if err != nil {
		return err
	}
	for i, g := range goods {
		if !s.carries(g) {
			continue
		}
		product, err := create(tx, "products", map[string]any{
			"org": shop.org, "gtin": g.gtin, "name": g.name, "brand": g.brand, "quantity": g.quantity,
			"category": g.category, "price": g.price, "currency": currency, "vat_bp": g.vat, "min_age": g.minAge,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", g.gtin, err)
		}
		units := int64(90 + (i*37)%180)
		if i%17 == 3 {
			units = int64(14 + i%9)
		}
		if err := catalog.Receive(tx, shop.place, product.Id, units, "opening stock", "demo", q.dayAt(days+1, 7, 0)); err != nil {
			return err
		}
		if g.minAge > 0 {
			shop.adult = append(shop.adult, g.gtin)
		} else {
			shop.codes = append(shop.codes, g.gtin)
		}
	}
	return nil
}

func readCatalog() ([]good, error) {
	rows, err := csv.NewReader(bytes.NewReader(catalogCSV)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("demonstration catalogue: %w", err)
	}
	goods := make([]good, 0, len(rows))
	for i, row := range rows[1:] {
		price, err1 := strconv.Atoi(row[5])
		vat, err2 := strconv.Atoi(row[6])
		minAge, err3 := strconv.Atoi(row[7])
		gtin, err4 := catalog.ParseGTIN(row[0])
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
			return nil, fmt.Errorf("demonstration catalogue, row %d is broken", i+2)
		}
		name := strings.TrimSpace(strings.ReplaceAll(row[1], "?", ""))
		goods = append(goods, good{
			gtin: gtin, name: name, brand: row[2], quantity: row[3], category: row[4], price: price, vat: vat, minAge: minAge,
		})
	}
	return goods, nil
}

// dayAt is a local time of day, so many days ago.
func (q *quarter) dayAt(ago, hour, minute int) time.Time {
	paris, err := time.LoadLocation(zone)
	if err != nil {
		paris = time.UTC
	}
	local := q.now.In(paris)
	return time.Date(local.Year(), local.Month(), local.Day()-ago, hour, minute, 0, 0, paris).UTC()
}
