package demo_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/clouddb"
	"plaza.internal/plaza/internal/cloudfiles"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/payments"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/receipts"
	"plaza.internal/plaza/internal/sandbox"
	"plaza.internal/plaza/internal/triggers"
	miniprograms "plaza.internal/plaza/mini_programs"
)

// lawOf runs the program's own module of law in a real worker: each case is due()'s argument.
func lawOf(t *testing.T, cases []map[string]any) []map[string]any {
	t.Helper()
	modules := map[string]string{"index.js": `
		const { due } = require("./law")
		exports.main = ({ cases }) => cases.map((each) => { try { return due(each) } catch (error) { return { wrong: error.message } } })`}
	for _, name := range []string{"law.js", "paris.js"} {
		source, err := fs.ReadFile(miniprograms.Files, "city/cloudfunctions/city/"+name)
		if err != nil {
			t.Fatal(err)
		}
		modules[name] = string(source)
	}
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	t.Cleanup(pool.Close)
	event, err := json.Marshal(map[string]any{"cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	result, err := pool.Call(t.Context(), sandbox.Call{App: "city", Version: "1", Function: "law", Modules: modules, Event: event}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var answers []map[string]any
	if err := json.Unmarshal(result.Value, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// The reference cases, each by the module that the function runs.
func TestWhatAFineCosts(t *testing.T) {
	file, err := os.Open("testdata/fr_fines_due_cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head, rows := rows[0], rows[1:]
	var cases []map[string]any
	for _, row := range rows {
		cell := func(name string) string { return row[slices.Index(head, name)] }
		cases = append(cases, map[string]any{
			"class": cell("class"), "channel": cell("channel"), "notice_date": cell("notice_date"),
			"increased_date": cell("increased_notice_date"), "on": cell("payment_date_paris"),
		})
	}
	for i, got := range lawOf(t, cases) {
		tariff, amount := rows[i][slices.Index(head, "tariff")], rows[i][slices.Index(head, "amount_cents")]
		told := ""
		if cents, ok := got["amount"].(float64); ok {
			told = strconv.Itoa(int(cents))
		}
		if got["tariff"] != tariff || told != amount {
			t.Errorf("%v: %v %s, want %s %s", rows[i], got["tariff"], told, tariff, amount)
		}
	}
	if len(rows) < 84 {
		t.Errorf("%d cases", len(rows))
	}
}

// On every day of a year and a half, whatever the class and the channel: the amount holds until the day that is told
// and is the next one's the day after; it never falls while time passes, but when the increased notice brings its own
// discount; and what is overdue asks for nothing.
func TestTheTariffIsWhatItSaidItWouldBe(t *testing.T) {
	const span = 540
	first := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	day := func(n int) string { return first.AddDate(0, 0, n).Format(time.DateOnly) }
	for _, class := range []string{"1-pieton", "1", "2", "3", "4", "5"} {
		for _, channel := range []string{"tele", "other"} {
			for _, increased := range []int{0, 61, 200} {
				var cases []map[string]any
				for n := range span {
					one := map[string]any{"class": class, "channel": channel, "notice_date": day(0), "on": day(n), "handed": n%2 == 1 && channel == "tele"}
					if increased > 0 {
						one["increased_date"] = day(increased)
					}
					cases = append(cases, one)
				}
				holds(t, fmt.Sprint(class, " ", channel, " ", increased), lawOf(t, cases), day, increased)
			}
		}
	}
}

func holds(t *testing.T, name string, days []map[string]any, day func(int) string, increased int) {
	t.Helper()
	order := []string{"reduced", "standard", "overdue_not_yet_increased", "increased_minus20", "increased"}
	for n, today := range days[:len(days)-1] {
		tomorrow := days[n+1]
		rank, later := slices.Index(order, today["tariff"].(string)), slices.Index(order, tomorrow["tariff"].(string))
		if rank < 0 || later < rank {
			t.Fatalf("%s day %d: %v, then %v", name, n, today["tariff"], tomorrow["tariff"])
		}
		if (today["amount"] == nil) != (today["tariff"] == order[2]) {
			t.Fatalf("%s day %d: %v asks %v", name, n, today["tariff"], today["amount"])
		}
		next, _ := today["next"].(map[string]any)
		if changes := today["tariff"] != tomorrow["tariff"]; increased != n+1 && changes != (today["until"] == day(n)) {
			t.Fatalf("%s day %d: until %v, and %v becomes %v", name, n, today["until"], today["tariff"], tomorrow["tariff"])
		} else if changes && increased != n+1 && (next["from"] != day(n+1) || next["tariff"] != tomorrow["tariff"] || next["amount"] != tomorrow["amount"]) {
			t.Fatalf("%s day %d: next is %v, and then %v", name, n, next, tomorrow)
		}
	}
}

// What is no class, channel or date has no amount; a notice that was handed over has three days at the desk.
func TestTheLawRefusesNonsense(t *testing.T) {
	right := map[string]any{"class": "4", "channel": "other", "notice_date": "2026-02-10", "on": "2026-02-13", "handed": true}
	var cases []map[string]any
	for field, values := range map[string][]any{
		"class": {"6", "", nil, "toString", 4.5}, "channel": {"post", nil, "__proto__"}, "notice_date": {"2026-02-30", "10/02/2026", nil, 0, "2026-2-1"},
		"on": {"", "2026-02-13T10:00:00Z", nil}, "increased_date": {"soon", "2026-13-01"},
	} {
		for _, value := range values {
			one := maps.Clone(right)
			one[field] = value
			cases = append(cases, one)
		}
	}
	for i, answer := range lawOf(t, cases) {
		if answer["wrong"] == nil {
			t.Errorf("%v: %v", cases[i], answer)
		}
	}
	after := maps.Clone(right)
	after["on"] = "2026-02-14"
	online := maps.Clone(right)
	online["on"], online["channel"] = "2026-03-12", "tele"
	for i, answer := range lawOf(t, []map[string]any{right, after, online}) {
		if want := []string{"reduced", "standard", "reduced"}[i]; answer["tariff"] != want {
			t.Errorf("case %d: %v, want %s", i, answer, want)
		}
	}
}

// Days are those of Paris on any server: the instants around each change of clocks and around midnights.
func TestDaysAreThoseOfParis(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	source, err := fs.ReadFile(miniprograms.Files, "city/cloudfunctions/city/paris.js")
	if err != nil {
		t.Fatal(err)
	}
	var at []int64
	for year := 2024; year < 2032; year++ {
		for _, month := range []time.Month{3, 6, 10, 12} {
			for d := 20; d <= 31; d++ {
				for _, minute := range []int{-61, -60, -1, 0, 59, 60, 61, 119, 120, 121, 1320, 1380, 1439} {
					at = append(at, time.Date(year, month, d, 0, minute, 0, 0, time.UTC).UnixMilli())
				}
			}
		}
	}
	event, err := json.Marshal(map[string]any{"at": at})
	if err != nil {
		t.Fatal(err)
	}
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	t.Cleanup(pool.Close)
	result, err := pool.Call(t.Context(), sandbox.Call{App: "city", Version: "1", Function: "paris", Event: event, Modules: map[string]string{
		"paris.js": string(source), "index.js": `const p = require("./paris"); exports.main = ({ at }) => at.map((ms) => [p.dateOf(ms) + " " + p.timeOf(ms), p.instant(p.dateOf(ms))])`,
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var told [][2]any
	if err := json.Unmarshal(result.Value, &told); err != nil {
		t.Fatal(err)
	}
	for i, ms := range at {
		local := time.UnixMilli(ms).In(paris)
		y, m, d := local.Date()
		midnight := time.Date(y, m, d, 0, 0, 0, 0, paris).UnixMilli()
		if want := local.Format("2006-01-02 15:04"); told[i][0] != want || int64(told[i][1].(float64)) != midnight {
			t.Fatalf("%s is %v, want %s (midnight %d)", time.UnixMilli(ms).UTC(), told[i], want, midnight)
		}
	}
}

// town is a running house with the town's program, as its makers released it: a citizen, a neighbour, and the agency.
type town struct {
	core.App
	t                *testing.T
	client           *apptest.Client
	org              string
	ana, ben, agency *core.Record
	mu               sync.Mutex
	launches         map[string]string
}

// noon of a day in November, in Paris.
var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

func newTown(t *testing.T) *town {
	t.Helper()
	pool := sandbox.NewPool(sandbox.Options{Workers: 2})
	t.Cleanup(pool.Close)
	app := apptest.New(t, ledger.Register, func(app core.App) { programs.Register(app, nil, nil) }, bills.Register, logs.Register,
		clouddb.Register, func(app core.App) { programs.BeforeRelease(app, clouddb.Prepare) }, cloudfiles.Register, receipts.Register,
		func(app core.App) {
			calls := bridge.Register(app, pool)
			triggers.Register(app, func(ctx context.Context, app core.App, appid, function, source string, event json.RawMessage, now time.Time) error {
				_, err := calls.Run(ctx, app, bridge.Trigger{AppID: appid, Function: function, Source: source, Event: event}, now)
				return err
			})
		})
	clock.Set(app, noon)
	host, err := programs.Host(app)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	err = fs.WalkDir(miniprograms.Files, "city", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(miniprograms.Files, path)
		folder[path] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := programs.Seed(t.Context(), app, folder, host, noon); err != nil {
		t.Fatal(err)
	}
	town := &town{
		App: app, t: t, client: apptest.NewClient(t, app), org: host, launches: map[string]string{},
		ana: shop.Customer(t, app, "Ana", 2_000_00), ben: shop.Customer(t, app, "Ben", 2_000_00), agency: apptest.Person(t, app, "Agent"),
	}
	apptest.Record(t, app, "staff", map[string]any{"org": host, "user": town.agency.Id, "role": "manager"})
	return town
}

// asks calls the program's function as somebody does whose phone has it open; desk opens the agency's pages.
func (town *town) asks(who *core.Record, act string, more map[string]any) map[string]any {
	town.t.Helper()
	status, answer := town.tries(who, act, more)
	if status != 200 {
		town.t.Fatalf("%s: %d %v", act, status, answer)
	}
	return answer
}

func (town *town) tries(who *core.Record, act string, more map[string]any) (int, map[string]any) {
	town.t.Helper()
	event := map[string]any{"do": act, "language": "en"}
	maps.Copy(event, more)
	answer := town.client.Do("POST", "/api/mp/city/call/city", apptest.Token(town.t, who), map[string]any{"event": event},
		map[string]string{bridge.LaunchHeader: town.launch(who, strings.HasPrefix(act, "desk."))})
	result, _ := answer.JSON()["result"].(map[string]any)
	if answer.Status != 200 {
		return answer.Status, answer.Data()
	}
	return 200, result
}

// launch opens the program, again after a while: a launch does not last for ever.
func (town *town) launch(who *core.Record, desk bool) string {
	town.t.Helper()
	town.mu.Lock()
	defer town.mu.Unlock()
	now := clock.Now(town)
	key := fmt.Sprint(who.Id, desk, now.Unix()/1800)
	if town.launches[key] == "" {
		launched, err := programs.Launch(town.App, who, "city", programs.Opening{Desk: desk}, now)
		if err != nil {
			town.t.Fatal(err)
		}
		town.launches[key] = launched.Token
	}
	return town.launches[key]
}

// wants is the code of a refusal that the function answers with; "" for none.
func (town *town) wants(code string, answer map[string]any) {
	town.t.Helper()
	if got, _ := answer["error"].(string); got != code {
		town.t.Errorf("answered %v, want %q", answer, code)
	}
}

// imports lays down one notice of class 4, its key CLE4, dated so many days before today in Paris.
func (town *town) imports(number, plate string, age int) {
	town.t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		town.t.Fatal(err)
	}
	date := clock.Now(town).In(paris).AddDate(0, 0, -age).Format(time.DateOnly)
	text := "number,plate,key,offence,notice_date,place\n" + number + "," + plate + ",CLE4,STOP," + date + ",1 rue du Pont\n"
	answer := town.asks(town.agency, "desk.load", map[string]any{"into": "notices", "text": text, "dry": false})
	if answer["added"] != 1.0 {
		town.t.Fatalf("import: %v", answer)
	}
}

func (town *town) opens(who *core.Record, number string) map[string]any {
	town.t.Helper()
	return town.asks(who, "find", map[string]any{"number": number, "key": "CLE4"})
}

// begins is an attempt to pay, with its bill.
func (town *town) begins(who *core.Record, number string) (reference, bill string, amount float64) {
	town.t.Helper()
	answer := town.asks(who, "pay", map[string]any{"number": number})
	town.wants("", answer)
	reference, _ = answer["reference"].(string)
	pack, _ := answer["package"].(string)
	amount, _ = answer["amount"].(float64)
	return reference, strings.TrimPrefix(pack, bills.PackagePrefix), amount
}

func (town *town) pays(who *core.Record, bill string) error {
	_, err := bills.Pay(town.App, who, bill, payments.FromWallet, clock.Now(town))
	return err
}

// events delivers what is due: the hooks among it.
func (town *town) events() {
	town.t.Helper()
	for range 3 {
		if _, err := jobs.RunDue(town.App, clock.Now(town)); err != nil {
			town.t.Fatal(err)
		}
	}
}

func (town *town) state(who *core.Record, number string) any {
	town.t.Helper()
	return town.asks(who, "notice", map[string]any{"number": number})["state"]
}

func (town *town) purse(who *core.Record) ledger.Amount { return shop.Purse(town.t, town.App, who) }

func (town *town) sound() {
	town.t.Helper()
	if proof, err := ledger.Verify(town.App); err != nil || !proof.Sound {
		town.t.Errorf("the ledger: %v %+v", err, proof)
	}
}

// A notice is found by its letter, costs what the law says, is paid once, and its receipt is there whether the page
// came back or the hook told it.
func TestANoticeIsPaid(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0001", "AB-123-CD", 30) // the last reduced day
	found := town.opens(town.ana, "demo 0001")
	due, _ := found["due"].(map[string]any)
	next, _ := due["next"].(map[string]any)
	if due["tariff"] != "reduced" || due["amount"] != 9000.0 || due["until"] != "2026-11-25" || next["from"] != "2026-11-26" || next["amount"] != 13500.0 {
		t.Fatalf("due %v", due)
	}
	reference, bill, amount := town.begins(town.ana, "DEMO0001")
	again, same, _ := town.begins(town.ana, "DEMO0001")
	if amount != 9000 || again != reference || same != bill {
		t.Errorf("%s %s %v, and again %s %s", reference, bill, amount, again, same)
	}
	if err := town.pays(town.ana, bill); err != nil {
		t.Fatal(err)
	}
	told := town.asks(town.ana, "confirm", map[string]any{"reference": reference})
	receipt, _ := told["receipt"].(map[string]any)
	if told["state"] != "paid" || receipt["number"] == nil || receipt["number"] == "" {
		t.Fatalf("confirmed: %v", told)
	}
	town.events()
	after := town.asks(town.ana, "receipt", map[string]any{"reference": reference})
	if kept, _ := after["receipt"].(map[string]any); kept["number"] != receipt["number"] || kept["pdf"] == "" || !strings.Contains(fmt.Sprint(kept["url"]), "/verify#") {
		t.Errorf("receipt: %v", after)
	}
	if town.state(town.ana, "DEMO0001") != "paid" || town.purse(town.ana) != 2_000_00-90_00 {
		t.Errorf("%v, purse %d", town.state(town.ana, "DEMO0001"), town.purse(town.ana))
	}
	town.wants("not_payable", town.asks(town.ana, "pay", map[string]any{"number": "DEMO0001"}))
	town.wants("not_contestable", town.asks(town.ana, "contest", map[string]any{"number": "DEMO0001", "reason": "other", "text": "I was not even there that day."}))
	// Nobody else sees whose receipt it is, nor the notice without its letter.
	town.wants("not_found", town.asks(town.ben, "receipt", map[string]any{"reference": reference}))
	town.wants("not_found", town.asks(town.ben, "notice", map[string]any{"number": "DEMO0001"}))
	town.sound()
}

// The page was closed, so only the hook tells; told again and again it changes nothing.
func TestTheHookAloneSettles(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0002", "AB-124-CD", 5)
	town.opens(town.ana, "DEMO0002")
	_, bill, _ := town.begins(town.ana, "DEMO0002")
	if err := town.pays(town.ana, bill); err != nil {
		t.Fatal(err)
	}
	town.events()
	if count, err := town.CountRecords("bills"); err != nil || count != 1 {
		t.Errorf("%d bills %v", count, err)
	}
	// A page cannot pretend to be an event.
	town.wants("no_such_act", town.asks(town.ben, "", map[string]any{"type": "payment.paid", "data": map[string]any{"reference": "fine-DEMO0002-1"}}))
	view := town.asks(town.agency, "desk.notice", map[string]any{"number": "DEMO0002"})
	paid, _ := view["payments"].([]any)
	if len(paid) != 1 || paid[0].(map[string]any)["state"] != "paid" || paid[0].(map[string]any)["receipt"] == "" {
		t.Errorf("the desk sees %v", view)
	}
}
