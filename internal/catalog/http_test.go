package catalog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
)

// market is a shop over HTTP with somebody in each role, and a stranger who owns another shop.
type market struct {
	app             core.App
	org, other      *core.Record
	place           *core.Record
	spread, foreign *core.Record
	client          *apptest.Client
	tokens          map[string]string
}

func newMarket(t *testing.T) *market {
	t.Helper()
	app := apptest.New(t, ledger.Register, identity.Register, catalog.Register)
	m := &market{app: app, org: apptest.Org(t, app, "shop"), other: apptest.Org(t, app, "other"), tokens: map[string]string{"guest": ""}}
	m.place = apptest.Place(t, app, m.org, "here")
	for _, who := range []string{"owner", "manager", "cashier", "stranger"} {
		user := apptest.Person(t, app, who)
		if who == "stranger" {
			apptest.Staff(t, app, m.other, user, "owner")
		} else {
			apptest.Staff(t, app, m.org, user, who)
		}
		m.tokens[who] = apptest.Token(t, user)
	}
	m.spread = apptest.Product(t, app, m.org, nutella, "Spread", 399, nil)
	m.foreign = apptest.Product(t, app, m.other, water, "Water", 99, nil)
	m.client = apptest.NewClient(t, app)
	return m
}

func (m *market) report(t *testing.T, query, text string) catalog.Report {
	t.Helper()
	var report catalog.Report
	answer := m.client.Must(200, "POST", "/api/catalog/"+m.org.Id+"/import"+query, m.tokens["manager"], text, map[string]string{"Content-Type": "text/csv"})
	if err := json.Unmarshal(answer.Body, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func codes(report catalog.Report) string {
	out := []string{}
	for _, e := range report.Errors {
		out = append(out, fmt.Sprintf("%d %s %s", e.Row, e.Field, e.Code))
	}
	return strings.Join(out, "; ")
}

// Who may see and write which product. What is archived only the staff sees.
func TestWhoMayWriteProducts(t *testing.T) {
	m := newMarket(t)
	path := "/api/collections/products/records"
	archived := apptest.Product(t, m.app, m.org, "00000096385074", "Old", 100, map[string]any{"archived": true})
	for who, seen := range map[string]int64{"owner": 3, "manager": 3, "cashier": 3, "stranger": 2, "guest": 2} {
		if got := m.client.Must(200, "GET", path, m.tokens[who], nil).Number("totalItems"); got != seen {
			t.Errorf("%s sees %d, want %d", who, got, seen)
		}
		status := map[bool]int{true: 200, false: 404}[seen == 3]
		m.client.Must(status, "GET", path+"/"+archived.Id, m.tokens[who], nil)
	}
	gtins := map[string]string{"owner": "2112345015002", "manager": "2154321000053", "cashier": "2154321010052", "stranger": "2300001000015", "guest": "2300001012346"}
	for who, status := range map[string]int{"owner": 200, "manager": 200, "cashier": 400, "stranger": 400, "guest": 400} {
		body := map[string]any{"org": m.org.Id, "gtin": gtins[who], "name": who, "price": 5, "priced_at": "2001-01-01 00:00:00Z"}
		answer := m.client.Do("POST", path, m.tokens[who], body)
		if answer.Status != status {
			t.Errorf("%s creates: %d %s", who, answer.Status, answer.Body)
		}
		if status == 200 && (answer.Text("gtin") != "0"+gtins[who] || answer.Text("currency") != "EUR" || strings.HasPrefix(answer.Text("priced_at"), "2001")) {
			t.Errorf("%s created %s", who, answer.Body)
		}
		status = map[int]int{200: 200, 400: 404}[status]
		if answer := m.client.Do("PATCH", path+"/"+m.spread.Id, m.tokens[who], map[string]any{"price": 100 + len(who)}); answer.Status != status {
			t.Errorf("%s updates: %d %s", who, answer.Status, answer.Body)
		}
		if answer := m.client.Do("DELETE", path+"/"+m.spread.Id, m.tokens[who], nil); answer.Status != 403 {
			t.Errorf("%s deletes: %d", who, answer.Status)
		}
	}
	m.client.Must(404, "PATCH", path+"/"+m.spread.Id, m.tokens["owner"], map[string]any{"org": m.other.Id})
	var lines int
	err := m.app.DB().NewQuery("SELECT COUNT(*) FROM ledger_audit WHERE act = 'catalog.price' AND actor <> ''").Row(&lines)
	if err != nil || lines != 4 {
		t.Errorf("%d audit lines, want 4 (%v)", lines, err)
	}
}

// A refused product says which field and why, with a code that does not change.
func TestProductRefusalsNameTheField(t *testing.T) {
	m := newMarket(t)
	good := map[string]any{"org": m.org.Id, "gtin": "96385074", "name": "Gum", "price": 100}
	for _, c := range []struct {
		field string
		value any
		code  string
	}{
		{"gtin", "96385075", "bad_check_digit"},
		{"gtin", "12", "not_a_gtin"},
		{"gtin", "", "not_a_gtin"},
		{"price", 0, "bad_price"},
		{"price", -3, "bad_price"},
		{"price", 1.5, "bad_price"},
		{"price", 1e20, "bad_price"},
		{"currency", "USD", "wrong_currency"},
	} {
		body := map[string]any{}
		for key, value := range good {
			body[key] = value
		}
		body[c.field] = c.value
		answer := m.client.Do("POST", "/api/collections/products/records", m.tokens["owner"], body)
		field, _ := answer.Data()[c.field].(map[string]any)
		if answer.Status != 400 || answer.Code() != c.code || field["message"] == "" || field["code"] != c.code {
			t.Errorf("%s %v: %d %s", c.field, c.value, answer.Status, answer.Body)
		}
	}
	good["gtin"] = "3017620422003"
	if answer := m.client.Do("POST", "/api/collections/products/records", m.tokens["owner"], good); answer.Status != 400 {
		t.Errorf("the same code twice: %d %s", answer.Status, answer.Body)
	}
}

// Prices change all together or not at all, once per key.
func TestBulkPrices(t *testing.T) {
	m := newMarket(t)
	path := "/api/catalog/" + m.org.Id + "/prices"
	gum := apptest.Product(t, m.app, m.org, "00000096385074", "Gum", 100, nil)
	items := func(changes ...catalog.PriceChange) map[string]any { return map[string]any{"items": changes} }
	both := items(catalog.PriceChange{Product: m.spread.Id, Price: 350}, catalog.PriceChange{Product: gum.Id, Price: 100})
	key := map[string]string{"Idempotency-Key": "prices-1"}
	for range 2 {
		answer := m.client.Must(200, "POST", path, m.tokens["manager"], both, key)
		if answer.Number("changed") != 1 || answer.Number("unchanged") != 1 {
			t.Errorf("answer %s", answer.Body)
		}
	}
	if history, err := catalog.PriceHistory(m.app, m.spread.Id); err != nil || len(history) != 2 || history[1].Price != 350 {
		t.Errorf("history %v %v", history, err)
	}
	many := make([]catalog.PriceChange, 1001)
	for _, c := range []struct {
		who, code string
		body      any
	}{
		{"owner", "unknown_product", items(catalog.PriceChange{Product: gum.Id, Price: 1}, catalog.PriceChange{Product: m.foreign.Id, Price: 1})},
		{"owner", "bad_price", items(catalog.PriceChange{Product: gum.Id, Price: 1}, catalog.PriceChange{Product: m.spread.Id, Price: 0})},
		{"owner", "too_many_items", items(many...)},
		{"owner", "bad_body", "{"},
		{"cashier", "role_required", both},
		{"stranger", "not_staff", both},
		{"guest", "sign_in_required", both},
	} {
		if answer := m.client.Do("POST", path, m.tokens[c.who], c.body); answer.Code() != c.code {
			t.Errorf("%s: %d %s, want %s", c.who, answer.Status, answer.Body, c.code)
		}
	}
	for id, want := range map[string]ledger.Amount{m.spread.Id: 350, gum.Id: 100, m.foreign.Id: 99} {
		if product, err := catalog.ByID(m.app, id); err != nil || product.Price != want {
			t.Errorf("%s costs %d, want %d (%v)", product.Name, product.Price, want, err)
		}
	}
}

// Goods that arrive are counted from then on; only the staff sees how many there are.
func TestStockRouteAndView(t *testing.T) {
	m := newMarket(t)
	path := "/api/catalog/" + m.org.Id + "/stock"
	body := map[string]any{"place": m.place.Id, "product": m.spread.Id, "quantity": 12, "reason": "delivery"}
	key := map[string]string{"Idempotency-Key": "pallet-1"}
	for range 2 {
		if got := m.client.Must(200, "POST", path, m.tokens["owner"], body, key).Number("quantity"); got != 12 {
			t.Errorf("%d units", got)
		}
	}
	elsewhere := apptest.Place(t, m.app, m.other, "elsewhere")
	for _, c := range []struct {
		who, code string
		change    map[string]any
	}{
		{"owner", "unknown_place", map[string]any{"place": elsewhere.Id}},
		{"owner", "unknown_product", map[string]any{"product": m.foreign.Id}},
		{"owner", "bad_quantity", map[string]any{"quantity": 0}},
		{"owner", "out_of_stock", map[string]any{"quantity": -13}},
		{"owner", "bad_quantity", map[string]any{"reason": strings.Repeat("x", 201)}},
		{"cashier", "role_required", nil},
		{"stranger", "not_staff", nil},
		{"guest", "sign_in_required", nil},
	} {
		send := map[string]any{}
		for k, v := range body {
			send[k] = v
		}
		for k, v := range c.change {
			send[k] = v
		}
		if answer := m.client.Do("POST", path, m.tokens[c.who], send); answer.Code() != c.code {
			t.Errorf("%s %v: %d %s", c.who, c.change, answer.Status, answer.Body)
		}
	}
	for who, seen := range map[string]int64{"owner": 1, "manager": 1, "cashier": 1, "stranger": 0, "guest": 0} {
		answer := m.client.Must(200, "GET", "/api/collections/stock/records?expand=product,place", m.tokens[who], nil)
		if answer.Number("totalItems") != seen {
			t.Errorf("%s sees %s", who, answer.Body)
		}
		if seen == 1 && (!strings.Contains(string(answer.Body), `"quantity":12`) || !strings.Contains(string(answer.Body), `"name":"Spread"`) || !strings.Contains(string(answer.Body), m.org.Id)) {
			t.Errorf("%s sees %s", who, answer.Body)
		}
	}
}

// A file as spreadsheets write it: a mark at the start, semicolons, columns in any order, one that we do not know.
func TestImport(t *testing.T) {
	m := newMarket(t)
	file := "\ufeffName;GTIN;Price;Colour;vat_bp\r\n" +
		"\"Spread; 400 g\";3017620422003;449;brown;550\r\n" +
		"Eau 水;3274080005003;99;;\r\n" +
		"Gum;96385074;100;;2000\r\n"
	for _, step := range []struct {
		query                       string
		created, updated, unchanged int
	}{{"?dry_run=1", 2, 1, 0}, {"", 2, 1, 0}, {"", 0, 0, 3}, {"?dry_run=true", 0, 0, 3}} {
		report := m.report(t, step.query, file)
		if report.Rows != 3 || report.Created != step.created || report.Updated != step.updated || report.Unchanged != step.unchanged ||
			report.DryRun != (step.query != "") || len(report.Errors) != 0 || len(report.Ignored) != 1 || report.Ignored[0] != "colour" {
			t.Errorf("%q: %+v", step.query, report)
		}
	}
	eau, err := catalog.ByBarcode(m.app, m.org.Id, water)
	if err != nil || eau.Name != "Eau 水" || eau.Price != 99 || eau.Currency != "EUR" || eau.VATBasisPoints != 0 {
		t.Errorf("%+v %v", eau, err)
	}
	spread, err := catalog.ByBarcode(m.app, m.org.Id, nutella)
	if err != nil || spread.ID != m.spread.Id || spread.Name != "Spread; 400 g" || spread.Price != 449 {
		t.Errorf("%+v %v", spread, err)
	}
	if history, err := catalog.PriceHistory(m.app, spread.ID); err != nil || len(history) != 2 {
		t.Errorf("history %v %v", history, err)
	}
	if foreign, err := catalog.ByBarcode(m.app, m.other.Id, water); err != nil || foreign.Name != "Water" {
		t.Errorf("another shop's product: %+v %v", foreign, err)
	}
}

// Rows that are wrong are left out and named, with the field and why; the others go in.
func TestImportReportsBadRows(t *testing.T) {
	m := newMarket(t)
	long := strings.Repeat("x", 1_000_000)
	file := "gtin,name,price,currency,min_age,archived\n" +
		"3274080005003,Water,99,EUR,,\n" + // 2: good
		"3274080005004,Water,99,,,\n" + // 3: check digit
		"3.27408E+12,Water,99,,,\n" + // 4: a spreadsheet's number
		"96385074," + long + ",99,,,\n" + // 5: a field of a million characters
		"2112345015002,,0,USD,x,maybe\n" + // 6: everything
		"2154321000053,Fish,1.50,,,\n" + // 7: not minor units
		"2154321010052,Meat,500,USD,,\n" + // 8: another currency
		"2300001000015,Bread,120,,,\n" + // 9: doubled
		"2300001000015,Bread,130,,,\n" + // 10: doubled
		"2300001012346,Cake\n" + // 11: too few fields
		"8076809513753,\"two\nlines\",99,,,\n" + // 12: a line break
		"8076809513753,Pasta,99,,18,yes\n" // 13: good
	report := m.report(t, "", file)
	want := "3 gtin bad_check_digit; 4 gtin not_a_gtin; 5 name too_long; " +
		"6 currency wrong; 7 price bad_number; 8 currency wrong_currency; 9 gtin duplicate_gtin; 10 gtin duplicate_gtin; 11  field_count; 12 name control_character"
	got := codes(report)
	six := "6 min_age bad_number; 6 price bad_number; 6 name missing; 6 archived bad_flag; "
	if got != strings.Replace(want, "6 currency wrong; ", six, 1) {
		t.Errorf("got  %s", got)
	}
	if report.Rows != 12 || report.Created != 2 || report.Failed != 10 {
		t.Errorf("%d rows, %d created, %d failed", report.Rows, report.Created, report.Failed)
	}
	if !strings.Contains(report.Errors[1].Message, "spreadsheet") {
		t.Errorf("row 4: %s", report.Errors[1].Message)
	}
	for _, gtin := range []string{"2300001000015", "2154321010052", "96385074"} {
		if _, err := catalog.ByBarcode(m.app, m.org.Id, gtin); !errors.Is(err, catalog.ErrUnknownProduct) {
			t.Errorf("%s went in: %v", gtin, err)
		}
	}
}

// A file that is broken as a whole is refused before anything of it is used.
func TestImportRefusesBrokenFiles(t *testing.T) {
	m := newMarket(t)
	rows := strings.Repeat("96385074,Gum,1\n", catalog.MaxImportRows+1)
	for problem, file := range map[string]string{
		"not_utf8":       "gtin,name,price\n3274080005003,Water,99\n96385074,Caf\xe9,100\n",
		"no_header":      "",
		"missing_column": "gtin,name\n3274080005003,Water\n",
		"doubled_column": "gtin,name,price,Name\n3274080005003,Water,99,Eau\n",
		"broken_quotes":  "gtin,name,price\n3274080005003,Water,99\n96385074,\"Gum,100\n",
		"too_many_rows":  "gtin,name,price\n" + rows,
	} {
		answer := m.client.Do("POST", "/api/catalog/"+m.org.Id+"/import", m.tokens["owner"], file)
		if answer.Status != 400 || answer.Code() != "bad_csv" || answer.Data()["problem"] != problem {
			t.Errorf("%s: %d %s", problem, answer.Status, answer.Body)
		}
		if problem == "not_utf8" && answer.Data()["line"] != 3.0 {
			t.Errorf("%s: %s", problem, answer.Body)
		}
	}
	half := "gtin,name,price\n96385074," + strings.Repeat("é", 40_000) + "\xc3" // a character cut off at the end
	if answer := m.client.Do("POST", "/api/catalog/"+m.org.Id+"/import", m.tokens["owner"], half); answer.Data()["problem"] != "not_utf8" {
		t.Errorf("cut off: %d %s", answer.Status, answer.Body)
	}
	huge := "gtin,name,price\n" + strings.Repeat("x", catalog.MaxImportBytes)
	if answer := m.client.Do("POST", "/api/catalog/"+m.org.Id+"/import", m.tokens["owner"], huge); answer.Status != 413 || answer.Code() != "body_too_large" {
		t.Errorf("too large: %d %s", answer.Status, answer.Body)
	}
	for who, code := range map[string]string{"cashier": "role_required", "stranger": "not_staff", "guest": "sign_in_required"} {
		if answer := m.client.Do("POST", "/api/catalog/"+m.org.Id+"/import", m.tokens[who], "gtin,name,price\n"); answer.Code() != code {
			t.Errorf("%s: %d %s", who, answer.Status, answer.Body)
		}
	}
	if count, err := m.app.CountRecords("products"); err != nil || count != 2 {
		t.Errorf("%d products, %v", count, err)
	}
}

// What goes out comes back as it was, and no cell of it is a formula to a spreadsheet.
func TestExportComesBack(t *testing.T) {
	m := newMarket(t)
	names := []string{"=1+1", "+33 1", "-5 °C", "@SUM(A1)", "'quoted", `say "hi", then go`, "plain"}
	for i, name := range names {
		digits := fmt.Sprintf("0400%09d", i)
		for check := range 10 {
			if gtin, err := catalog.ParseGTIN(digits + fmt.Sprint(check)); err == nil {
				apptest.Product(t, m.app, m.org, gtin, name, int64(100+i), map[string]any{"brand": "B", "archived": i == 6})
			}
		}
	}
	answer := m.client.Must(200, "GET", "/api/catalog/"+m.org.Id+"/export.csv", m.tokens["cashier"], nil)
	if !bytes.HasPrefix(answer.Body, []byte("\xef\xbb\xbfgtin,name,")) || answer.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%q", answer.Body[:40])
	}
	if bytes.Contains(answer.Body, []byte(",=")) || bytes.Contains(answer.Body, []byte(",@")) || bytes.Contains(answer.Body, []byte("Water")) {
		t.Errorf("%s", answer.Body)
	}
	report := m.report(t, "?dry_run=1", string(answer.Body))
	if report.Rows != 8 || report.Unchanged != 8 || len(report.Errors) != 0 {
		t.Errorf("%+v", report)
	}
	for who, code := range map[string]string{"stranger": "not_staff", "guest": "sign_in_required"} {
		if answer := m.client.Do("GET", "/api/catalog/"+m.org.Id+"/export.csv", m.tokens[who], nil); answer.Code() != code {
			t.Errorf("%s: %d %s", who, answer.Status, answer.Body)
		}
	}
}

// A large file goes in by batches and goes out by pages, each row once.
func TestALargeCatalogue(t *testing.T) {
	m := newMarket(t)
	var file strings.Builder
	file.WriteString("gtin,name,price\n")
	for i := range 1200 {
		digits := fmt.Sprintf("0400%09d", i)
		for check := range 10 {
			if gtin, err := catalog.ParseGTIN(digits + fmt.Sprint(check)); err == nil {
				fmt.Fprintf(&file, "%s,Product %d,%d\n", gtin, i, 100+i)
			}
		}
	}
	report, err := catalog.Import(m.app, m.org.Id, strings.NewReader(file.String()), false, "user", clock.Now(m.app))
	if err != nil || report.Created != 1200 {
		t.Fatalf("%+v %v", report, err)
	}
	var out bytes.Buffer
	if err := catalog.Export(m.app, m.org.Id, &out); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1202 {
		t.Errorf("%d lines, %v", bytes.Count(out.Bytes(), []byte("\n")), err)
	}
	if proof, err := ledger.Verify(m.app); err != nil {
		t.Errorf("%+v %v", proof, err)
	}
}
