package programs_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/programs"
)

// embedded is a first-party tree: Go files beside one folder per program.
func embedded(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"programs.go": {Data: []byte("package miniprograms")}}
	for name, content := range project(t) {
		files["hello/"+name] = &fstest.MapFile{Data: content}
	}
	return files
}

// The house's own programs come in by the same door, once; an operator's roll-back stays.
func TestSeedPublishesOnceAndAgainWhenBytesChange(t *testing.T) {
	h := newHouse(t)
	host, err := programs.Host(h.App)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := programs.Host(h.App); err != nil || again != host {
		t.Errorf("the host is %s, then %s (%v)", host, again, err)
	}
	files := embedded(t)
	seed := func() {
		t.Helper()
		if err := programs.Seed(context.Background(), h.App, files, host, now); err != nil {
			t.Fatalf("%v %v", err, findings(err))
		}
	}
	seed()
	seed()
	if n := count(t, h, "programs_versions WHERE state = 'released'"); n != 1 || count(t, h, "programs_versions") != 1 {
		t.Errorf("%d versions are released", n)
	}
	files["hello/pages/index/index.wxml"] = &fstest.MapFile{Data: []byte("<view>new</view>")}
	seed()
	live, err := programs.Live(h.App, "hello")
	if err != nil || live.Number != 2 {
		t.Errorf("version %d is live (%v)", live.Number, err)
	}
	h.rollback(t, 1)
	seed()
	if live, err = programs.Live(h.App, "hello"); err != nil || live.Number != 1 {
		t.Errorf("seeding undid the roll-back: version %d is live (%v)", live.Number, err)
	}
}

// A house that was stopped half-way through its own publishing goes on where it was.
func TestSeedGoesOnWhereItWasStopped(t *testing.T) {
	h := newHouse(t)
	files := embedded(t)
	packed, err := programs.Zip(files, "hello")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.send(h.org, "hello", packed, "plaza"); err != nil {
		t.Fatal(err)
	}
	if _, err := programs.Submit(h.App, "hello", 1, programs.Submission{}, "plaza", now); err != nil {
		t.Fatal(err)
	}
	if err := programs.Seed(context.Background(), h.App, files, h.org, now); err != nil {
		t.Fatal(err)
	}
	live, err := programs.Live(h.App, "hello")
	if err != nil || live.Tier != programs.TierReviewed {
		t.Errorf("live is %+v (%v)", live, err)
	}
}

// One broken folder must not keep the others out.
func TestSeedGoesOnAfterABrokenFolder(t *testing.T) {
	h := newHouse(t)
	files := embedded(t)
	files["broken/app.json"] = &fstest.MapFile{Data: []byte("{")}
	err := programs.Seed(context.Background(), h.App, files, h.org, now)
	want(t, err, programs.ErrInvalid)
	if _, err := programs.Live(h.App, "hello"); err != nil {
		t.Errorf("hello is not live: %v", err)
	}
}

// A house that starts for the first time publishes its programs by itself, as a certified organisation's.
func TestServingPublishesTheFirstPartyPrograms(t *testing.T) {
	files := embedded(t)
	app := apptest.New(t, func(app core.App) { programs.Register(app, built, files) })
	live := make(chan struct{})
	app.OnRecordAfterUpdateSuccess("programs").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetString("status") == "live" {
			close(live)
		}
		return e.Next()
	})
	apptest.Server(t, app)
	select {
	case <-live:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was published")
	}
	program, err := programs.Live(app, "hello")
	if err != nil || !program.Certified || program.OrgName != "Plaza" {
		t.Errorf("live is %+v (%v)", program, err)
	}
}
