package demo_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/bridge"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
	miniprograms "plaza.internal/plaza/mini_programs"
)

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
	for _, service := range []any{nil, "counter", map[string]any{"$gt": ""}, 5} { // what is no name asks for no service in particular
		if mine, _ := town.asks(town.ben, "bookings", map[string]any{"service": service})["bookings"].([]any); len(mine) == 0 || mine[len(mine)-1].(map[string]any)["date"] != "2026-11-30" {
			t.Errorf("bookings of %v: %v", service, mine)
		}
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
