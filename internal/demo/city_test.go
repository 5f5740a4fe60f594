package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
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
		return answer.Status, answer.JSON()
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

// Whatever the agency has imported, whoever pays gets a receipt: words that are too long for its code, or that the house
// does not sign, are left out.
func TestAReceiptInSpiteOfItsWords(t *testing.T) {
	town := newTown(t)
	for i, place := range []string{strings.Repeat("路", 120), "a" + strings.Repeat("\u0301", 9), strings.Repeat("🚲", 60)} {
		number := fmt.Sprintf("DEMO006%d", i)
		text := "number,plate,key,offence,class,notice_date,place\n" + number + ",AB160CD,CLE4," + strings.Repeat("违", 40) + ",4,2026-11-20," + place + "\n"
		if told := town.asks(town.agency, "desk.load", map[string]any{"into": "notices", "text": text, "dry": false}); told["added"] != 1.0 {
			t.Fatalf("%v", told)
		}
		town.opens(town.ana, number)
		reference, bill, _ := town.begins(town.ana, number)
		if err := town.pays(town.ana, bill); err != nil {
			t.Fatal(err)
		}
		told := town.asks(town.ana, "receipt", map[string]any{"reference": reference})
		if receipt, _ := told["receipt"].(map[string]any); told["state"] != "paid" || receipt["number"] == nil || !strings.HasPrefix(fmt.Sprint(receipt["qr"]), "data:image/png") {
			t.Errorf("%s: %v", number, told)
		}
	}
}
