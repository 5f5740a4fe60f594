package figures

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main() // packages are looked into by this very binary
	os.Exit(m.Run())
}

// street is a running house with the hello program, its maker and people who open it.
type street struct {
	core.App
	client               *apptest.Client
	maker, ann, bob, ops *core.Record
	version              int
}

func newStreet(t *testing.T) *street {
	t.Helper()
	app := apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register, Register)
	clock.Set(app, noon)
	s := &street{
		App: app, maker: apptest.Person(t, app, "Maker"), ann: apptest.Person(t, app, "Ann"), bob: apptest.Person(t, app, "Bob"),
		ops: apptest.Operator(t, app, "Olga"),
	}
	org := apptest.Org(t, app, "shop")
	apptest.Staff(t, app, org, s.maker, "owner")
	packed, err := programs.Zip(os.DirFS("../programs/testdata"), "hello")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(app, programs.Owner{Org: org.Id}, "hello", bytes.NewReader(packed), "", s.maker.Id, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.version = version.GetInt("number")
	if _, err := programs.Release(app, "hello", s.version, 100, s.maker.Id, noon); err != nil {
		t.Fatal(err)
	}
	s.client = apptest.NewClient(t, app)
	return s
}

func (s *street) open(t *testing.T, user *core.Record, trial int) string {
	t.Helper()
	launch, err := programs.Launch(s, user, "hello", programs.Opening{Version: trial}, clock.Now(s))
	if err != nil {
		t.Fatal(err)
	}
	return launch.Token
}

func (s *street) send(t *testing.T, user *core.Record, launch string, body any) apptest.Answer {
	t.Helper()
	return s.client.Do(http.MethodPost, "/api/mp/hello/events", apptest.Token(t, user), body,
		map[string]string{launchHeader: launch, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"})
}

func (s *street) figures(t *testing.T, user *core.Record) Figures {
	t.Helper()
	got := s.client.Must(http.StatusOK, http.MethodGet, "/api/mp/hello/figures", apptest.Token(t, user), nil)
	var figures Figures
	if err := json.Unmarshal(got.Body, &figures); err != nil {
		t.Fatal(err)
	}
	return figures
}

func batch(events ...Event) map[string]any { return map[string]any{"events": events} }

// From the phone to the maker's screen: what happened, and the error in the log.
func TestMakersSeeWhatHappened(t *testing.T) {
	s := newStreet(t)
	for _, who := range []*core.Record{s.ann, s.bob} {
		launch := s.open(t, who, 0)
		events := batch(open(1), load(2, 300), page(3, "pages/index/index"), Event{Seq: 4, Kind: KindError, Path: "pages/index/index", Message: "x is undefined", Stack: "at tap"})
		var tries sync.WaitGroup
		for range 4 { // the network repeats
			tries.Go(func() {
				if got := s.send(t, who, launch, events); got.Status != 200 {
					t.Errorf("%d %s", got.Status, got.Body)
				}
			})
		}
		tries.Wait()
		if got := s.send(t, who, launch, events); got.Number("counted") != 0 {
			t.Errorf("sent again, %s", got.Body)
		}
	}
	for _, reader := range []*core.Record{s.maker, s.ops} {
		figures := s.figures(t, reader)
		if today := figures.Days[29]; today.Day != "2026-03-10" || today.Opens != 2 || today.People != 2 || today.Errors != 2 || len(figures.Pages) != 1 {
			t.Errorf("today is %+v, pages %+v", today, figures.Pages)
		}
	}
	lines, _, err := logs.Tail(t.Context(), s, logs.Filter{AppID: "hello", Level: "error", Source: logs.SourcePage}, 20*time.Second)
	if err != nil || len(lines) == 0 {
		t.Fatalf("the log has %d lines, %v", len(lines), err)
	}
	if got := lines[0]; got.Text != "pages/index/index: x is undefined" || got.Stack != "at tap" || got.Device != "Firefox 131, Linux" || got.Version != s.version || got.Request == "" {
		t.Errorf("the line is %+v", got)
	}
}

// Nobody's id is anywhere in the figures, nor the one that the program knows.
func TestFiguresKnowNobody(t *testing.T) {
	s := newStreet(t)
	launch, err := programs.Launch(s, s.ann, "hello", programs.Opening{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, s.ann, launch.Token, batch(open(1), page(2, "a")))
	var kept []string
	err = s.DB().NewQuery(`SELECT person FROM figures_people UNION ALL SELECT session || seen || path || here FROM figures_sessions
		UNION ALL SELECT mark || events FROM figures_trails`).Column(&kept)
	if err != nil || len(kept) != 5 {
		t.Fatalf("kept are %q, %v", kept, err)
	}
	for _, text := range kept {
		if strings.Contains(text, s.ann.Id) || strings.Contains(text, launch.OpenID) {
			t.Errorf("somebody can be found by %s", text)
		}
	}
}

// A trial is not the public; what goes wrong in it is all the more interesting.
func TestTrialsCountNothing(t *testing.T) {
	s := newStreet(t)
	launch := s.open(t, s.maker, s.version)
	if got := s.send(t, s.maker, launch, batch(open(1), Event{Seq: 2, Kind: KindError, Message: "on trial"})); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := s.figures(t, s.maker); got.Totals.Opens != 0 || got.Totals.Errors != 0 || len(got.Retention) != 0 {
		t.Errorf("a trial counted: %+v", got.Totals)
	}
	lines, _, err := logs.Tail(t.Context(), s, logs.Filter{AppID: "hello"}, 20*time.Second)
	if err != nil || len(lines) != 1 || lines[0].Text != "on trial" {
		t.Errorf("the log has %+v, %v", lines, err)
	}
}

// A new version must not lose what the last minutes of the old one brought, under the old one's number.
func TestALateBatchOfTheVersionBeforeCounts(t *testing.T) {
	s := newStreet(t)
	launch := s.open(t, s.ann, 0)
	packed, err := programs.Zip(os.DirFS("../programs/testdata"), "hello")
	if err != nil {
		t.Fatal(err)
	}
	packed = rezip(t, packed)
	program, err := s.FindFirstRecordByData("programs", "appid", "hello")
	if err != nil {
		t.Fatal(err)
	}
	version, err := programs.Upload(s, programs.Owner{Org: program.GetString("org")}, "hello", bytes.NewReader(packed), "", s.maker.Id, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Release(s, "hello", version.GetInt("number"), 100, s.maker.Id, noon); err != nil {
		t.Fatal(err)
	}
	if _, _, err := programs.Running(s, s.ann, "hello", launch, noon); err == nil {
		t.Fatal("the launch is not stale")
	}
	if got := s.send(t, s.ann, launch, batch(open(1), Event{Seq: 2, Kind: KindError, Message: "late"})); got.Number("counted") != 2 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	lines, _, err := logs.Tail(t.Context(), s, logs.Filter{AppID: "hello"}, 20*time.Second)
	if err != nil || len(lines) != 1 || lines[0].Version != s.version {
		t.Errorf("the log has %+v, %v", lines, err)
	}
}

// rezip is the same package with other bytes: a comment at its end.
func rezip(t *testing.T, packed []byte) []byte {
	t.Helper()
	const comment = "second"
	out := bytes.Clone(packed)
	out[len(out)-2] = byte(len(comment)) // the length of the comment is the archive's last member
	return append(out, comment...)
}

// What is no batch, no launch, or nobody's business is refused by name.
func TestBadEventsAreRefusedByName(t *testing.T) {
	s := newStreet(t)
	launch := s.open(t, s.ann, 0)
	many := make([]Event, BatchEvents+1)
	for i := range many {
		many[i] = open(i + 1)
	}
	for _, c := range []struct {
		body any
		code string
	}{
		{batch(many...), "bad_events"},
		{batch(open(0)), "bad_events"},
		{batch(Event{Seq: 1}), "bad_events"},
		{`{"events":{}}`, "bad_body"},
		{"", "bad_body"},
		{batch(Event{Seq: 1, Kind: KindError, Stack: strings.Repeat("x", BatchBytes)}), "events_too_large"},
	} {
		if got := s.send(t, s.ann, launch, c.body); got.Code() != c.code {
			t.Errorf("%.60v: %d %s, want %s", c.body, got.Status, got.Body, c.code)
		}
	}
	if got := s.send(t, s.bob, launch, batch(open(1))); got.Code() != "launch_invalid" {
		t.Errorf("another person's launch: %d %s", got.Status, got.Body)
	}
	if got := s.send(t, s.ann, "", batch(open(1))); got.Code() != "launch_invalid" {
		t.Errorf("no launch: %d %s", got.Status, got.Body)
	}
	clock.Set(s, noon.Add(3*time.Hour))
	if got := s.send(t, s.ann, launch, batch(open(1))); got.Code() != "launch_expired" {
		t.Errorf("an old launch: %d %s", got.Status, got.Body)
	}
	if got := s.figures(t, s.maker); got.Totals.Opens != 0 {
		t.Errorf("refused batches counted: %+v", got.Totals)
	}
	for query, code := range map[string]string{"?from=2026-03-11&to=2026-03-10": "bad_period", "?from=x": "bad_period"} {
		if got := s.client.Do(http.MethodGet, "/api/mp/hello/figures"+query, apptest.Token(t, s.maker), nil); got.Code() != code {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	for user, code := range map[*core.Record]string{s.ann: "not_maker"} {
		if got := s.client.Do(http.MethodGet, "/api/mp/hello/figures", apptest.Token(t, user), nil); got.Code() != code {
			t.Errorf("a stranger: %d %s", got.Status, got.Body)
		}
	}
	if got := s.client.Do(http.MethodGet, "/api/mp/hello/figures", "", nil); got.Code() != "sign_in_required" {
		t.Errorf("a guest: %d %s", got.Status, got.Body)
	}
	if got := s.client.Do(http.MethodGet, "/api/mp/nothing/figures", apptest.Token(t, s.ops), nil); got.Code() != "program_not_found" {
		t.Errorf("no program: %d %s", got.Status, got.Body)
	}
}
