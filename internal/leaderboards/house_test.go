package leaderboards

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/contacts"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// noon is noon in Paris, on a Wednesday in winter.
var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

// house is an app with one game of an organisation in Paris that gives points.
type house struct {
	core.App
	t       testing.TB
	org     *core.Record
	maker   *core.Record
	program programs.Program
	people  map[string]*core.Record
}

func newHouse(t testing.TB, boards ...check.ManifestBoard) *house {
	t.Helper()
	app := apptest.New(t, identity.Register, loyalty.Register, func(app core.App) { programs.Register(app, nil, nil) }, contacts.Register, Register)
	clock.Set(app, noon)
	h := &house{App: app, t: t, org: apptest.Org(t, app, "arcade"), maker: apptest.Person(t, app, "Maker"), people: map[string]*core.Record{}}
	apptest.Staff(t, app, h.org, h.maker, "owner")
	apptest.Record(t, app, "loyalty_programs", map[string]any{
		"org": h.org.Id, "name": "Club", "spend_per_point": 100, "point_value": 1, "expiry_kind": "never", "timezone": "Europe/Paris",
	})
	h.program = h.newProgram("game", h.org.Id)
	h.declare(h.program, boards...)
	return h
}

func (h *house) newProgram(appid, org string) programs.Program {
	h.t.Helper()
	record := apptest.Record(h.t, h.App, "programs", map[string]any{
		"appid": appid, "name": appid, "status": "live", "org": org, "owner": h.maker.Id, "kind": "game", "tier": "reviewed",
	})
	return programs.Program{ID: record.Id, AppID: appid, Org: org}
}

// declare is a release whose manifest has these boards.
func (h *house) declare(p programs.Program, boards ...check.ManifestBoard) {
	h.declareAt(p, noon, boards...)
}

func (h *house) declareAt(p programs.Program, at time.Time, boards ...check.ManifestBoard) {
	h.t.Helper()
	err := ledger.Write(h.App, func(tx core.App) error { return settle(tx, p.ID, p.AppID, false, boards, at) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) person(name string) *core.Record {
	h.t.Helper()
	if h.people[name] == nil {
		h.people[name] = apptest.Person(h.t, h.App, name)
	}
	return h.people[name]
}

// by is a page's call of somebody.
func (h *house) by(name string) Caller { return Caller{Program: h.program, User: h.person(name)} }

// function is a function's call on somebody's behalf.
func (h *house) function(name string) Caller {
	return Caller{Program: h.program, User: h.person(name), Function: true}
}

// sent is a score without a play.
func sent(board string, score any) Submission {
	raw, err := json.Marshal(score)
	if text, ok := score.(string); ok {
		raw, err = []byte(text), nil
	}
	if err != nil {
		panic(err)
	}
	return Submission{Board: board, Score: raw}
}

func (s Submission) of(play string) Submission {
	s.Play = play
	return s
}

// score submits and must be accepted.
func (h *house) score(name, board string, score int64, at time.Time) Outcome {
	h.t.Helper()
	out, err := Submit(h.App, h.by(name), sent(board, score), at)
	if err != nil {
		h.t.Fatalf("%s's %d: %v", name, score, err)
	}
	return out
}

func (h *house) play(name, board string, at time.Time) Started {
	h.t.Helper()
	started, err := Play(h.App, h.by(name), board, at)
	if err != nil {
		h.t.Fatalf("play of %s: %v", name, err)
	}
	return started
}

// line is how a ranking reads: "1 Ana 30, 2 Ben 20", by the names that the test gave.
func (h *house) line(board, season string, at time.Time) string {
	h.t.Helper()
	page, err := Top(h.App, h.by("Watcher"), Query{Board: board, Season: season, Limit: PageLimit}, at)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := boardOf(h.App, h.by("Watcher"), board)
	if err != nil {
		h.t.Fatal(err)
	}
	names, err := namesOn(h.App, b, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	known := map[string]string{}
	for name, person := range h.people {
		known[names.name(person.Id)] = name
	}
	text := ""
	for _, e := range page.Entries {
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s %d", e.Rank, known[e.Name], e.Score)
	}
	return text
}

func (h *house) wantLine(board, season string, at time.Time, want string) {
	h.t.Helper()
	if got := h.line(board, season, at); got != want {
		h.t.Errorf("%s %s is %q, want %q", board, season, got, want)
	}
}

func (h *house) count(what string, params ...dbx.Params) int {
	h.t.Helper()
	query := h.DB().NewQuery("SELECT COUNT(*) FROM " + what)
	if len(params) > 0 {
		query = query.Bind(params[0])
	}
	var n int
	if err := query.Row(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) points(name string) int64 {
	h.t.Helper()
	var sum int64
	err := h.DB().NewQuery("SELECT COALESCE(SUM(points), 0) FROM loyalty_movements WHERE user = {:user}").
		Bind(dbx.Params{"user": h.person(name).Id}).Row(&sum)
	if err != nil {
		h.t.Fatal(err)
	}
	return sum
}

func (h *house) close(at time.Time) int {
	h.t.Helper()
	n, err := CloseDue(h.App, at)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

func want(t testing.TB, err, expected error) {
	t.Helper()
	if !errors.Is(err, expected) {
		t.Errorf("got %v, want %v", err, expected)
	}
}

func whole(n int64) *int64 { return &n }
