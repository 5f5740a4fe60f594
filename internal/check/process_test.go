//go:build unix

package check

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"plaza.internal/plaza/internal/confined"
)

// stall is a package that is never read to its end: a pipe that nobody writes to.
func stall(t *testing.T) job {
	t.Helper()
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return job{Path: path, Policy: Default()}
}

func small(t *testing.T) job {
	t.Helper()
	archive, err := Archive(map[string][]byte{
		"manifest.json": []byte(`{"app_id":"shop","name":"Shop"}`), "app.json": []byte(`{"pages":["a"]}`), "a.wxml": []byte(`<view/>`),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "package.zip")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	return job{Path: path, AppID: "shop", Policy: Default()}
}

// passes says that the pool still serves.
func passes(t *testing.T, p *pool) {
	t.Helper()
	report, err := p.check(t.Context(), small(t))
	if err != nil || report.Failed() {
		t.Errorf("the next package: %v %+v", err, report.Findings)
	}
}

func empty(p *pool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.idle {
		w.rest.Stop()
		w.kill(errRetired)
	}
	p.idle = nil
}

// A package that stalls its worker loses it when its time is over, and its caller is told so.
func TestAStalledWorker(t *testing.T) {
	p := newPool(memoryLimit, 10*time.Second)
	defer empty(p)
	passes(t, p)
	p.idle[0].patience = 300 * time.Millisecond
	if _, err := p.check(t.Context(), stall(t)); !errors.Is(err, ErrTimeout) {
		t.Errorf("got %v", err)
	}
	passes(t, p)
}

// A caller that goes away takes its worker along.
func TestACallerThatGoesAway(t *testing.T) {
	p := newPool(memoryLimit, time.Minute)
	defer empty(p)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := p.check(ctx, stall(t)); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 20*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	passes(t, p)
}

// A worker that is out of memory, crashes or is killed by the system ends with a name for it.
func TestAWorkerThatEnds(t *testing.T) {
	if !confined.RaceDetector { // which has no limit
		p := newPool(48<<20, time.Minute)
		if _, err := p.check(t.Context(), small(t)); !errors.Is(err, ErrMemory) {
			t.Errorf("without memory: %v", err)
		}
		empty(p)
	}
	for signal, want := range map[syscall.Signal]error{syscall.SIGKILL: ErrMemory, syscall.SIGQUIT: ErrFailed} {
		w, err := start(memoryLimit, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.check(t.Context(), small(t)); err != nil { // it is up
			t.Fatal(err)
		}
		ended := make(chan error)
		j := stall(t)
		go func() {
			_, err := w.check(context.Background(), j)
			ended <- err
		}()
		if err := w.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, want) {
			t.Errorf("%v: %v", signal, err)
		}
	}
}

// A worker is used for many packages, and not for ever.
func TestWorkersRetire(t *testing.T) {
	p := newPool(memoryLimit, time.Minute)
	defer empty(p)
	passes(t, p)
	first := p.idle[0]
	passes(t, p)
	if p.idle[0] != first || first.jobs != 2 {
		t.Errorf("a second worker after %d packages", first.jobs)
	}
	first.jobs = maxJobs - 1
	passes(t, p)
	if len(p.idle) != 0 || first.killed() == nil {
		t.Error("the worker has not retired")
	}
	passes(t, p)
	p.expire(p.idle[0])
	if len(p.idle) != 0 {
		t.Error("an unused worker stays")
	}
}

// A worker has nothing of its parent's but what it needs.
func TestAWorkerHasNoEnvironment(t *testing.T) {
	t.Setenv("PLAZA_TEST_SECRET", "1")
	w, err := start(memoryLimit, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill(errRetired)
	for _, variable := range w.cmd.Env {
		if name := variable[:5]; name != "PLAZA" && name != "GOMAX" || variable == "PLAZA_TEST_SECRET=1" {
			t.Errorf("it has %s", variable)
		}
	}
	t.Setenv(workerMarker, "1")
	if _, err := start(memoryLimit, time.Minute); err == nil {
		t.Error("a worker starts workers")
	}
}
