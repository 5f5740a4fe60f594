package demo_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
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
		if desk && errors.Is(err, programs.ErrDeskStaff) { // whoever is not staff tries it without
			launched, err = programs.Launch(town.App, who, "city", programs.Opening{}, now)
		}
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
	if kept, _ := after["receipt"].(map[string]any); kept["number"] != receipt["number"] || kept["file"] == "" || !strings.Contains(fmt.Sprint(kept["url"]), "/verify#") {
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

// The last reduced day ends at midnight in Paris, which a server in UTC passes an hour later. Who began to pay before it
// pays the reduced amount for a quarter of an hour, and no longer.
func TestTheLastReducedDayEndsInParis(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0003", "AB-125-CD", 30)
	late := time.Date(2026, 11, 25, 22, 59, 0, 0, time.UTC) // 23:59 in Paris
	clock.Set(town, late)
	town.opens(town.ana, "DEMO0003")
	town.opens(town.ben, "DEMO0003")
	reference, bill, amount := town.begins(town.ana, "DEMO0003")
	if amount != 9000 {
		t.Fatalf("at 23:59 it is %v", amount)
	}
	clock.Set(town, late.Add(10*time.Minute)) // 0:09 in Paris, still the 25th in UTC
	view := town.asks(town.ana, "notice", map[string]any{"number": "DEMO0003"})
	due, _ := view["due"].(map[string]any)
	frozen, _ := view["frozen"].(map[string]any)
	if due["tariff"] != "standard" || due["amount"] != 13500.0 || frozen["amount"] != 9000.0 {
		t.Errorf("after midnight: due %v, frozen %v", due, frozen)
	}
	if _, _, other := town.begins(town.ben, "DEMO0003"); other != 13500 {
		t.Errorf("who begins after midnight pays %v", other)
	}
	again, same, amount := town.begins(town.ana, "DEMO0003")
	if again != reference || same != bill || amount != 9000 {
		t.Errorf("going on: %s %s %v", again, same, amount)
	}
	clock.Set(town, late.Add(14*time.Minute+50*time.Second))
	if err := town.pays(town.ana, bill); err != nil {
		t.Fatal(err)
	}
	clock.Set(town, late.Add(40*time.Minute))
	town.events()
	paid, _ := town.asks(town.ana, "notice", map[string]any{"number": "DEMO0003"})["paid"].(map[string]any)
	if paid["amount"] != 9000.0 || paid["tariff"] != "reduced" {
		t.Errorf("paid %v", paid)
	}
	town.sound()
}

// A quarter of an hour later the bill is dead, and a new attempt asks for the amount of its own day.
func TestTheFreezeEnds(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0004", "AB-126-CD", 30)
	late := time.Date(2026, 11, 25, 22, 50, 0, 0, time.UTC)
	clock.Set(town, late)
	town.opens(town.ana, "DEMO0004")
	first, bill, _ := town.begins(town.ana, "DEMO0004")
	clock.Set(town, late.Add(15*time.Minute+time.Second))
	if err := town.pays(town.ana, bill); err == nil {
		t.Error("a dead bill was paid")
	}
	second, _, amount := town.begins(town.ana, "DEMO0004")
	if second == first || amount != 13500 {
		t.Errorf("%s then %s, %v", first, second, amount)
	}
	// The hourly round closes what nobody paid.
	clock.Set(town, late.Add(2*time.Hour))
	town.events()
	table := town.asks(town.agency, "desk.payments", map[string]any{"filter": "all"})
	if table["total"] != 2.0 {
		t.Errorf("the table has %v", table)
	}
	for _, each := range table["rows"].([]any) {
		if state := each.(map[string]any)["state"]; state != "closed" {
			t.Errorf("an attempt is %v", state)
		}
	}
}

// Two people have the letter and pay at once: one has paid the notice, the other's money is back, once, however often
// and in whatever order the events come and the pages ask.
func TestAFineIsPaidTwiceAtOnce(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0005", "AB-127-CD", 3)
	who := []*core.Record{town.ana, town.ben}
	references := make([]string, 2)
	paying := make([]string, 2)
	for i, person := range who {
		town.opens(person, "DEMO0005")
		references[i], paying[i], _ = town.begins(person, "DEMO0005")
	}
	if references[0] == references[1] {
		t.Fatal("one attempt of two people")
	}
	var all sync.WaitGroup
	for i, person := range who {
		all.Go(func() {
			if err := town.pays(person, paying[i]); err != nil {
				t.Error(err)
			}
			for range 3 {
				town.tries(person, "confirm", map[string]any{"reference": references[i]})
			}
		})
	}
	all.Wait()
	for range 2 {
		town.events()
	}
	states := []string{}
	for i, person := range who {
		told := town.asks(person, "confirm", map[string]any{"reference": references[i]})
		states = append(states, told["state"].(string))
		if receipt := told["receipt"]; (told["state"] == "paid") != (receipt != nil) {
			t.Errorf("%v has the receipt %v", told["state"], receipt)
		}
	}
	slices.Sort(states)
	if !slices.Equal(states, []string{"paid", "returned"}) {
		t.Errorf("states %v", states)
	}
	if sum := town.purse(town.ana) + town.purse(town.ben); sum != 2*2_000_00-90_00 {
		t.Errorf("they have %d together", sum)
	}
	var refunds int
	if err := town.DB().NewQuery("SELECT count(*) FROM bills_refunds").Row(&refunds); err != nil || refunds != 1 {
		t.Errorf("%d refunds %v", refunds, err)
	}
	town.sound()
}

// A contest stops the clock: nothing can be paid, and what is paid in that very moment goes back. Dismissed, the periods
// begin anew; upheld, there is nothing to pay. Whoever has paid cannot contest any more.
func TestPaidWhileContested(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0006", "AB-128-CD", 40)
	town.opens(town.ana, "DEMO0006")
	town.opens(town.ben, "DEMO0006")
	// Ben's sheet is open and pays, but nobody has told the program when Ana contests; so the contest finds it paid.
	_, bill, _ := town.begins(town.ben, "DEMO0006")
	if err := town.pays(town.ben, bill); err != nil {
		t.Fatal(err)
	}
	contest := map[string]any{"number": "DEMO0006", "reason": "sold", "text": "It was sold to somebody in Lyon in May."}
	town.wants("not_contestable", town.asks(town.ana, "contest", contest))

	town.imports("DEMO0007", "AB-129-CD", 40)
	town.opens(town.ana, "DEMO0007")
	town.opens(town.ben, "DEMO0007")
	_, bill, _ = town.begins(town.ben, "DEMO0007")
	contest["number"] = "DEMO0007"
	for _, bad := range []map[string]any{{"reason": "because"}, {"text": "short"}, {"text": strings.Repeat("x", 2_001)}} {
		wrong := maps.Clone(contest)
		maps.Copy(wrong, bad)
		town.wants("bad_field", town.asks(town.ana, "contest", wrong))
	}
	view := town.asks(town.ana, "contest", contest)
	if view["state"] != "contested" || view["due"] != nil {
		t.Errorf("contested: %v", view)
	}
	if err := town.pays(town.ben, bill); err == nil {
		t.Error("Ben paid what is contested")
	}
	town.wants("not_payable", town.asks(town.ana, "pay", map[string]any{"number": "DEMO0007"}))
	town.wants("not_contestable", town.asks(town.ben, "contest", contest))
	if contested, _ := town.asks(town.ben, "notice", map[string]any{"number": "DEMO0007"})["contested"].(map[string]any); contested["text"] != nil {
		t.Errorf("Ben reads Ana's words: %v", contested)
	}
	// The clock stands still for a month; dismissed, it begins anew.
	clock.Set(town, noon.Add(30*24*time.Hour))
	open := town.asks(town.agency, "desk.contests", map[string]any{"filter": "open"})
	id := open["rows"].([]any)[0].(map[string]any)["id"]
	town.wants("not_staff", town.asks(town.ana, "desk.decide", map[string]any{"id": id, "uphold": true, "answer": "Mine"}))
}

// What is decided about contests, by whom it may be.
func TestContestsAreDecided(t *testing.T) {
	town := newTown(t)
	for i, number := range []string{"DEMO0008", "DEMO0009"} {
		town.imports(number, "AB-13"+strconv.Itoa(i)+"-CD", 40)
		town.opens(town.ana, number)
		town.wants("", town.asks(town.ana, "contest", map[string]any{"number": number, "reason": "error", "text": "The sign was behind a tree, see the picture."}))
	}
	later := noon.Add(30 * 24 * time.Hour)
	clock.Set(town, later)
	open := town.asks(town.agency, "desk.contests", map[string]any{"filter": "open"})["rows"].([]any)
	for i, row := range open {
		id := row.(map[string]any)["id"]
		town.wants("bad_field", town.asks(town.agency, "desk.decide", map[string]any{"id": id, "uphold": i == 0, "answer": " "}))
		town.wants("", town.asks(town.agency, "desk.decide", map[string]any{"id": id, "uphold": i == 0, "answer": "We have looked at it."}))
		town.wants("decided", town.asks(town.agency, "desk.decide", map[string]any{"id": id, "uphold": true, "answer": "Twice"}))
	}
	upheld := open[0].(map[string]any)["number"].(string)
	dismissed := open[1].(map[string]any)["number"].(string)
	if state := town.state(town.ana, upheld); state != "cancelled" {
		t.Errorf("upheld is %v", state)
	}
	town.wants("not_cancelled", town.asks(town.agency, "desk.reopen", map[string]any{"number": upheld}))
	view := town.asks(town.ana, "notice", map[string]any{"number": dismissed})
	due, _ := view["due"].(map[string]any)
	answered, _ := view["contested"].(map[string]any)
	if due["tariff"] != "reduced" || due["until"] != "2027-01-24" || answered["answer"] != "We have looked at it." {
		t.Errorf("dismissed: %v %v", due, answered)
	}
	town.wants("contest_too_late", town.asks(town.ana, "contest", map[string]any{"number": dismissed, "reason": "error", "text": "The sign was behind a tree, once more."}))
}

// A cancellation closes what people have open, gives back what came in that moment, and can be taken back.
func TestANoticeIsCancelledAndReopened(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0010", "AB-140-CD", 3)
	town.opens(town.ana, "DEMO0010")
	_, bill, _ := town.begins(town.ana, "DEMO0010")
	town.wants("bad_field", town.asks(town.agency, "desk.cancel", map[string]any{"number": "DEMO0010"}))
	if view := town.asks(town.agency, "desk.cancel", map[string]any{"number": "DEMO0010", "reason": "Wrong car"}); view["error"] != nil {
		t.Fatal(view)
	}
	if err := town.pays(town.ana, bill); err == nil {
		t.Error("a cancelled notice was paid")
	}
	town.wants("not_payable", town.asks(town.ana, "pay", map[string]any{"number": "DEMO0010"}))
	town.asks(town.agency, "desk.reopen", map[string]any{"number": "DEMO0010"})
	if _, _, amount := town.begins(town.ana, "DEMO0010"); amount != 9000 {
		t.Errorf("reopened it costs %v", amount)
	}
}

// The event of a payment comes after the agency has given it back, and after the refund's: nothing changes any more.
func TestALateEventAfterTheRefund(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0011", "AB-141-CD", 3)
	town.opens(town.ana, "DEMO0011")
	reference, bill, _ := town.begins(town.ana, "DEMO0011")
	if err := town.pays(town.ana, bill); err != nil {
		t.Fatal(err)
	}
	town.asks(town.ana, "confirm", map[string]any{"reference": reference})
	if view := town.asks(town.agency, "desk.refund", map[string]any{"reference": reference, "reason": "Paid by the leasing firm"}); view["error"] != nil {
		t.Fatal(view)
	}
	before := town.asks(town.agency, "desk.notice", map[string]any{"number": "DEMO0011"})
	for range 3 { // payment.paid and payment.refunded come only now
		town.events()
	}
	town.asks(town.ana, "confirm", map[string]any{"reference": reference})
	after := town.asks(town.agency, "desk.notice", map[string]any{"number": "DEMO0011"})
	if fmt.Sprint(before) != fmt.Sprint(after) || town.state(town.ana, "DEMO0011") != "refunded" || town.purse(town.ana) != 2_000_00 {
		t.Errorf("before %v\nafter %v\npurse %d", before, after, town.purse(town.ana))
	}
	town.wants("not_payable", town.asks(town.agency, "desk.refund", map[string]any{"reference": reference, "reason": "Again"}))
	town.sound()
}

// A thousand guesses at a key, by one person and then by many, tell nothing and find nothing; a number that is not
// there is answered as one that is. The owner, who has opened the notice before, is never locked out.
func TestAThousandGuesses(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0012", "AB-142-CD", 3)
	town.opens(town.ben, "DEMO0012")
	at := noon
	compared, slowed := 0, 0
	for n := range 1_000 {
		at = at.Add(3 * time.Second) // or the house's own quota would answer
		clock.Set(town, at)
		answer := town.asks(town.ana, "find", map[string]any{"number": "DEMO0012", "key": fmt.Sprintf("%04d", n)})
		switch answer["error"] {
		case "not_found":
			compared++
		case "slow_down":
			slowed++
		default:
			t.Fatalf("guess %d: %v", n, answer)
		}
	}
	if compared > 12 || compared+slowed != 1_000 {
		t.Errorf("%d of the guesses were looked at", compared)
	}
	// The right key says nothing either while one has to wait; nor does it to another, for the notice rests as well.
	town.wants("slow_down", town.asks(town.ana, "find", map[string]any{"number": "DEMO0012", "key": "CLE4"}))
	if town.state(town.ben, "DEMO0012") != "issued" {
		t.Error("the owner is locked out")
	}
	clock.Set(town, at.Add(2*time.Hour))
	if found := town.opens(town.ana, "demo-0012"); found["state"] != "issued" {
		t.Errorf("after waiting: %v", found)
	}
}

// Many people guess at one notice at once: the notice itself rests after ten wrong keys, exactly, whether it is there or not.
func TestManyGuessAtOneNotice(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0013", "AB-143-CD", 3)
	crowd := make([]*core.Record, 12)
	for i := range crowd {
		crowd[i] = apptest.Person(t, town.App, "Guesser "+strconv.Itoa(i))
		town.launch(crowd[i], false)
	}
	answers := map[string][]string{}
	for _, number := range []string{"DEMO0013", "NOSUCH13"} {
		var mu sync.Mutex
		var all sync.WaitGroup
		for i, person := range crowd {
			all.Go(func() {
				answer := town.asks(person, "find", map[string]any{"number": number, "key": "X" + strconv.Itoa(100+i)})
				mu.Lock()
				defer mu.Unlock()
				answers[number] = append(answers[number], fmt.Sprint(answer["error"]))
			})
		}
		all.Wait()
		slices.Sort(answers[number])
	}
	want := slices.Concat(slices.Repeat([]string{"not_found"}, 10), []string{"slow_down", "slow_down"})
	if !slices.Equal(answers["DEMO0013"], want) || !slices.Equal(answers["NOSUCH13"], want) {
		t.Errorf("%v", answers)
	}
}

// A wrong number and a wrong key take the same time and the same words; a plate alone is no way in.
func TestALookupTellsNothing(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0014", "AB-144-CD", 3)
	median := func(number string) time.Duration {
		var took []time.Duration
		for n := range 15 {
			clock.Set(town, clock.Now(town).Add(25*time.Hour)) // forgotten
			began := time.Now()
			answer := town.asks(town.ana, "find", map[string]any{"number": number, "key": "WRONG" + strconv.Itoa(n)})
			took = append(took, time.Since(began))
			if encoded, _ := json.Marshal(answer); string(encoded) != `{"error":"not_found"}` {
				t.Fatalf("%s: %s", number, encoded)
			}
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	median("WARMUP01")
	if there, nowhere := median("DEMO0014"), median("DEMO9999"); there > 2*nowhere+5*time.Millisecond || nowhere > 2*there+5*time.Millisecond {
		t.Errorf("a wrong key takes %s, a wrong number %s", there, nowhere)
	}
	clock.Set(town, clock.Now(town).Add(25*time.Hour))
	for _, more := range []map[string]any{
		{"plate": "AB144CD"},
		{"plate": "AB144CD", "key": ""},
		{"plate": "AB144CD", "key": map[string]any{"$ne": ""}},
		{"number": []any{"DEMO0014"}, "key": "CLE4"},
		{"key": "CLE4"},
		{"number": "", "plate": "", "key": "CLE4"},
		{"number": "DEMO", "key": "CLE4"},
		{"number": strings.Repeat("A", 21), "key": "CLE4"},
	} {
		town.wants("bad_field", town.asks(town.ana, "find", more))
	}
	if found := town.asks(town.ana, "find", map[string]any{"plate": "ab 144 cd", "key": "cle4"}); found["state"] != "issued" {
		t.Errorf("by plate and key: %v", found)
	}
}

// One notice twice in a file is told by its line, a second time the same file changes nothing, another notice under a
// known number is refused; and a dry run writes nothing at all.
func TestAnImportIsJudgedLineByLine(t *testing.T) {
	town := newTown(t)
	text := "\ufeffnumber;plate;key;offence;class;notice_date;at;place;handed\r\n" +
		"DEMO0020;AA-001-AA;ABCD;STOP;;2026-11-01;2026-10-30 08:15;\"12; rue \"\"du Pont\"\"\";no\r\n" +
		"DEMO0021;AA-002-AA;ABCD;=HYPERLINK(1);4;2026-11-02;;'=1+1;\r\n" +
		"DEMO0020;AA-003-AA;ABCD;STOP;;2026-11-01;;x;\r\n" +
		"DEMO0022;AA-004-AA;ABCD;NOBODY-KNOWS;;2026-11-01;;x;\r\n" +
		"DEMO0023;AA-005-AA;ABCD;STOP;;2026-11-31;;x;\r\n" +
		"DEMO0024;AA-006-AA;ABCD;STOP;;2027-01-01;;x;\r\n" +
		"DEMO0025;AA-007-AA;A;STOP;;2026-11-01;;x;\r\n" +
		"DEMO0026;AA-008-AA;ABCD;STOP;;2026-11-01;;a\u202eb;\r\n" +
		"\r\n" +
		"DEMO0027;AA-009-AA;ABCD;STOP;9;2026-11-01;;x;;;\r\n"
	load := func(text string, dry bool) map[string]any {
		return town.asks(town.agency, "desk.load", map[string]any{"into": "notices", "text": text, "dry": dry})
	}
	for _, dry := range []bool{true, true, false} {
		told := load(text, dry)
		lines := []string{}
		for _, each := range told["errors"].([]any) {
			one := each.(map[string]any)
			what := one["field"]
			if what == nil {
				what = ""
			}
			lines = append(lines, fmt.Sprint(one["line"], " ", one["error"], " ", what))
		}
		want := []string{"4 twice ", "5 bad_value class", "6 bad_value notice_date", "7 bad_value notice_date", "8 bad_value key", "9 bad_value place", "11 too_many_cells "}
		if told["added"] != 2.0 || !slices.Equal(lines, want) {
			t.Errorf("dry %t: %v\n%v", dry, told, lines)
		}
	}
	again := load(text, false)
	if again["added"] != 0.0 || again["known"] != 2.0 {
		t.Errorf("again: %v", again)
	}
	other := load("number,plate,key,offence,notice_date,place\nDEMO0020,AA001AA,WXYZ,STOP,2026-11-01,x\n", false)
	if other["added"] != 0.0 || other["failed"] != 1.0 {
		t.Errorf("another under the same number: %v", other)
	}
	found := town.asks(town.ana, "find", map[string]any{"number": "DEMO0020", "key": "ABCD"})
	if notice, _ := found["notice"].(map[string]any); notice["place"] != `12; rue "du Pont"` || notice["class"] != "4" {
		t.Errorf("%v", notice)
	}
	town.wants("bad_columns", load("a,b\n1,2\n", true))
	town.wants("too_large", load(strings.Repeat("x", 220_001), true))
	town.wants("not_staff", town.asks(town.ana, "desk.load", map[string]any{"into": "notices", "text": text, "dry": true}))
	if open := load("number,plate,key,offence,notice_date,place\nDEMO0030,\"AA", true); open["failed"] != 1.0 {
		t.Errorf("an open quotation: %v", open)
	}
}

// The largest file that is taken: two thousand notices in one call, of which none is lost.
func TestALargeImport(t *testing.T) {
	town := newTown(t)
	var text strings.Builder
	text.WriteString("number,plate,key,offence,notice_date,place\n")
	for n := range 2_000 {
		fmt.Fprintf(&text, "DEMO%06d,XY%03dAB,K%05d,STOP,2026-11-01,%d rue du Pont\n", n, n%1000, n, n)
	}
	told := town.asks(town.agency, "desk.load", map[string]any{"into": "notices", "text": text.String(), "dry": false})
	if told["added"] != 2_000.0 || told["failed"] != 0.0 {
		t.Fatalf("%v", told)
	}
	text.WriteString("DEMO999999,XY001AB,K99999,STOP,2026-11-01,x\n")
	town.wants("too_many_lines", town.asks(town.agency, "desk.load", map[string]any{"into": "notices", "text": text.String()}))
	if page := town.asks(town.agency, "desk.notices", map[string]any{"filter": "reduced"}); page["total"] != 2_000.0 || len(page["rows"].([]any)) != 50 {
		t.Errorf("the table has %v", page["total"])
	}
}

// What is overdue has no amount until the agency issues the increased notice, which begins a clock of its own.
func TestTheIncreasedNotice(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0040", "AB-145-CD", 61)
	town.imports("DEMO0041", "AB-146-CD", 60)
	town.opens(town.ana, "DEMO0040")
	town.wants("overdue", town.asks(town.ana, "pay", map[string]any{"number": "DEMO0040"}))
	told := town.asks(town.agency, "desk.increase", map[string]any{"numbers": []any{"DEMO0040", "DEMO0041", "NOSUCH99"}})
	if told["issued"] != 1.0 || told["skipped"] != 2.0 {
		t.Errorf("%v", told)
	}
	if again := town.asks(town.agency, "desk.increase", map[string]any{"numbers": []any{"DEMO0040"}}); again["issued"] != 0.0 {
		t.Errorf("again: %v", again)
	}
	if _, _, amount := town.begins(town.ana, "DEMO0040"); amount != 30000 {
		t.Errorf("increased less 20 %% is %v", amount)
	}
	clock.Set(town, noon.Add(46*24*time.Hour))
	if _, _, amount := town.begins(town.ana, "DEMO0040"); amount != 37500 {
		t.Errorf("later it is %v", amount)
	}
}

// A cashier at the desk may look, and not change; a launch without the desk has none of it, whoever it is.
func TestWhoMayDoWhatAtTheDesk(t *testing.T) {
	town := newTown(t)
	town.imports("DEMO0042", "AB-147-CD", 3)
	cashier := apptest.Person(t, town.App, "Cashier")
	apptest.Record(t, town.App, "staff", map[string]any{"org": town.org, "user": cashier.Id, "role": "cashier"})
	if rows := town.asks(cashier, "desk.notices", nil); rows["total"] != 1.0 {
		t.Errorf("%v", rows)
	}
	for _, act := range []string{"desk.cancel", "desk.load", "desk.save", "desk.refund", "desk.increase", "desk.decide", "desk.callOff"} {
		town.wants("not_allowed", town.asks(cashier, act, map[string]any{"number": "DEMO0042", "reason": "x"}))
	}
	for _, act := range []string{"desk.nothing", "nothing", "constructor", "__proto__", "desk.constructor"} {
		if answer := town.asks(town.agency, act, nil); answer["error"] != "no_such_act" {
			t.Errorf("%s: %v", act, answer)
		}
	}
	event := map[string]any{"event": map[string]any{"do": "desk.home", "DESK": "owner", "SOURCE": "event", "role": "owner"}}
	answer := town.client.Do("POST", "/api/mp/city/call/city", apptest.Token(t, town.agency), event, map[string]string{bridge.LaunchHeader: town.launch(town.agency, false)})
	if result, _ := answer.JSON()["result"].(map[string]any); result["error"] != "not_staff" {
		t.Errorf("without the desk: %d %s", answer.Status, answer.Body)
	}
	if _, err := programs.Launch(town.App, town.ana, "city", programs.Opening{Desk: true}, noon); err == nil {
		t.Error("a citizen has opened the desk")
	}
}

// services sets up a canteen with one bill and a counter with one place at a time.
func (town *town) services() {
	town.t.Helper()
	names := map[string]any{"en": "The canteen", "fr": "La cantine", "zh": ""}
	town.wants("", town.asks(town.agency, "desk.save", map[string]any{"id": "canteen", "kind": "bills", "names": names, "on": true}))
	town.wants("", town.asks(town.agency, "desk.save", map[string]any{"id": "counter", "kind": "appointments", "names": names, "on": true, "hours": map[string]any{
		"weekdays": []any{1, 2, 3, 4, 5}, "from": "09:00", "until": "10:00", "minutes": 20, "capacity": 1, "ahead": 7, "closed": []any{"2026-11-26"},
	}}))
	told := town.asks(town.agency, "desk.load", map[string]any{"into": "canteen", "dry": false, "text": "reference,key,label,amount,due_date\nC-10,KEYS,November,\"31,50\",2026-12-05\nC-10,KEYS,November,1,\nC-20,KEYS,=SUM(A1),0,\n"})
	if told["added"] != 1.0 || told["failed"] != 2.0 {
		town.t.Errorf("the bills: %v", told)
	}
}

// A bill of a service that the agency has only configured: found by its letter, paid once, with its receipt; and the
// treasury's table has it, tame for any spreadsheet.
func TestACanteenBill(t *testing.T) {
	town := newTown(t)
	town.services()
	town.wants("not_found", town.asks(town.ana, "findDebt", map[string]any{"service": "canteen", "reference": "C10", "key": "NOPE"}))
	town.wants("no_service", town.asks(town.ana, "findDebt", map[string]any{"service": "water", "reference": "C10", "key": "KEYS"}))
	found, _ := town.asks(town.ana, "findDebt", map[string]any{"service": "canteen", "reference": "c 10", "key": "keys"})["debt"].(map[string]any)
	if found["amount"] != 3150.0 || found["state"] != "open" {
		t.Fatalf("%v", found)
	}
	town.wants("not_found", town.asks(town.ben, "payDebt", map[string]any{"id": found["id"]}))
	attempt := town.asks(town.ana, "payDebt", map[string]any{"id": found["id"]})
	if err := town.pays(town.ana, strings.TrimPrefix(attempt["package"].(string), bills.PackagePrefix)); err != nil {
		t.Fatal(err)
	}
	town.events()
	told := town.asks(town.ana, "receipt", map[string]any{"reference": attempt["reference"]})
	if receipt, _ := told["receipt"].(map[string]any); told["state"] != "paid" || receipt["number"] == nil {
		t.Errorf("%v", told)
	}
	town.wants("not_cancellable", town.asks(town.agency, "desk.cancelDebt", map[string]any{"id": found["id"]}))
	table := town.asks(town.agency, "desk.treasury", nil)
	rows, err := csv.NewReader(strings.NewReader(table["csv"].(string))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][4] != "3150" || rows[1][10] != "2026-11-25" {
		t.Errorf("%v %v", rows, err)
	}
	off := map[string]any{"id": "canteen", "kind": "bills", "names": map[string]any{"en": "Canteen"}, "on": false}
	town.asks(town.agency, "desk.save", off)
	town.wants("no_service", town.asks(town.ana, "findDebt", map[string]any{"service": "canteen", "reference": "C10", "key": "KEYS"}))
}

// The last place of a time is given once, however many want it at once.
func TestTheLastAppointment(t *testing.T) {
	town := newTown(t)
	town.services()
	days := town.asks(town.ana, "days", map[string]any{"service": "counter"})["days"].([]any)
	first := days[0].(map[string]any)
	if first["date"] != "2026-11-27" { // today's times are over, tomorrow is closed
		t.Errorf("the first day is %v", first)
	}
	crowd := []*core.Record{town.ana, town.ben}
	for i := range 6 {
		crowd = append(crowd, apptest.Person(t, town.App, "Waiting "+strconv.Itoa(i)))
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]int{}
	for _, person := range crowd {
		town.launch(person, false)
		all.Go(func() {
			answer := town.asks(person, "book", map[string]any{"service": "counter", "date": "2026-11-27", "time": "09:20"})
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(answer["error"])]++
		})
	}
	all.Wait()
	if got["<nil>"] != 1 || got["slot_full"] != len(crowd)-1 {
		t.Errorf("%v", got)
	}
	book := func(date, at string) map[string]any {
		return town.asks(town.ana, "book", map[string]any{"service": "counter", "date": date, "time": at})
	}
	for _, bad := range [][2]string{{"2026-11-26", "09:20"}, {"2026-11-28", "09:20"}, {"2026-11-27", "09:10"}, {"2026-11-27", "10:00"}, {"2026-11-25", "09:20"}, {"2026-12-07", "09:20"}} {
		town.wants("no_such_time", book(bad[0], bad[1]))
	}
	one, _ := book("2026-11-30", "09:00")["booking"].(map[string]any)
	if again, _ := book("2026-11-30", "09:00")["booking"].(map[string]any); again["id"] != one["id"] {
		t.Error("asked twice, booked twice")
	}
	town.wants("not_found", town.asks(town.ben, "unbook", map[string]any{"id": one["id"]}))
	town.asks(town.ana, "unbook", map[string]any{"id": one["id"]})
	if other := town.asks(town.ben, "book", map[string]any{"service": "counter", "date": "2026-11-30", "time": "09:00"}); other["error"] != nil {
		t.Errorf("the place that came free: %v", other)
	}
	rows := town.asks(town.agency, "desk.bookings", map[string]any{"service": "counter", "date": "2026-11-30"})["rows"].([]any)
	if len(rows) != 2 {
		t.Errorf("the agency sees %v", rows)
	}
}

// Somebody pays in the very moment in which somebody else contests: either the notice is paid and there is nothing to
// contest, or it is contested and the money is back. Never both, and never neither.
func TestPaidAndContestedAtOnce(t *testing.T) {
	town := newTown(t)
	spent := ledger.Amount(0)
	for round := range 4 {
		number := fmt.Sprintf("DEMO005%d", round)
		town.imports(number, fmt.Sprintf("AB-15%d-CD", round), 3)
		town.opens(town.ana, number)
		town.opens(town.ben, number)
		reference, bill, _ := town.begins(town.ben, number)
		var all sync.WaitGroup
		var contested map[string]any
		all.Go(func() {
			contested = town.asks(town.ana, "contest", map[string]any{"number": number, "reason": "stolen", "text": "The plate was stolen, as the police wrote down."})
		})
		all.Go(func() {
			if town.pays(town.ben, bill) == nil {
				town.tries(town.ben, "confirm", map[string]any{"reference": reference})
			}
		})
		all.Wait()
		town.events()
		told := town.asks(town.ben, "confirm", map[string]any{"reference": reference})
		state := town.state(town.ben, number)
		switch {
		case state == "paid" && contested["error"] == "not_contestable" && told["state"] == "paid":
			spent += 90_00
		case state == "contested" && contested["error"] == nil && (told["state"] == "returned" || told["state"] == "closed"):
		default:
			t.Errorf("the notice is %v, contesting answered %v, the attempt is %v", state, contested["error"], told["state"])
		}
	}
	if purse := town.purse(town.ben); purse != 2_000_00-spent {
		t.Errorf("Ben has %d after spending %d", purse, spent)
	}
	town.sound()
}

// What is written is read again as it was, whatever stands in it; what a spreadsheet would take for a formula is tamed;
// and no text, however broken, keeps the reader from coming to an end.
func TestTablesAreTame(t *testing.T) {
	source, err := fs.ReadFile(miniprograms.Files, "city/cloudfunctions/city/csv.js")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	signs := []rune("ab\",;\r\n'=é中 \t")
	texts := []string{"", "\"", "\"\"", ",", "\r", "\n\n", "\ufeff", "\"a\nb", "a\"b\"", strings.Repeat("\"", 99), strings.Repeat(",", 5_000)}
	for range 300 {
		var text strings.Builder
		for range random.IntN(40) {
			text.WriteRune(signs[random.IntN(len(signs))])
		}
		texts = append(texts, text.String())
	}
	formulas := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=\"a\",b"}
	event, err := json.Marshal(map[string]any{"texts": texts, "formulas": formulas})
	if err != nil {
		t.Fatal(err)
	}
	pool := sandbox.NewPool(sandbox.Options{Workers: 1})
	t.Cleanup(pool.Close)
	result, err := pool.Call(t.Context(), sandbox.Call{App: "city", Version: "1", Function: "csv", Event: event, Modules: map[string]string{
		"csv.js": string(source), "index.js": `
			const { parse, write } = require("./csv")
			exports.main = ({ texts, formulas }) => ({
				parsed: texts.map((text) => parse(text).rows.length),
				again: texts.map((text) => parse(write([["head", "x"], [text, "x"]])).rows[1].cells[0]),
				tamed: formulas.map((text) => write([[text]])),
				number: write([[-5, null, undefined, 0]]),
			})`,
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Parsed       []int
		Again, Tamed []string
		Number       string
	}
	if err := json.Unmarshal(result.Value, &told); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		// Blanks around a cell go, and the apostrophe before what would be a formula stays.
		bare := func(cell string) string { return strings.Trim(cell, " \t\r\n'\ufeff") }
		if bare(told.Again[i]) != bare(text) {
			t.Errorf("%q is read as %q", text, told.Again[i])
		}
	}
	for i, cell := range told.Tamed {
		if trimmed := strings.TrimPrefix(cell, "\""); !strings.HasPrefix(trimmed, "'") {
			t.Errorf("%q is written as %q", formulas[i], cell)
		}
	}
	if told.Number != "-5,,,0\r\n" || len(told.Parsed) != len(texts) {
		t.Errorf("numbers are written as %q", told.Number)
	}
}

// Each sentence of the program stands in three languages, once, and none that a page asks for is missing.
func TestTheTownSpeaksThreeLanguages(t *testing.T) {
	source, err := fs.ReadFile(miniprograms.Files, "city/lib/words.js")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(source), "const table = `\n")
	table, _, _ = strings.Cut(table, "\n`")
	known := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(row), " | ")
		if len(cells) != 4 || slices.Contains(cells, "") || known[cells[0]] {
			t.Errorf("the row %q", row)
		}
		known[cells[0]] = true
	}
	asked := regexp.MustCompile(`\b(?:say|pick)\(([^()]*)\)`)
	literal := regexp.MustCompile(`"([A-Za-z0-9_]+)"`)
	err = fs.WalkDir(miniprograms.Files, "city", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".js") || strings.Contains(path, "cloudfunctions") || strings.HasSuffix(path, "words.js") {
			return err
		}
		page, err := fs.ReadFile(miniprograms.Files, path)
		for _, call := range asked.FindAllSubmatch(page, -1) {
			for _, key := range literal.FindAllSubmatch(call[1], -1) {
				if !known[string(key[1])] && !strings.Contains(string(call[0]), "? \"") && !strings.Contains(string(call[0]), "=== ") {
					t.Errorf("%s asks for %q", path, key[1])
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
