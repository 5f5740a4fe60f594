package campaigns_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/campaigns"
	"plaza.internal/plaza/internal/catalog"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
)

// noon is a Tuesday, 13:00 in Paris.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// quarter is a shop with three products and somebody in each role.
type quarter struct {
	app               core.App
	org, place        *core.Record
	cola, chips, soap *core.Record
	client            *apptest.Client
	tokens            map[string]string
}

func newQuarter(t *testing.T) *quarter {
	t.Helper()
	app := apptest.New(t, ledger.Register, identity.Register, catalog.Register, campaigns.Register)
	clock.Set(app, noon)
	q := &quarter{app: app, org: apptest.Org(t, app, "shop"), tokens: map[string]string{"guest": ""}}
	q.place = apptest.Place(t, app, q.org, "here")
	for _, who := range []string{"owner", "manager", "cashier", "stranger"} {
		user := apptest.Person(t, app, who)
		if who != "stranger" {
			apptest.Staff(t, app, q.org, user, who)
		}
		q.tokens[who] = apptest.Token(t, user)
	}
	// The stranger owns another shop: being an owner somewhere is not being one here.
	other := apptest.Org(t, app, "other")
	stranger, err := app.FindAuthRecordByEmail("users", "stranger@plaza.test")
	if err != nil {
		t.Fatal(err)
	}
	apptest.Staff(t, app, other, stranger, "owner")
	q.cola = apptest.Product(t, app, q.org, "05449000000996", "Cola", 200, map[string]any{"category": "drinks"})
	q.chips = apptest.Product(t, app, q.org, "03017620422003", "Chips", 300, map[string]any{"category": "snacks"})
	q.soap = apptest.Product(t, app, q.org, "03274080005003", "Soap", 500, map[string]any{"category": "home"})
	q.client = apptest.NewClient(t, app)
	return q
}

// campaign saves an active happy hour of 20 %; more overrides its fields.
func (q *quarter) campaign(t *testing.T, more map[string]any) *core.Record {
	t.Helper()
	return apptest.Record(t, q.app, "campaigns", q.fields(more))
}

func (q *quarter) fields(more map[string]any) map[string]any {
	fields := map[string]any{
		"org": q.org.Id, "name": "Happy hour", "kind": "percent", "percent_bp": 2000, "categories": []string{"drinks"},
		"start_time": "17:00", "end_time": "19:00", "status": "active",
	}
	for key, value := range more {
		fields[key] = value
	}
	return fields
}

func (q *quarter) live(t *testing.T, app core.App) []string {
	t.Helper()
	found, err := campaigns.Live(app, q.org.Id)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, c := range found {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

// What the shop has switched on is known at once after it is saved, and a change that did not happen is not.
func TestLiveFollowsTheRecords(t *testing.T) {
	q := newQuarter(t)
	if got := q.live(t, q.app); len(got) != 0 {
		t.Errorf("before: %v", got)
	}
	record := q.campaign(t, map[string]any{"weekdays": []int{2}})
	q.campaign(t, map[string]any{"name": "Plan", "status": "draft"})
	if got := q.live(t, q.app); !slices.Equal(got, []string{"Happy hour"}) {
		t.Errorf("after: %v", got)
	}
	found, err := campaigns.Live(q.app, q.org.Id)
	if err != nil {
		t.Fatal(err)
	}
	c := found[0]
	if c.Kind != campaigns.Percent || c.PercentBasisPoints != 2000 || !slices.Equal(c.Categories, []string{"drinks"}) ||
		c.Schedule.Zone != "Europe/Paris" || !slices.Equal(c.Schedule.Days, []time.Weekday{time.Tuesday}) || c.Schedule.Start != "17:00" {
		t.Errorf("read as %+v", c)
	}
	undone := errors.New("undone")
	err = q.app.RunInTransaction(func(tx core.App) error {
		record, err := tx.FindRecordById("campaigns", record.Id)
		if err != nil {
			return err
		}
		record.Set("status", "paused")
		if err := tx.Save(record); err != nil {
			return err
		}
		if got := q.live(t, tx); !slices.Equal(got, []string{"Happy hour"}) {
			t.Errorf("inside the transaction: %v", got)
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if got := q.live(t, q.app); !slices.Equal(got, []string{"Happy hour"}) {
		t.Errorf("after a rollback: %v", got)
	}
	record.Set("status", "paused")
	if err := q.app.Save(record); err != nil {
		t.Fatal(err)
	}
	if got := q.live(t, q.app); len(got) != 0 {
		t.Errorf("paused: %v", got)
	}
}

// The announcement says what is, whenever it comes: late, twice or after a clock that jumped.
func TestAnnouncementsFollowTheClock(t *testing.T) {
	q := newQuarter(t)
	record := q.campaign(t, nil)
	saved := 0
	q.app.OnRecordAfterUpdateSuccess("campaigns").BindFunc(func(e *core.RecordEvent) error {
		saved++
		return e.Next()
	})
	for _, step := range []struct {
		at    time.Time
		live  bool
		saves int
	}{
		{noon, false, 0},
		{noon.Add(4 * time.Hour), true, 1}, // 17:00 in Paris
		{noon.Add(4*time.Hour + time.Minute), true, 1},
		{noon.Add(8 * time.Hour), false, 2}, // an hour late
		{noon.Add(29 * time.Hour), true, 3}, // the next day, nothing was announced at 17:00
	} {
		clock.Set(q.app, step.at)
		if _, err := jobs.RunDue(q.app, step.at); err != nil {
			t.Fatal(err)
		}
		fresh, err := q.app.FindRecordById("campaigns", record.Id)
		if err != nil || fresh.GetBool("live") != step.live || saved != step.saves {
			t.Errorf("%s: live %v, %d saves, %v", step.at, fresh.GetBool("live"), saved, err)
		}
	}
	// Somebody who pauses it during its hours does not wait for the next minute.
	fresh, err := q.app.FindRecordById("campaigns", record.Id)
	if err != nil {
		t.Fatal(err)
	}
	fresh.Set("status", "paused")
	if err := q.app.Save(fresh); err != nil || fresh.GetBool("live") {
		t.Errorf("paused: live %v, %v", fresh.GetBool("live"), err)
	}
}

// What cannot be meant is refused in words, naming the field, whoever writes it and however.
func TestCampaignsAreKeptHonest(t *testing.T) {
	q := newQuarter(t)
	for _, c := range []struct {
		more        map[string]any
		code, field string
	}{
		{map[string]any{"starts_at": "2026-12-02 00:00:00Z", "ends_at": "2026-12-01 00:00:00Z"}, "bad_schedule", "ends_at"},
		{map[string]any{"timezone": "Europe/Atlantis"}, "bad_schedule", "timezone"},
		{map[string]any{"start_time": "25:00"}, "bad_schedule", "start_time"},
		{map[string]any{"end_time": "17:00"}, "bad_schedule", "end_time"},
		{map[string]any{"weekdays": []int{9}}, "bad_schedule", "weekdays"},
		{map[string]any{"weekdays": "monday"}, "bad_campaign", "weekdays"},
		{map[string]any{"products": []int{1}}, "bad_campaign", "products"},
		{map[string]any{"percent_bp": 0}, "bad_campaign", "percent_bp"},
		{map[string]any{"percent_bp": 10001}, "bad_campaign", "percent_bp"},
		{map[string]any{"percent_bp": -5}, "bad_campaign", "percent_bp"},
		{map[string]any{"kind": "fixed", "amount": 0}, "bad_campaign", "amount"},
		{map[string]any{"kind": "sale", "amount": 100}, "bad_campaign", "amount"},
		{map[string]any{"kind": "bxgy", "buy": 2}, "bad_campaign", "get"},
		{map[string]any{"kind": "magic"}, "bad_campaign", "kind"},
		{map[string]any{"min_spend": -1}, "bad_campaign", "min_spend"},
	} {
		answer := q.client.Do("POST", "/api/collections/campaigns/records", q.tokens["owner"], q.fields(c.more))
		data := answer.Data()
		field, _ := data[c.field].(map[string]any)
		if answer.Status != http.StatusBadRequest || answer.Code() != c.code || data["field"] != c.field || field["message"] == "" || field["code"] == "" {
			t.Errorf("%v: %d %s", c.more, answer.Status, answer.Body)
		}
		preview := q.client.Do("POST", "/api/campaigns/preview", q.tokens["owner"], map[string]any{"org": q.org.Id, "campaign": q.fields(c.more)})
		if preview.Code() != c.code || preview.Data()["field"] != c.field {
			t.Errorf("preview of %v: %d %s", c.more, preview.Status, preview.Body)
		}
		record := core.NewRecord(mustCollection(t, q.app))
		record.Load(q.fields(c.more))
		if err := q.app.Save(record); !errors.Is(err, campaigns.ErrCampaign) && !errors.Is(err, campaigns.ErrSchedule) {
			t.Errorf("saved in Go, %v: %v", c.more, err)
		}
	}
	if count, err := q.app.CountRecords("campaigns"); err != nil || count != 0 {
		t.Errorf("%d campaigns, %v", count, err)
	}
}

func mustCollection(t *testing.T, app core.App) *core.Collection {
	t.Helper()
	collection, err := app.FindCollectionByNameOrId("campaigns")
	if err != nil {
		t.Fatal(err)
	}
	return collection
}

// A last day that is given as a date is sold to its end, in the shop's own zone.
func TestDatesAreWholeLocalDays(t *testing.T) {
	q := newQuarter(t)
	answer := q.client.Must(200, "POST", "/api/collections/campaigns/records", q.tokens["manager"],
		q.fields(map[string]any{"starts_at": "2026-12-24", "ends_at": "2026-12-24", "start_time": "", "end_time": ""}))
	if answer.Text("starts_at") != "2026-12-23 23:00:00.000Z" || answer.Text("ends_at") != "2026-12-24 23:00:00.000Z" || answer.Text("timezone") != "Europe/Paris" {
		t.Errorf("saved as %s", answer.Body)
	}
	bad := q.client.Do("PATCH", "/api/collections/campaigns/records/"+answer.Text("id"), q.tokens["manager"], map[string]any{"ends_at": "2026-13-01"})
	if bad.Code() != "bad_schedule" || bad.Data()["field"] != "ends_at" {
		t.Errorf("a date that is none: %d %s", bad.Status, bad.Body)
	}
}

// Who may see and write which campaign; live and the organisation are not for a client to say. Every write is in
// the audit with who made it.
func TestWhoMayWriteCampaigns(t *testing.T) {
	q := newQuarter(t)
	path := "/api/collections/campaigns/records"
	for who, status := range map[string]int{"owner": 200, "manager": 200, "cashier": 400, "stranger": 400, "guest": 400} {
		answer := q.client.Do("POST", path, q.tokens[who], q.fields(map[string]any{"name": who, "status": "draft", "live": true}))
		if answer.Status != status {
			t.Errorf("%s creates: %d %s", who, answer.Status, answer.Body)
		}
		if status == 200 && strings.Contains(string(answer.Body), `"live":true`) {
			t.Errorf("%s says what is live", who)
		}
	}
	active := q.campaign(t, nil)
	for who, seen := range map[string]int64{"owner": 3, "manager": 3, "cashier": 3, "stranger": 1, "guest": 1} {
		if got := q.client.Must(200, "GET", path, q.tokens[who], nil).Number("totalItems"); got != seen {
			t.Errorf("%s sees %d, want %d", who, got, seen)
		}
	}
	for who, status := range map[string]int{"owner": 200, "manager": 200, "cashier": 404, "stranger": 404, "guest": 404} {
		if answer := q.client.Do("PATCH", path+"/"+active.Id, q.tokens[who], map[string]any{"priority": 3}); answer.Status != status {
			t.Errorf("%s updates: %d %s", who, answer.Status, answer.Body)
		}
		if answer := q.client.Do("DELETE", path+"/"+active.Id, q.tokens[who], nil); answer.Status != 403 {
			t.Errorf("%s deletes: %d", who, answer.Status)
		}
	}
	other := apptest.Org(t, q.app, "third")
	if answer := q.client.Do("PATCH", path+"/"+active.Id, q.tokens["owner"], map[string]any{"org": other.Id}); answer.Status != 404 {
		t.Errorf("moved to another organisation: %d", answer.Status)
	}
	var lines int
	err := q.app.DB().NewQuery("SELECT COUNT(*) FROM ledger_audit WHERE act IN ('campaigns.create', 'campaigns.update') AND actor <> ''").Row(&lines)
	if err != nil || lines != 4 {
		t.Errorf("%d audit lines, want 4 (%v)", lines, err)
	}
	if _, err := ledger.Verify(q.app); err != nil {
		t.Error(err)
	}
}

// The copy of a campaign with codes is shut as well, and nobody opens either to all by writing the record.
func TestACopyOfACampaignWithCodesIsShut(t *testing.T) {
	q := newQuarter(t)
	path := "/api/collections/campaigns/records"
	made := q.client.Must(200, "POST", path, q.tokens["owner"], q.fields(map[string]any{"codes": true}))
	id := made.Text("id")
	for _, answer := range []apptest.Answer{
		made, q.client.Must(200, "PATCH", path+"/"+id, q.tokens["owner"], map[string]any{"codes": false, "priority": 2}),
	} {
		if !strings.Contains(string(answer.Body), `"codes":true`) {
			t.Errorf("it is open: %s", answer.Body)
		}
	}
	if public := q.client.Must(200, "GET", path, "", nil).Number("totalItems"); public != 0 {
		t.Errorf("everybody sees %d", public)
	}
}

// Offers are public, follow the clock and say until when.
func TestOffersOfAPlace(t *testing.T) {
	q := newQuarter(t)
	q.campaign(t, nil)
	q.campaign(t, map[string]any{"name": "3 for 2", "kind": "bxgy", "buy": 2, "get": 1, "categories": nil, "products": []string{q.chips.Id}, "start_time": "", "end_time": ""})
	q.campaign(t, map[string]any{"name": "5 off 40", "kind": "order_fixed", "amount": 500, "min_spend": 4000, "categories": nil, "start_time": "", "end_time": ""})
	q.campaign(t, map[string]any{"name": "Draft", "status": "draft", "categories": nil})
	read := func() campaigns.Offers {
		t.Helper()
		var offers campaigns.Offers
		answer := q.client.Must(200, "GET", "/api/places/"+q.place.Id+"/offers", "", nil)
		if err := json.Unmarshal(answer.Body, &offers); err != nil {
			t.Fatal(err)
		}
		return offers
	}
	before := read()
	if len(before.Offers) != 1 || before.Offers[0].Product != q.chips.Id || before.Offers[0].Price != 300 || before.Offers[0].Reason.Code != "units_free" ||
		len(before.Campaigns) != 2 || !before.ChangesAt.Equal(noon.Add(4*time.Hour)) {
		t.Errorf("before: %+v", before)
	}
	clock.Set(q.app, noon.Add(5*time.Hour))
	during := read()
	if len(during.Offers) != 2 || len(during.Campaigns) != 3 {
		t.Fatalf("during: %+v", during)
	}
	cola := during.Offers[0]
	if cola.Product != q.cola.Id || cola.Listed != 200 || cola.Price != 160 || cola.CampaignName != "Happy hour" || !cola.Until.Equal(noon.Add(6*time.Hour)) || cola.Currency != "EUR" {
		t.Errorf("cola: %+v", cola)
	}
	if answer := q.client.Do("GET", "/api/places/nowhere/offers", "", nil); answer.Status != 404 || answer.Code() != "unknown_place" {
		t.Errorf("no such place: %d %s", answer.Status, answer.Body)
	}
}

// A preview tells before it is switched on what a campaign would do, and writes nothing.
func TestPreview(t *testing.T) {
	q := newQuarter(t)
	q.campaign(t, map[string]any{"name": "Clearance", "kind": "sale", "percent_bp": 1000, "start_time": "18:00", "end_time": "20:00"})
	preview := func(body map[string]any) campaigns.Preview {
		t.Helper()
		body["org"] = q.org.Id
		var out campaigns.Preview
		if err := json.Unmarshal(q.client.Must(200, "POST", "/api/campaigns/preview", q.tokens["manager"], body).Body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	draft := q.fields(map[string]any{"status": "draft"})
	basket := []map[string]any{{"product": q.cola.Id, "quantity": 2}, {"product": q.soap.Id, "quantity": 1}}
	got := preview(map[string]any{"campaign": draft, "lines": basket})
	start := noon.Add(4 * time.Hour)
	if got.ActiveNow || !got.At.Equal(start) || got.Before.Total != 900 || got.After.Total != 820 || got.Cost != 80 || got.Replay != nil {
		t.Errorf("basket: %+v", got)
	}
	if len(got.Windows) != 20 || !got.Windows[0].Start.Equal(start) || !got.Windows[0].End.Equal(start.Add(2*time.Hour)) {
		t.Errorf("windows: %v", got.Windows)
	}
	if len(got.Conflicts) != 1 || got.Conflicts[0].Name != "Clearance" || got.Conflicts[0].Code != "adds_up" || !got.Conflicts[0].From.Equal(start.Add(time.Hour)) {
		t.Errorf("conflicts: %+v", got.Conflicts)
	}
	sample := preview(map[string]any{"campaign": q.fields(map[string]any{"kind": "bxgy", "buy": 2, "get": 1, "categories": []string{"snacks"}})})
	if len(sample.Before.Lines) != 1 || sample.Before.Lines[0].Quantity != 3 || sample.Cost != 300 || len(sample.Conflicts) != 0 {
		t.Errorf("sample: %+v", sample)
	}
	minimum := preview(map[string]any{"campaign": q.fields(map[string]any{"kind": "order_fixed", "amount": 500, "min_spend": 4000, "categories": nil})})
	if minimum.Cost != 500 {
		t.Errorf("minimum spend: %+v", minimum)
	}
	q.paidOrders(t)
	replayed := preview(map[string]any{"campaign": q.fields(map[string]any{"starts_at": "2027-06-01"}), "orders": 10})
	if r := replayed.Replay; r == nil || r.Orders != 3 || r.Hit != 1 || r.Cost != 72 || r.Before != 1260 || r.After != 1188 {
		t.Errorf("replay: %+v", replayed.Replay)
	}
	if count, err := q.app.CountRecords("campaigns"); err != nil || count != 1 {
		t.Errorf("a preview was saved: %d %v", count, err)
	}
	for who, code := range map[string]string{"cashier": "role_required", "stranger": "not_staff", "guest": "sign_in_required"} {
		if answer := q.client.Do("POST", "/api/campaigns/preview", q.tokens[who], map[string]any{"org": q.org.Id, "campaign": draft}); answer.Code() != code {
			t.Errorf("%s: %d %s", who, answer.Status, answer.Body)
		}
	}
	for code, body := range map[string]map[string]any{
		"bad_preview":     {"org": q.org.Id, "campaign": draft, "orders": 201},
		"unknown_product": {"org": q.org.Id, "campaign": draft, "lines": []map[string]any{{"product": "none", "quantity": 1}}},
		"bad_basket":      {"org": q.org.Id, "campaign": draft, "lines": []map[string]any{{"product": q.cola.Id, "quantity": 0}}},
	} {
		if answer := q.client.Do("POST", "/api/campaigns/preview", q.tokens["owner"], body); answer.Code() != code {
			t.Errorf("%s: %d %s", code, answer.Status, answer.Body)
		}
	}
}

// paidOrders are one paid in the happy hour, one before it, one that has nothing to do with it, and one open.
func (q *quarter) paidOrders(t *testing.T) {
	t.Helper()
	line := func(product *core.Record, quantity int) map[string]any {
		return map[string]any{
			"id": "l", "product": product.Id, "category": product.GetString("category"), "quantity": quantity,
			"unit": product.GetInt("price"), "vat_bp": 550, "total": 1,
		}
	}
	for i, order := range []struct {
		status string
		at     time.Time
		lines  []map[string]any
	}{
		{"paid", noon.Add(-20*time.Hour + time.Hour), []map[string]any{line(q.cola, 2)}},
		{"checked", noon.Add(-24 * time.Hour), []map[string]any{line(q.cola, 2)}},
		{"paid", noon.Add(-19 * time.Hour), []map[string]any{line(q.soap, 1)}},
		{"open", noon.Add(-19 * time.Hour), []map[string]any{line(q.cola, 9)}},
	} {
		apptest.Record(t, q.app, "orders", map[string]any{
			"org": q.org.Id, "place": q.place.Id, "channel": "scan", "status": order.status, "currency": "EUR",
			"number": string(rune('a' + i)), "lines": order.lines, "paid_at": order.at,
		})
	}
}
