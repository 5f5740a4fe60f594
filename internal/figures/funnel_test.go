package figures

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
)

// tried is how far somebody came by trying every way: the truth that the quick one is held against.
func (f Funnel) tried(sights []sight, step, from int, began int64) int {
	best := step
	for i := from; i < len(sights); i++ {
		if step == len(f.Steps) || !f.Steps[step].is(sights[i].stop) {
			continue
		}
		start := began
		if step == 0 {
			start = sights[i].at
		}
		if sights[i].at-start > int64(f.Minutes)*60_000 {
			continue
		}
		best = max(best, f.tried(sights, step+1, i+1, start))
	}
	return best
}

// The quick way through somebody's trail finds what trying all ways finds.
func TestFunnelsFindTheFurthestWay(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	names := []string{"a", "b", "c"}
	for range 3_000 {
		f := Funnel{Name: "x", Minutes: 1 + random.IntN(5)}
		for range 2 + random.IntN(3) {
			f.Steps = append(f.Steps, FunnelStep{Kind: "event", Name: names[random.IntN(len(names))]})
		}
		var sights []sight
		at := int64(0)
		for range random.IntN(9) {
			at += int64(random.IntN(3)) * 60_000
			sights = append(sights, sight{stop{Kind: stopEvent, Name: names[random.IntN(len(names))]}, at})
		}
		if got, want := f.furthest(sights), f.tried(sights, 0, 0, 0); got != want {
			t.Fatalf("%+v over %+v: %d steps, should be %d", f, sights, got, want)
		}
	}
}

// A maker builds a funnel over what the program reports, and sees who came how far; few are not told.
func TestAMakerSeesHowFarPeopleCome(t *testing.T) {
	s := newStreet(t)
	program, err := s.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	custom := func(seq int, name string, data map[string]any) Event {
		return Event{Seq: seq, Kind: KindCustom, Name: name, Data: data}
	}
	for n := range 12 {
		person := fmt.Sprint("person", n)
		take(t, s, batchOf(program, person, fmt.Sprint("s", n), open(1), custom(2, "chosen", map[string]any{"kind": "cup", "size": float64(n % 3), "who": fmt.Sprint("only", n)})), noon)
		if n < 7 {
			take(t, s, batchOf(program, person, fmt.Sprint("s", n), custom(3, "buy", nil)), noon.Add(5*time.Minute))
		}
		if n < 9 { // too late for the window
			take(t, s, batchOf(program, person, fmt.Sprint("s", n), custom(4, "paid", nil)), noon.Add(time.Duration(5+n*3)*time.Minute))
		}
	}
	clock.Set(s, noon.Add(time.Hour))
	token := apptest.Token(t, s.maker)
	funnel := map[string]any{"name": "Tickets", "minutes": 20, "steps": []FunnelStep{{Kind: "open"}, {Kind: "event", Name: "chosen"}, {Kind: "event", Name: "buy"}, {Kind: "event", Name: "paid"}}}
	var added Funnel
	if err := json.Unmarshal(s.client.Must(http.StatusOK, http.MethodPost, "/api/mp/hello/funnels", token, funnel).Body, &added); err != nil {
		t.Fatal(err)
	}
	b, err := BehaviourOf(s, program, "", "", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var people []string
	for _, count := range b.Funnels[0].People {
		if count == nil {
			people = append(people, "few")
		} else {
			people = append(people, fmt.Sprint(*count))
		}
	}
	if got := strings.Join(people, " "); got != "12 12 7 6" {
		t.Errorf("the funnel is %s", got)
	}
	if b.Events[0].Name != "chosen" || b.Events[0].Count != 12 || *b.Events[0].People != 12 || b.Events[0].Days[29] != 12 {
		t.Errorf("events are %+v", b.Events)
	}
	fields := map[string]OwnField{}
	for _, field := range b.Events[0].Fields {
		fields[field.Name] = field
	}
	if kind := fields["kind"]; len(kind.Values) != 1 || kind.Values[0] != (OwnValue{"cup", 12, 12}) {
		t.Errorf("the kinds are %+v", kind)
	}
	if who := fields["who"]; len(who.Values) != 0 || who.Rest != 12 {
		t.Errorf("single people can be told apart: %+v", who)
	}
	if size := fields["size"]; len(size.Values) != 0 || size.Rest != 12 { // four people each
		t.Errorf("sizes of four people each are told: %+v", size)
	}
	s.client.Must(http.StatusOK, http.MethodDelete, "/api/mp/hello/funnels/"+added.ID, token, nil)
	if got := s.client.Do(http.MethodDelete, "/api/mp/hello/funnels/"+added.ID, token, nil); got.Code() != "no_funnel" {
		t.Errorf("removed twice: %d %s", got.Status, got.Body)
	}
}

// What is no funnel, or nobody's business, is refused by name.
func TestBadFunnelsAreRefusedByName(t *testing.T) {
	s := newStreet(t)
	token := apptest.Token(t, s.maker)
	step := FunnelStep{Kind: "event", Name: "a"}
	funnel := func(name string, minutes int, steps ...FunnelStep) map[string]any {
		return map[string]any{"name": name, "minutes": minutes, "steps": steps}
	}
	for _, bad := range []map[string]any{
		funnel("", 10, step, step),
		funnel("x", 0, step, step),
		funnel("x", FunnelMinutes+1, step, step),
		funnel("x", 10, step),
		funnel("x", 10, make([]FunnelStep, FunnelSteps+1)...),
		funnel("x", 10, step, FunnelStep{Kind: "dance", Name: "a"}),
		funnel("x", 10, step, FunnelStep{Kind: "open", Name: "a"}),
		funnel("x", 10, step, FunnelStep{Kind: "page", Name: "?"}),
		funnel(strings.Repeat("x", 61), 10, step, step),
	} {
		if got := s.client.Do(http.MethodPost, "/api/mp/hello/funnels", token, bad); got.Code() != "bad_funnel" {
			t.Errorf("%v: %d %s", bad, got.Status, got.Body)
		}
	}
	for n := range FunnelsPerProgram + 1 {
		got := s.client.Do(http.MethodPost, "/api/mp/hello/funnels", token, funnel(fmt.Sprint("f", n), 10, step, step))
		if want := map[bool]string{true: "too_many_funnels"}[n == FunnelsPerProgram]; got.Code() != want {
			t.Errorf("funnel %d: %d %s", n, got.Status, got.Body)
		}
	}
	if got := s.client.Do(http.MethodPost, "/api/mp/hello/funnels", apptest.Token(t, s.ann), funnel("x", 10, step, step)); got.Code() != "not_maker" {
		t.Errorf("a stranger: %d %s", got.Status, got.Body)
	}
	if got := s.client.Do(http.MethodGet, "/api/mp/hello/figures/behaviour", apptest.Token(t, s.ann), nil); got.Code() != "not_maker" {
		t.Errorf("a stranger reads: %d %s", got.Status, got.Body)
	}
}

// A program that invents names fills no table, and odd fields are passed over.
func TestInventedEventsAreCountedTogether(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	for launch := range 3 {
		var events []Event
		for seq := range BatchEvents {
			events = append(events, Event{Seq: seq + 1, Kind: KindCustom, Name: fmt.Sprint("n", launch, ".", seq)})
		}
		take(t, app, batchOf(program, "ann", fmt.Sprint("s", launch), events...), noon)
	}
	take(t, app, batchOf(program, "ann", "odd", Event{Seq: 1, Kind: KindCustom, Name: strings.Repeat("x", 65)}, Event{Seq: 2, Kind: KindCustom, Name: "a\x00b"}, Event{Seq: 3, Kind: KindCustom}), noon)
	var names, count int
	if err := app.DB().NewQuery("SELECT COUNT(*), SUM(count) FROM figures_events").Row(&names, &count); err != nil || names != EventNames+1 || count != 3*BatchEvents {
		t.Errorf("%d names with %d events, %v", names, count, err)
	}
	data := map[string]any{"long": strings.Repeat("x", 65), "nothing": nil, "list": []any{1.0}, "yes": true, "half": 0.5, "": "x"}
	for n := range 20 {
		data[fmt.Sprint("z", n)] = "v"
	}
	if got := fieldsOf(data); len(got) != EventFields || got["yes"] != "true" || got["half"] != "0.5" || got["long"] != "" {
		t.Errorf("fields are %v", got)
	}
}

// Trails go when they are as old as the operator says; with none wanted, none is kept, and counts go on.
func TestTrailsGoByPolicy(t *testing.T) {
	app := apptest.New(t)
	program := newProgram(t, app)
	trails := func() (rows int) {
		t.Helper()
		if err := app.DB().NewQuery("SELECT COUNT(*) FROM figures_trails").Row(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	set := func(days int) {
		t.Helper()
		if err := (Settings{Headline: true, TrailDays: days}).set(app, "op", noon); err != nil {
			t.Fatal(err)
		}
	}
	take(t, app, batchOf(program, "ann", "s", open(1)), noon)
	for days, want := range []int{1, 1, 1} {
		if err := sweep(app, noon.AddDate(0, 0, days*14)); err != nil || trails() != want {
			t.Errorf("after %d days %d trails are kept, %v", days*14, trails(), err)
		}
	}
	set(7)
	if err := sweep(app, noon.AddDate(0, 0, 8)); err != nil || trails() != 0 {
		t.Errorf("by the new rule %d are kept, %v", trails(), err)
	}
	set(0)
	take(t, app, batchOf(program, "ann", "t", open(1), Event{Seq: 2, Kind: KindCustom, Name: "buy"}), noon)
	b, err := BehaviourOf(app, program, "", "", noon)
	if err != nil || trails() != 0 || len(b.Events) != 1 || b.KeptDays != 0 {
		t.Errorf("%d trails are kept though none is wanted, %+v, %v", trails(), b.Events, err)
	}
	for _, days := range []int{-1, TrailDaysMost + 1} {
		if err := (Settings{TrailDays: days}).set(app, "op", noon); err == nil {
			t.Errorf("%d days were taken", days)
		}
	}
}
