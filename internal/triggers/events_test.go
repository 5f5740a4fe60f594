package triggers_test

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/apptest/shop"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/events"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/triggers/when"
)

// emit tells an event, in a transaction of its own.
func (h *house) emit(t testing.TB, e events.Event) {
	t.Helper()
	if err := ledger.Write(h.App, func(tx core.App) error { return events.Emit(tx, e, start) }); err != nil {
		t.Fatal(err)
	}
}

// ring is an event of the house's organisation.
func (h *house) ring() events.Event {
	return events.Event{ID: "scan/1", Kind: when.Scan, Org: h.org.Id, Data: map[string]any{}}
}

// opened says that the person has opened the program.
func (h *house) opened(t testing.TB, user, program *core.Record) {
	t.Helper()
	apptest.Record(t, h.App, "programs_uses", map[string]any{"program": program.Id, "user": user.Id, "opens": 1})
}

// shopping is a house whose organisation sells bread and gives points.
func shopping(t testing.TB) (*house, *shop.Shop, *core.Record) {
	t.Helper()
	h := newHouse(t)
	s := shop.Open(t, h.App, "grocer")
	h.org = s.Org
	orders.SetAuditChance(h.App, 0)
	bread := s.Sell(1, "Bread", 250, nil)
	s.Stock(bread, 100)
	apptest.Record(t, h.App, "loyalty_programs", map[string]any{
		"org": s.Org.Id, "name": "Points", "spend_per_point": 100, "point_value": 5, "expiry_kind": "rolling", "expiry_months": 1, "timezone": "Europe/Paris",
	})
	return h, s, bread
}

// buy takes a bread from the shelf to the door.
func buy(t testing.TB, h *house, s *shop.Shop, bread, ann *core.Record) {
	t.Helper()
	now := start
	order, err := orders.Start(h.App, ann, s.Place.Id, "scan", now)
	if err == nil {
		order, err = orders.Scan(h.App, ann, order.Id, bread.GetString("gtin"), 2, now)
	}
	if err == nil {
		_, err = orders.Pay(h.App, ann, order.Id, orders.Payment{Method: "wallet"}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A purchase is told to the programs of its organisation that listen, live and not paused, and to nobody else; and
// while nobody listens, nothing is kept of it.
func TestAPurchaseIsTold(t *testing.T) {
	h, s, bread := shopping(t)
	ann := shop.Customer(t, h.App, "Ann", 10_000)
	buy(t, h, s, bread, ann)
	if n := h.count(t, "jobs_queue WHERE kind LIKE 'events.%'"); n != 0 {
		t.Errorf("%d jobs though nobody listens", n)
	}
	other := apptest.Org(t, h.App, "other")
	club := h.program(t, "club", h.org.Id, hook(when.OrderPaid), hook(when.Scan), hook(when.PointsEarned))
	h.program(t, "paused", h.org.Id, hook(when.OrderPaid))
	h.program(t, "elsewhere", other.Id, hook(when.OrderPaid))
	h.program(t, "own", "", hook(when.OrderPaid))
	stopped := h.program(t, "stopped", h.org.Id, hook(when.OrderPaid))
	h.program(t, "never", h.org.Id, hook(when.OrderPaid))
	h.set(t, stopped, map[string]any{"status": "taken_down"})
	h.pause(t, "paused", when.OrderPaid)
	h.opened(t, ann, club)
	buy(t, h, s, bread, ann)
	h.at(t, start)
	openID, err := identity.OpenID(h.App, ann.Id, "club")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]map[string]any{}
	for _, c := range h.calls {
		known[c.AppID+" "+c.Event["type"].(string)] = c.Event
		if id, there := c.Event["openid"]; (c.AppID == "club") != (id == openID) || (c.AppID == "never" && there) {
			t.Errorf("%s is told of %v", c.AppID, id)
		}
		if c.Source != "event" || c.Event["at"] != start.Format(time.RFC3339) || strings.Contains(fmt.Sprint(c.Event), ann.Id) {
			t.Errorf("%s was given %v", c.AppID, c.Event)
		}
		wantMembers(t, c.Event)
	}
	h.want(t, "club g order.paid", "club g points.earned", "club g scan", "never g order.paid")
	paid := known["club order.paid"]["data"].(map[string]any)
	line := paid["lines"].([]any)[0].(map[string]any)
	if paid["total"] != 500.0 || paid["method"] != "wallet" || paid["points_earned"] != 5.0 || line["name"] != "Bread" || line["quantity"] != 2.0 || line["total"] != 500.0 {
		t.Errorf("paid is told as %v", paid)
	}
	if earned := known["club points.earned"]["data"].(map[string]any); earned["points"] != 5.0 || earned["spent"] != 500.0 {
		t.Errorf("points are told as %v", earned)
	}
	h.at(t, start.Add(time.Hour))
	h.want(t)
}

// wantMembers compares an event's data with what the table of events, and so the documentation, says of it.
func wantMembers(t testing.TB, event map[string]any) {
	t.Helper()
	for _, kind := range when.Events() {
		if kind.Kind != event["type"] {
			continue
		}
		var said []string
		data := event["data"].(map[string]any)
		for _, member := range kind.Data {
			said = append(said, member.Name)
			got := map[string]string{"string": "string", "float64": "number", "[]interface {}": "array", "bool": "boolean", "map[string]interface {}": "object"}[fmt.Sprintf("%T", data[member.Name])]
			if got != member.Type {
				t.Errorf("%s.%s is %v, told as a %s", kind.Kind, member.Name, data[member.Name], member.Type)
			}
		}
		if got := slices.Sorted(maps.Keys(data)); !slices.Equal(got, slices.Sorted(slices.Values(said))) {
			t.Errorf("%s has %v, told as %v", kind.Kind, got, said)
		}
	}
}

// What a bill's events hold is what the table says.
func TestBillsAreToldAsTheTableSays(t *testing.T) {
	var has []string
	for field := range reflect.TypeFor[bills.Asked]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "refunds" { // only where one is asked for
			has = append(has, name)
		}
	}
	for _, event := range when.Events() {
		if event.Kind != when.PaymentRefunded {
			continue
		}
		var said []string
		for _, member := range event.Data {
			said = append(said, member.Name)
		}
		if slices.Sort(has); !slices.Equal(has, slices.Sorted(slices.Values(said))) {
			t.Errorf("a bill has %v, told as %v", has, said)
		}
	}
}

func (h *house) pause(t testing.TB, appid, name string) {
	t.Helper()
	if _, err := pauseOf(h, t, appid, name); err != nil {
		t.Fatal(err)
	}
}

// An event of one program is for that program alone, and the same id is one event.
func TestAnEventOfOneProgram(t *testing.T) {
	h := newHouse(t)
	h.program(t, "aa", h.org.Id, hook(when.PaymentPaid))
	h.program(t, "bb", h.org.Id, hook(when.PaymentPaid))
	for range 3 {
		h.emit(t, events.Event{ID: "payment.paid/1", Kind: when.PaymentPaid, Org: h.org.Id, AppID: "aa", Data: map[string]any{}})
	}
	h.emit(t, events.Event{ID: "payment.paid/2", Kind: when.PaymentPaid, Data: map[string]any{}}) // of nobody
	h.at(t, start)
	h.want(t, "aa g payment.paid")
	for _, bad := range []events.Event{{ID: "x/1", Kind: "x"}, {Kind: when.Scan}} {
		if err := events.Emit(h.App, bad, start); err == nil {
			t.Errorf("%v was told", bad)
		}
	}
	if err := events.Emit(h.App, events.Event{ID: "scan/f", Kind: when.Scan, Org: h.org.Id, Data: func() {}}, start); err != nil {
		t.Errorf("what nobody listens to was looked at: %v", err)
	}
}

// An event goes with the act that told it.
func TestAnEventIsPartOfItsAct(t *testing.T) {
	h := newHouse(t)
	h.program(t, "aa", h.org.Id, hook(when.Scan))
	undone := errors.New("undone")
	err := ledger.Write(h.App, func(tx core.App) error {
		if err := events.Emit(tx, h.ring(), start); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	h.at(t, start)
	h.want(t)
}

// A program that fails is given the same event again after growing pauses, alone; in the end it is given up, and its
// makers are told.
func TestAFailingListener(t *testing.T) {
	h := newHouse(t)
	h.program(t, "good", h.org.Id, hook(when.Scan))
	h.program(t, "poison", h.org.Id, hook(when.Scan))
	ids := map[string]int{}
	h.act = func(c called) error {
		if c.AppID == "good" {
			return nil
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		ids[c.Event["id"].(string)]++
		return errors.New("a secret of the house")
	}
	h.emit(t, h.ring())
	h.at(t, start)
	h.want(t, "good g scan", "poison g scan")
	h.at(t, start.Add(14*time.Second))
	h.want(t)
	h.at(t, start.Add(15*time.Second))
	h.want(t, "poison g scan")
	if row := h.row(t, "poison", "scan"); row.State != "failed" || row.Failures != 2 || row.LastError != "internal_error" {
		t.Errorf("the row says %+v", row)
	}
	for hours := range 20 {
		h.at(t, start.Add(time.Duration(1+hours)*time.Hour))
	}
	if len(ids) != 1 || ids["scan/1"] != 10 {
		t.Errorf("it was given %v", ids)
	}
	lines, _, err := logs.Tail(t.Context(), h.App, logs.Filter{AppID: "poison"}, 5*time.Second)
	if err != nil || len(lines) != 1 || lines[0].Text != "The event scan/1 was given up: internal_error" {
		t.Errorf("the log has %v %v", lines, err)
	}
	if row := h.row(t, "good", "scan"); row.State != "ok" || row.Runs != 1 {
		t.Errorf("the row says %+v", row)
	}
}

// A process that dies between a call and its mark has given the event; it gives it once more, with the same id.
func TestAnEventOfADeadProcessIsGivenAgain(t *testing.T) {
	h := newHouse(t)
	h.program(t, "aa", h.org.Id, hook(when.Scan))
	h.emit(t, h.ring())
	h.at(t, start)
	h.want(t, "aa g scan")
	if _, err := h.NonconcurrentDB().NewQuery("UPDATE jobs_queue SET state = 'running', lease = {:lease} WHERE kind = 'events.call'").
		Bind(dbx.Params{"lease": "2026-11-24 11:05:00.000Z"}).Execute(); err != nil {
		t.Fatal(err)
	}
	h.at(t, start.Add(4*time.Minute))
	h.want(t)
	h.at(t, start.Add(5*time.Minute))
	h.want(t, "aa g scan")
}

// A thousand programs hear of one event once each, though one of them is slow and never done.
func TestAThousandListeners(t *testing.T) {
	h := newHouse(t)
	const many = 1_000
	err := h.RunInTransaction(func(tx core.App) error {
		for n := range many {
			program := apptest.Record(t, tx, "programs", map[string]any{"appid": fmt.Sprintf("p%04d", n), "name": "P", "org": h.org.Id, "status": "draft", "kind": "app"})
			version := apptest.Record(t, tx, "programs_versions", map[string]any{
				"program": program.Id, "number": 1, "package": strings.Repeat("a", 64), "bundle": strings.Repeat("a", 64), "state": "checked",
				"report": check.Report{Triggers: []check.Trigger{hook(when.Scan)}},
			})
			program.Load(map[string]any{"release": version.Id, "status": "live"})
			if err := tx.Save(program); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	release, others := make(chan struct{}), make(chan struct{}, many)
	h.act = func(c called) error {
		if c.AppID == "p0000" {
			<-release
			return nil
		}
		others <- struct{}{}
		return nil
	}
	h.emit(t, h.ring())
	done := make(chan error)
	go func() {
		_, err := jobs.RunDue(h.App, start)
		done <- err
	}()
	for range many - 1 {
		<-others
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := h.heard(); len(got) != many || len(slices.Compact(got)) != many {
		t.Errorf("%d calls for %d programs", len(got), many)
	}
}

// Points that end are told of at 30, 7 and 1 days, once each; after downtime the last mark counts.
func TestPointsThatEndAreTold(t *testing.T) {
	h, s, bread := shopping(t)
	ann := shop.Customer(t, h.App, "Ann", 10_000)
	buy(t, h, s, bread, ann) // their lot ends in a month
	h.heard()
	for hour := range 48 { // nobody listens yet
		h.at(t, start.Add(time.Duration(hour)*time.Hour))
	}
	h.program(t, "club", h.org.Id, hook(when.PointsExpiring))
	told := map[int]int{}
	days := func() (days []int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range h.calls {
			wantMembers(t, c.Event)
			data := c.Event["data"].(map[string]any)
			if data["points"] != 5.0 {
				t.Errorf("told of %v", data)
			}
			days = append(days, int(data["days"].(float64)))
		}
		h.calls = nil
		return days
	}
	for day := 2; day < 20; day++ {
		h.at(t, start.AddDate(0, 0, day))
		for _, mark := range days() {
			told[mark]++
		}
	}
	if !maps.Equal(told, map[int]int{30: 1}) {
		t.Errorf("within twenty days it was told %v", told)
	}
	if _, err := loyalty.TellExpiring(h.App, start.AddDate(0, 0, 29)); err != nil { // nine days of downtime
		t.Fatal(err)
	}
	h.at(t, start.AddDate(0, 0, 29))
	if got := days(); !slices.Equal(got, []int{7}) && !slices.Equal(got, []int{1}) {
		t.Errorf("after downtime it was told %v", got)
	}
	for hour := range 72 {
		h.at(t, start.AddDate(0, 0, 29).Add(time.Duration(hour)*time.Hour))
	}
	if got := days(); len(got) > 1 {
		t.Errorf("at the end it was told %v", got)
	}
}

// A campaign's beginning and end are told once each, whether the clock or the merchant brings them about.
func TestCampaignsAreTold(t *testing.T) {
	h := newHouse(t)
	h.program(t, "club", h.org.Id, hook(when.CampaignStarted), hook(when.CampaignEnded))
	campaign := apptest.Record(t, h.App, "campaigns", map[string]any{
		"org": h.org.Id, "name": "Bread week", "kind": "percent", "percent_bp": 1000, "status": "active", "timezone": "Europe/Paris",
		"starts_at": start.Add(time.Hour), "ends_at": start.Add(3 * time.Hour),
	})
	for minute := 0; minute < 300; minute += 10 {
		h.at(t, start.Add(time.Duration(minute)*time.Minute))
	}
	for _, c := range h.calls {
		wantMembers(t, c.Event)
	}
	h.want(t, "club g campaign.ended", "club g campaign.started")
	clock.Set(h.App, start.Add(6*time.Hour))
	campaign.Load(map[string]any{"ends_at": start.Add(30 * time.Hour)})
	if err := h.Save(campaign); err != nil {
		t.Fatal(err)
	}
	campaign.Set("name", "Bread month")
	if err := h.Save(campaign); err != nil {
		t.Fatal(err)
	}
	h.at(t, start.Add(6*time.Hour+time.Minute))
	h.want(t, "club g campaign.started")
	campaign.Set("status", "paused")
	if err := h.Save(campaign); err != nil {
		t.Fatal(err)
	}
	h.at(t, start.Add(7*time.Hour))
	h.want(t, "club g campaign.ended")
}
