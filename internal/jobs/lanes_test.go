package jobs_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
)

// Jobs of many owners run side by side, those of one owner in their order and never two at once.
func TestOwnersRunSideBySide(t *testing.T) {
	app := apptest.New(t)
	var mu sync.Mutex
	got := map[string][]string{}
	var inside, most atomic.Int64
	together := make(chan struct{})
	jobs.HandleEach(app, "call", 4, func(_ core.App, payload []byte, _ time.Time) error {
		if now := inside.Add(1); now == 4 {
			most.Store(4)
			close(together) // four are at work at once: nobody would come here if one waited for another
		} else if now > 4 {
			most.Store(now)
		}
		<-together
		defer inside.Add(-1)
		mu.Lock()
		defer mu.Unlock()
		var owner, what string
		if _, err := fmt.Sscanf(string(payload), "\"%1s %1s\"", &owner, &what); err != nil {
			return err
		}
		got[owner] = append(got[owner], what)
		return nil
	}, nil)
	for n, owner := range []string{"a", "b", "c", "d"} {
		for m, what := range []string{"1", "2", "3"} {
			add(t, app, "call", owner+"/"+what, owner+" "+what, noon.Add(time.Duration(n+m)*time.Millisecond))
		}
	}
	runDue(t, app, noon.Add(time.Second), 12)
	for _, owner := range []string{"a", "b", "c", "d"} {
		if !slices.Equal(got[owner], []string{"1", "2", "3"}) {
			t.Errorf("%s had %v", owner, got[owner])
		}
	}
	if most.Load() != 4 {
		t.Errorf("%d ran side by side", most.Load())
	}
}

// Whoever never comes to an end holds up nobody else, however much they have to do.
func TestAHangingOwnerHoldsUpNobody(t *testing.T) {
	app := apptest.New(t)
	release, others := make(chan struct{}), make(chan string, 100)
	jobs.HandleEach(app, "call", 2, func(_ core.App, payload []byte, _ time.Time) error {
		if string(payload) == `"hangs"` {
			<-release
			return nil
		}
		others <- string(payload)
		return nil
	}, nil)
	for n := range 50 {
		add(t, app, "call", fmt.Sprintf("hanging/%d", n), "hangs", noon)
	}
	for n := range 5 {
		add(t, app, "call", fmt.Sprintf("brisk%d/1", n), "brisk", noon.Add(time.Minute))
	}
	var wait sync.WaitGroup
	wait.Go(func() { runDue(t, app, noon.Add(time.Hour), 55) })
	for range 5 {
		<-others
	}
	close(release)
	wait.Wait()
}

// A job that fails is tried again after its pause, and one that panics is no more than a failure.
func TestAnOwnersFailureIsTriedAgain(t *testing.T) {
	app := apptest.New(t)
	tries := 0
	jobs.HandleEach(app, "call", 2, func(core.App, []byte, time.Time) error {
		if tries++; tries == 1 {
			panic("at the disco")
		}
		return nil
	}, nil)
	add(t, app, "call", "a/1", nil, noon)
	runDue(t, app, noon, 1)
	wantState(t, app, "a/1", "waiting", 1)
	runDue(t, app, noon.Add(15*time.Second), 1)
	wantState(t, app, "a/1", "done", 2)
}

// Ticks that overlap run each owner's job once.
func TestOverlappingTicksShareTheLanes(t *testing.T) {
	app := apptest.New(t)
	var ran atomic.Int64
	jobs.HandleEach(app, "call", 3, func(core.App, []byte, time.Time) error { ran.Add(1); return nil }, nil)
	for n := range 60 {
		add(t, app, "call", fmt.Sprintf("owner%d/%d", n%20, n), nil, noon)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := jobs.RunDue(app, noon); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := jobs.RunDue(app, noon); err != nil || ran.Load() != 60 {
		t.Errorf("60 jobs ran %d times: %v", ran.Load(), err)
	}
}

// What is watched is done while it is found, and an error of the search ends the pass.
func TestWhatIsFoundIsDone(t *testing.T) {
	app := apptest.New(t)
	left := []string{"a", "b", "a", "c"}
	broken := errors.New("no table")
	var mu sync.Mutex
	jobs.Watch(app, "watch", 2, func(_ core.App, _ time.Time, except []string) ([]jobs.Task, error) {
		mu.Lock()
		defer mu.Unlock()
		for n, owner := range left {
			if slices.Contains(except, owner) {
				continue
			}
			return []jobs.Task{{Owner: owner, Run: func(time.Time) (bool, error) {
				mu.Lock()
				defer mu.Unlock()
				if n < len(left) && left[n] == owner {
					left = slices.Delete(left, n, n+1)
					return true, nil
				}
				return false, nil
			}}}, nil
		}
		if len(left) == 0 {
			return nil, broken
		}
		return nil, nil
	})
	ran, err := jobs.RunDue(app, noon)
	if ran != 4 || !errors.Is(err, broken) {
		t.Errorf("did %d: %v", ran, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("two were registered under one name")
		}
	}()
	jobs.HandleEach(app, "watch", 2, nil, nil)
}

// What is done for many owners is forgotten after a week, and what was given up with everything else.
func TestJobsOfManyAreForgottenSooner(t *testing.T) {
	app := apptest.New(t)
	var told []string
	jobs.HandleEach(app, "call", 1, func(_ core.App, payload []byte, _ time.Time) error {
		if string(payload) == `"bad"` {
			return errors.New("no")
		}
		return nil
	}, func(_ core.App, payload []byte, failure error, _ time.Time) {
		told = append(told, string(payload)+" "+failure.Error())
	})
	jobs.Handle(app, "mail", func(core.App, []byte, time.Time) error { return nil })
	jobs.Register(app, nil)
	add(t, app, "call", "a/1", "good", noon)
	add(t, app, "call", "a/2", "bad", noon)
	add(t, app, "mail", "a/3", "good", noon)
	at := noon
	for range 20 {
		at = at.Add(time.Hour)
		if _, err := jobs.RunDue(app, at); err != nil {
			t.Fatal(err)
		}
	}
	wantState(t, app, "a/2", "failed", 10)
	if !slices.Equal(told, []string{`"bad" no`}) {
		t.Errorf("the owner was told %q", told)
	}
	left := func(day int) (kept []string) {
		at := noon.AddDate(0, 0, day)
		clock.Set(app, at)
		if _, err := jobs.RunDue(app, at); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a/1", "a/2", "a/3"} {
			if _, err := app.FindFirstRecordByData("jobs", "key", key); err == nil {
				kept = append(kept, key)
			}
		}
		return kept
	}
	if kept := left(9); !slices.Equal(kept, []string{"a/2", "a/3"}) {
		t.Errorf("after nine days there are %v", kept)
	}
	if kept := left(100); len(kept) != 0 {
		t.Errorf("after a hundred days there are %v", kept)
	}
}
