package demo_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"plaza.internal/plaza/internal/sandbox"
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
