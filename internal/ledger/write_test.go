package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/refusal"
)

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	errNo = refusal.New(402, "no", "No.")
)

// together commits the verbs as one group, in order, and returns the answer to each.
func together(app core.App, verbs ...func(tx core.App) error) []error {
	group := make([]*call, len(verbs))
	for i, verb := range verbs {
		group[i] = &call{verb: verb, answer: make(chan error, 1)}
	}
	writerOf(app).commit(group)
	answers := make([]error, len(verbs))
	for i, c := range group {
		answers[i] = <-c.answer
	}
	return answers
}

// note is a verb that leaves a line in the audit trail, which stands for whatever a verb writes.
func note(what string) func(tx core.App) error {
	return func(tx core.App) error { return Audit(tx, "test", what, "", nil, noon) }
}

func noteThen(what string, err error) func(tx core.App) error {
	return func(tx core.App) error { return errors.Join(note(what)(tx), err) }
}

func notes(t *testing.T, app core.App) []string {
	t.Helper()
	var acts []string
	if err := app.DB().NewQuery("SELECT act FROM ledger_audit ORDER BY seq").Column(&acts); err != nil {
		t.Fatal(err)
	}
	proof, err := Verify(app)
	if err != nil || !proof.Sound {
		t.Fatalf("the trail is not sound: %+v, %v", proof.Findings, err)
	}
	return acts
}

func wantNotes(t *testing.T, app core.App, want ...string) {
	t.Helper()
	if got := notes(t, app); !slices.Equal(got, want) {
		t.Errorf("written: %v, want %v", got, want)
	}
}

// In a group everybody gets the answer to his own verb, what was refused leaves nothing, and the rest is
// written in the order in which it came.
func TestARefusalDisturbsNobodyElse(t *testing.T) {
	broken := errors.New("broken")
	for name, refuse := range map[string]func(tx core.App) error{
		"before writing":          func(core.App) error { return errNo },
		"after writing":           noteThen("refused", errNo),
		"with an error":           func(core.App) error { return broken },
		"after writing, an error": noteThen("refused", broken),
	} {
		t.Run(name, func(t *testing.T) {
			app := apptest.New(t)
			answers := together(app, refuse, note("a"), note("b"), refuse, refuse, note("c"), refuse)
			for i, refused := range []bool{true, false, false, true, true, false, true} {
				if (answers[i] != nil) != refused {
					t.Errorf("verb %d was answered %v", i, answers[i])
				}
			}
			wantNotes(t, app, "a", "b", "c")
		})
	}
}

// A verdict holds for the place in the order: a verb sees exactly what the accepted ones before it wrote, also
// when some are run twice because of a refusal behind them.
func TestAVerbSeesWhatCameBeforeIt(t *testing.T) {
	app := apptest.New(t)
	seen := make([]int, 6)
	look := func(place int, then error) func(tx core.App) error {
		return func(tx core.App) error {
			var rows int
			if err := tx.DB().NewQuery("SELECT COUNT(*) FROM ledger_audit").Row(&rows); err != nil {
				return err
			}
			seen[place] = rows
			return noteThen(fmt.Sprint(place), then)(tx)
		}
	}
	together(app, look(0, nil), look(1, errNo), look(2, nil), look(3, nil), look(4, errNo), look(5, nil))
	if want := []int{0, 1, 1, 2, 3, 3}; !slices.Equal(seen, want) {
		t.Errorf("the verbs saw %v rows, want %v", seen, want)
	}
	wantNotes(t, app, "0", "2", "3", "5")
}

// However many of a group refuse, the work stays in proportion: no verb runs more than a few times.
func TestRefusalsCostLinearWork(t *testing.T) {
	app := apptest.New(t)
	var runs atomic.Int64
	var verbs []func(tx core.App) error
	for i := range groupCap {
		var outcome error
		if i%2 == 1 {
			outcome = errNo
		}
		verbs = append(verbs, func(tx core.App) error {
			runs.Add(1)
			return noteThen(fmt.Sprint(i), outcome)(tx)
		})
	}
	together(app, verbs...)
	if runs.Load() > 2*groupCap {
		t.Errorf("%d verbs ran %d times", groupCap, runs.Load())
	}
	if got := len(notes(t, app)); got != groupCap/2 {
		t.Errorf("%d rows, want %d", got, groupCap/2)
	}
}

// A verb that panics is its caller's trouble alone.
func TestAPanicIsAnErrorForItsCallerOnly(t *testing.T) {
	app := apptest.New(t)
	answers := together(app, note("a"), func(tx core.App) error {
		if err := note("lost")(tx); err != nil {
			return err
		}
		panic("at the disco")
	}, note("b"))
	if answers[0] != nil || answers[2] != nil {
		t.Errorf("the others were answered %v, %v", answers[0], answers[2])
	}
	if answers[1] == nil || !strings.Contains(answers[1].Error(), "at the disco") {
		t.Errorf("the panic was answered %v", answers[1])
	}
	wantNotes(t, app, "a", "b")
	if err := Write(app, note("c")); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

// Inside a transaction Write is part of it.
func TestWriteJoinsATransaction(t *testing.T) {
	app := apptest.New(t)
	err := app.RunInTransaction(func(tx core.App) error {
		if err := Write(tx, note("a")); err != nil {
			return err
		}
		return errNo
	})
	if !errors.Is(err, errNo) {
		t.Fatal(err)
	}
	err = Write(app, func(tx core.App) error {
		return Write(tx, func(tx core.App) error { return Write(tx, note("b")) })
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNotes(t, app, "b")
}

// savePlace is a verb that saves a record, whose hooks tell the world.
func savePlace(name string, then error) func(tx core.App) error {
	return func(tx core.App) error {
		orgs, err := tx.FindCollectionByNameOrId("orgs")
		if err != nil {
			return err
		}
		org := core.NewRecord(orgs)
		org.Load(map[string]any{"name": name, "slug": name, "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
		return errors.Join(tx.Save(org), then)
	}
}

// PocketBase announces a record once it is committed, once, and never what was undone; and it does so before
// the caller has his answer.
func TestOnlyWhatWasCommittedIsAnnounced(t *testing.T) {
	app := apptest.New(t)
	var mu sync.Mutex
	var told []string
	app.OnRecordAfterCreateSuccess("orgs").BindFunc(func(e *core.RecordEvent) error {
		if found, err := app.FindFirstRecordByData("orgs", "slug", e.Record.GetString("slug")); err != nil || found.Id != e.Record.Id {
			t.Errorf("%s was announced but is not there: %v", e.Record.GetString("slug"), err)
		}
		mu.Lock()
		told = append(told, e.Record.GetString("slug"))
		mu.Unlock()
		return e.Next()
	})
	together(app, savePlace("first", nil), savePlace("refused", errNo), savePlace("second", nil), savePlace("first", nil), savePlace("third", nil))
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(told) // two transactions' hooks may overlap, as two requests' do
	if want := []string{"first", "second", "third"}; !slices.Equal(told, want) {
		t.Errorf("announced %v, want %v", told, want)
	}
}

// A record made outside the verb is saved rightly even if its verb has to run again.
func TestARecordFromOutsideIsStillNewWhenTheVerbRunsAgain(t *testing.T) {
	app := apptest.New(t)
	orgs, err := app.FindCollectionByNameOrId("orgs")
	if err != nil {
		t.Fatal(err)
	}
	org := core.NewRecord(orgs)
	org.Load(map[string]any{"name": "x", "slug": "outside", "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
	answers := together(app, func(tx core.App) error { return tx.Save(org) }, noteThen("refused", errNo))
	if answers[0] != nil {
		t.Fatal(answers[0])
	}
	if _, err := app.FindRecordById("orgs", org.Id); err != nil {
		t.Error(err)
	}
}

// A hook that runs after the commit may write itself, whether it succeeds, fails or panics: the writer goes on
// and the callers are told the truth about their commit.
func TestHooksAfterTheCommitMayWrite(t *testing.T) {
	app := apptest.New(t)
	app.OnRecordAfterCreateSuccess("orgs").BindFunc(func(e *core.RecordEvent) error {
		if err := Write(e.App, note("hook:"+e.Record.GetString("slug"))); err != nil {
			t.Error(err)
		}
		switch e.Record.GetString("slug") {
		case "fails":
			return errors.New("hook failed")
		case "panics":
			panic("hook panicked")
		}
		return e.Next()
	})
	for _, slug := range []string{"good", "fails", "panics"} {
		if err := Write(app, savePlace(slug, nil)); err != nil {
			t.Errorf("%s was committed but answered %v", slug, err)
		}
	}
	wantNotes(t, app, "hook:good", "hook:fails", "hook:panics")
}

// What waits when the server ends is still done; what comes later is refused in words.
func TestTheWriterDrainsAndThenRefuses(t *testing.T) {
	app := apptest.New(t)
	w := writerOf(app)
	busy, release := make(chan struct{}), make(chan struct{})
	answers := make(chan error, 4)
	go func() {
		answers <- Write(app, func(tx core.App) error {
			close(busy)
			<-release
			return note("first")(tx)
		})
	}()
	<-busy
	for range 3 { // sent by hand, so that they are surely in the queue before it closes
		c := &call{verb: note("waiting"), answer: answers}
		w.calls <- c
	}
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	close(release)
	<-stopped
	for range 4 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	if err := Write(app, note("late")); !errors.Is(err, ErrClosing) {
		t.Errorf("after the end: %v", err)
	}
	wantNotes(t, app, "first", "waiting", "waiting", "waiting")
}

// A call whose caller has lost patience never runs.
func TestACallThatWasGivenUpDoesNotRun(t *testing.T) {
	app := apptest.New(t)
	w := writerOf(app)
	given := &call{verb: note("given up"), answer: make(chan error, 1)}
	given.taken.Store(true)
	if group := w.gather(given); len(group) != 0 {
		t.Errorf("it is in a group of %d", len(group))
	}
	wantNotes(t, app)
}
