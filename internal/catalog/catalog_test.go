package catalog_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	nutella = "03017620422003"
	water   = "03274080005003"
)

func details(err error) map[string]any {
	var r *refusal.Refusal
	if errors.As(err, &r) {
		return r.Details
	}
	return nil
}

func write(t *testing.T, app core.App, verb func(tx core.App) error) {
	t.Helper()
	if err := ledger.Write(app, verb); err != nil {
		t.Fatal(err)
	}
}

// Real codes of every length pass, and each of them fails with any other last digit.
func TestRealCodesPass(t *testing.T) {
	file, err := os.Open("testdata/gtins.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) != 301 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		gtin, err := catalog.ParseGTIN(" " + row[0] + "\n")
		if err != nil || len(gtin) != 14 || strings.TrimLeft(gtin, "0") != strings.TrimLeft(row[0], "0") {
			t.Errorf("%s: %q %v", row[0], gtin, err)
		}
		if row[1] == "restricted_circulation" && !catalog.InStore(gtin) {
			t.Errorf("%s is an in-store number", row[0])
		}
		last := row[0][len(row[0])-1]
		for digit := byte('0'); digit <= '9'; digit++ {
			if _, err := catalog.ParseGTIN(row[0][:len(row[0])-1] + string(digit)); digit != last && (!errors.Is(err, catalog.ErrCheckDigit) || details(err)["expected"] != string(last)) {
				t.Errorf("%s with last digit %c: %v", row[0], digit, err)
			}
		}
	}
}

// One article has one code however long it is written, and what is no code is called that.
func TestCodesHaveOneForm(t *testing.T) {
	for code, want := range map[string]string{
		"036000291452": "00036000291452", "0036000291452": "00036000291452", "00036000291452": "00036000291452",
		"3017620422003": nutella, "96385074": "00000096385074", "2112345015002": "02112345015002",
	} {
		if got, err := catalog.ParseGTIN(code); got != want || err != nil {
			t.Errorf("%s: %s %v", code, got, err)
		}
	}
	for _, code := range []string{"", "0", "301762042200", "30176204220033333", "3017620A22003", "30176 0422003", "３０１７６２０４", "+3017620422003", "-301762042200"} {
		if got, err := catalog.ParseGTIN(code); !errors.Is(err, catalog.ErrNotGTIN) && !errors.Is(err, catalog.ErrCheckDigit) || got != "" {
			t.Errorf("%q: %q %v", code, got, err)
		}
	}
	for code, inStore := range map[string]bool{
		"02112345015002": true, "00212345000008": true, "00412345000008": true, "00000020000004": true,
		nutella: false, "00036000291452": false, "00000096385074": false, "12345678901231": false, "": false,
	} {
		if catalog.InStore(code) != inStore {
			t.Errorf("%s: in store %v", code, !inStore)
		}
	}
}

// Two shops use one in-store number for different goods; an archived product is not sold.
func TestACodeBelongsToItsShop(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	baker, butcher := apptest.Org(t, app, "baker"), apptest.Org(t, app, "butcher")
	apptest.Product(t, app, baker, "02000000000015", "Baguette", 120, nil)
	apptest.Product(t, app, butcher, "02000000000015", "Ham", 890, nil)
	for org, want := range map[*core.Record]string{baker: "Baguette", butcher: "Ham"} {
		product, err := catalog.ByBarcode(app, org.Id, "2000000000015")
		if err != nil || product.Name != want || product.Org != org.Id || product.VATBasisPoints != 550 {
			t.Errorf("%s: %+v %v", want, product, err)
		}
		if again, err := catalog.ByID(app, product.ID); err != nil || again != product {
			t.Errorf("by id: %+v %v", again, err)
		}
	}
	old := apptest.Product(t, app, baker, nutella, "Spread", 399, map[string]any{"archived": true})
	if _, err := catalog.ByBarcode(app, baker.Id, nutella); !errors.Is(err, catalog.ErrUnknownProduct) || details(err)["code"] != nutella {
		t.Errorf("archived: %v", err)
	}
	if _, err := catalog.ByID(app, old.Id); !errors.Is(err, catalog.ErrUnknownProduct) {
		t.Errorf("archived by id: %v", err)
	}
	if _, err := catalog.ByBarcode(app, baker.Id, "3017620422004"); !errors.Is(err, catalog.ErrCheckDigit) {
		t.Errorf("bad digit: %v", err)
	}
}

// Whatever writes a product, its code has one form and its currency is the shop's.
func TestProductsAreKeptHonest(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	org := apptest.Org(t, app, "shop")
	product := apptest.Product(t, app, org, "3017620422003", "Spread", 399, map[string]any{"currency": ""})
	if product.GetString("gtin") != nutella || product.GetString("currency") != "EUR" {
		t.Errorf("saved as %s in %s", product.GetString("gtin"), product.GetString("currency"))
	}
	for _, c := range []struct {
		field string
		value any
		want  error
	}{{"gtin", "3017620422004", catalog.ErrCheckDigit}, {"gtin", "x", catalog.ErrNotGTIN}, {"currency", "USD", catalog.ErrCurrency}} {
		fresh, err := app.FindRecordById("products", product.Id)
		if err != nil {
			t.Fatal(err)
		}
		fresh.Set(c.field, c.value)
		if err := app.Save(fresh); !errors.Is(err, c.want) || details(err)["field"] != c.field {
			t.Errorf("%s %v: %v", c.field, c.value, err)
		}
	}
	for _, price := range []any{0, -1, 1.5, int64(ledger.MaxAmount) + 2} {
		fresh, _ := app.FindRecordById("products", product.Id)
		fresh.Set("price", price)
		if err := app.Save(fresh); err == nil {
			t.Errorf("price %v was saved", price)
		}
	}
}

// Every price is in the history from the first day, with the instant of the shop's clock, whichever way it came.
func TestThePriceHistoryIsComplete(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	day := func(n int) time.Time { return time.Date(2026, 10, n, 9, 30, 0, 0, time.UTC) }
	clock.Set(app, day(1))
	org := apptest.Org(t, app, "shop")
	product := apptest.Product(t, app, org, nutella, "Spread", 399, nil)
	write(t, app, func(tx core.App) error { return catalog.SetPrice(tx, product.Id, 349, "user", day(5)) })
	write(t, app, func(tx core.App) error { return catalog.SetPrice(tx, product.Id, 349, "user", day(6)) })
	clock.Set(app, day(9))
	record, err := app.FindRecordById("products", product.Id)
	if err != nil {
		t.Fatal(err)
	}
	record.Set("price", 449)
	record.Set("name", "Spread 400 g")
	if err := app.Save(record); err != nil {
		t.Fatal(err)
	}
	record.Set("name", "Spread")
	if err := app.Save(record); err != nil {
		t.Fatal(err)
	}
	if _, err := app.DB().NewQuery("UPDATE products SET price = 500 WHERE id = {:id}").Bind(dbx.Params{"id": product.Id}).Execute(); err != nil {
		t.Fatal(err)
	}
	history, err := catalog.PriceHistory(app, product.Id)
	if err != nil || len(history) != 4 {
		t.Fatalf("%v %v", history, err)
	}
	for i, want := range []struct {
		price ledger.Amount
		day   int
	}{{399, 1}, {349, 5}, {449, 9}} {
		if got := history[i]; got.Price != want.price || got.Currency != "EUR" || got.At.Sub(day(want.day)).Abs() > time.Minute {
			t.Errorf("point %d: %+v", i, got)
		}
	}
	if history[3].Price != 500 {
		t.Errorf("a price set by SQL is missing: %+v", history[3])
	}
	for at, want := range map[time.Time]ledger.Amount{day(4): 399, day(5): 349, day(5).Add(-time.Millisecond): 399, day(8): 349} {
		if point, err := catalog.PriceAt(app, product.Id, at); err != nil || point.Price != want {
			t.Errorf("at %s: %+v %v", at, point, err)
		}
	}
	if _, err := catalog.PriceAt(app, product.Id, day(1).Add(-time.Hour)); !errors.Is(err, catalog.ErrUnknownProduct) {
		t.Errorf("before the first price: %v", err)
	}
	for _, statement := range []string{
		"UPDATE catalog_prices SET price = 1", "DELETE FROM catalog_prices",
		"INSERT OR REPLACE INTO catalog_prices (seq, product, price, currency, at) SELECT seq, product, 1, currency, at FROM catalog_prices",
	} {
		if _, err := app.DB().NewQuery(statement).Execute(); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	if _, err := ledger.Verify(app); err != nil {
		t.Error(err)
	}
}

// A price that cannot be meant, or of a product that is not there, changes nothing.
func TestSetPriceRefuses(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	product := apptest.Product(t, app, apptest.Org(t, app, "shop"), nutella, "Spread", 399, nil)
	for _, price := range []ledger.Amount{0, -1, ledger.MaxAmount + 1} {
		err := ledger.Write(app, func(tx core.App) error { return catalog.SetPrice(tx, product.Id, price, "user", clock.Now(app)) })
		if !errors.Is(err, catalog.ErrBadPrice) {
			t.Errorf("%d: %v", price, err)
		}
	}
	err := ledger.Write(app, func(tx core.App) error { return catalog.SetPrice(tx, "nothing", 5, "user", clock.Now(app)) })
	if !errors.Is(err, catalog.ErrUnknownProduct) {
		t.Errorf("unknown: %v", err)
	}
	if history, err := catalog.PriceHistory(app, product.Id); err != nil || len(history) != 1 {
		t.Errorf("history %v %v", history, err)
	}
}

// Thirty people want the last ten: ten get one, twenty are told, and the shelf is empty, not below.
func TestThePlaceSellsWhatItHas(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	org := apptest.Org(t, app, "shop")
	place := apptest.Place(t, app, org, "here")
	product := apptest.Product(t, app, org, nutella, "Spread", 399, nil)
	now := clock.Now(app)
	write(t, app, func(tx core.App) error { return catalog.Receive(tx, place.Id, product.Id, 10, "delivery", "user", now) })
	var sold, refused atomic.Int64
	var everybody sync.WaitGroup
	for range 30 {
		everybody.Go(func() {
			err := ledger.Write(app, func(tx core.App) error { return catalog.Take(tx, place.Id, product.Id, 1, "order:x", now) })
			switch {
			case err == nil:
				sold.Add(1)
			case errors.Is(err, catalog.ErrOutOfStock):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	everybody.Wait()
	if sold.Load() != 10 || refused.Load() != 20 {
		t.Errorf("%d sold, %d refused", sold.Load(), refused.Load())
	}
	left, counted, err := catalog.Available(app, place.Id, product.Id)
	if err != nil || !counted || left != 0 {
		t.Errorf("left %d, counted %v, %v", left, counted, err)
	}
	var moves, sum int64
	if err := app.DB().NewQuery("SELECT COUNT(*), SUM(change) FROM catalog_stock_moves").Row(&moves, &sum); err != nil || moves != 11 || sum != 0 {
		t.Errorf("%d moves that sum up to %d, %v", moves, sum, err)
	}
}

// A product that a place does not count sells freely there; one that it counts is refused with what is left.
func TestTakingStock(t *testing.T) {
	app := apptest.New(t, catalog.Register)
	org := apptest.Org(t, app, "shop")
	here, there := apptest.Place(t, app, org, "here"), apptest.Place(t, app, org, "there")
	product := apptest.Product(t, app, org, nutella, "Spread", 399, nil)
	now := clock.Now(app)
	write(t, app, func(tx core.App) error {
		return errors.Join(
			catalog.Receive(tx, here.Id, product.Id, 3, "delivery", "user", now),
			catalog.Take(tx, there.Id, product.Id, 999, "order:x", now),
			catalog.Take(tx, here.Id, product.Id, 1, "order:x", now))
	})
	take := func(quantity int64) error {
		return ledger.Write(app, func(tx core.App) error { return catalog.Take(tx, here.Id, product.Id, quantity, "order:y", now) })
	}
	if err := take(3); !errors.Is(err, catalog.ErrOutOfStock) || details(err)["available"] != int64(2) || details(err)["product"] != product.Id {
		t.Errorf("too many: %v %v", err, details(err))
	}
	for _, quantity := range []int64{0, -1} {
		if err := take(quantity); !errors.Is(err, catalog.ErrBadQuantity) {
			t.Errorf("%d: %v", quantity, err)
		}
	}
	receive := func(quantity int64) error {
		return ledger.Write(app, func(tx core.App) error {
			return catalog.Receive(tx, here.Id, product.Id, quantity, "count", "user", now)
		})
	}
	if err := receive(-3); !errors.Is(err, catalog.ErrOutOfStock) {
		t.Errorf("more lost than there was: %v", err)
	}
	if err := receive(catalog.MaxStock); !errors.Is(err, catalog.ErrBadQuantity) {
		t.Errorf("more than a place can count: %v", err)
	}
	if err := receive(0); !errors.Is(err, catalog.ErrBadQuantity) {
		t.Errorf("nothing: %v", err)
	}
	if err := receive(-2); err != nil {
		t.Error(err)
	}
	if err := take(1); !errors.Is(err, catalog.ErrOutOfStock) || details(err)["available"] != int64(0) {
		t.Errorf("an empty shelf: %v", err)
	}
	for _, statement := range []string{"UPDATE catalog_stock_moves SET change = 5", "DELETE FROM catalog_stock_moves", "UPDATE catalog_stock SET quantity = -1"} {
		if _, err := app.DB().NewQuery(statement).Execute(); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
}

// The prior price of an announced reduction, by the reference cases.
func TestPriorPriceCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/omnibus_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			ID       string
			History  [][2]any `json:"price_history"`
			Start    string   `json:"reduction_start"`
			Series   string   `json:"series_first_reduction"`
			Expected int64    `json:"expected_prior_cents"`
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) != 4 {
		t.Fatal(len(file.Cases), err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	day := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		at, err := time.ParseInLocation(time.DateOnly, text, paris)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range file.Cases {
		var history []catalog.PricePoint
		for _, point := range c.History {
			history = append(history, catalog.PricePoint{At: day(point[0].(string)), Price: ledger.Amount(point[1].(float64))})
		}
		if got, ok := catalog.PriorPrice(history, day(c.Start), day(c.Series), paris); !ok || got != ledger.Amount(c.Expected) {
			t.Errorf("%s: %d %v, want %d", c.ID, got, ok, c.Expected)
		}
	}
	// A flash price inside the window counts; the reduction itself does not; before the first sale there is none.
	history := []catalog.PricePoint{{At: day("2026-08-01"), Price: 1000}, {At: day("2026-09-15"), Price: 700}, {At: day("2026-09-16"), Price: 1000}, {At: day("2026-10-01"), Price: 600}}
	if got, ok := catalog.PriorPrice(history, day("2026-10-01"), time.Time{}, paris); !ok || got != 700 {
		t.Errorf("flash price: %d %v", got, ok)
	}
	if got, ok := catalog.PriorPrice(history, day("2026-08-01"), time.Time{}, paris); ok {
		t.Errorf("before the first sale: %d", got)
	}
	if got, ok := catalog.PriorPrice(history, day("2026-10-16"), time.Time{}, paris); !ok || got != 600 {
		t.Errorf("one instant before the flash price leaves the window: %d %v", got, ok)
	}
}

// The window opens with the first instant of its first local day, also where the clocks change at midnight: Havana
// skips it on 8 March 2026 and shows it twice on 1 November.
func TestPriorPriceWindowOpensAtClockChange(t *testing.T) {
	for _, c := range []struct{ zone, start, opens string }{
		{"America/Havana", "2026-04-07T16:00:00Z", "2026-03-08T05:00:00Z"},
		{"America/Havana", "2026-12-01T17:00:00Z", "2026-11-01T04:00:00Z"},
		{"America/Havana", "2026-07-31T16:00:00Z", "2026-07-01T04:00:00Z"},
		{"Europe/Paris", "2026-11-24T12:00:00Z", "2026-10-24T22:00:00Z"}, // the day of the change, and the next one
		{"Europe/Paris", "2026-11-25T12:00:00Z", "2026-10-25T23:00:00Z"},
		{"Europe/Paris", "2026-04-29T12:00:00Z", "2026-03-29T22:00:00Z"},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, _ := time.Parse(time.RFC3339, c.start)
		opens, _ := time.Parse(time.RFC3339, c.opens)
		for _, end := range []struct {
			at   time.Time
			want ledger.Amount
		}{{opens.Add(-time.Second), 1000}, {opens, 1000}, {opens.Add(time.Second), 700}} {
			history := []catalog.PricePoint{{At: opens.AddDate(0, -1, 0), Price: 700}, {At: end.at, Price: 1000}}
			if got, ok := catalog.PriorPrice(history, start, time.Time{}, loc); !ok || got != end.want {
				t.Errorf("%s, a price that ended at %s: %d %v, want %d", c.start, end.at, got, ok, end.want)
			}
		}
	}
}
