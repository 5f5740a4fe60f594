package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"plaza.internal/plaza/internal/confined"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// Workers is how many packages are checked at a time; others wait.
	Workers = 2
	// maxJobs is how many packages one worker checks in its life.
	maxJobs = 50
	// idleLife is how long an unused worker is kept.
	idleLife = 30 * time.Second
	// interruption is between the worker's own deadline and SIGKILL.
	interruption = 2 * time.Second
)

// crew is the process's workers: cores and memory are the machine's, not a caller's.
var crew = newPool(memoryLimit, deadline+interruption)

// Package checks the zip at path, which an author sent for appid ("" takes whatever the manifest says), and
// when it passes writes the compiled bundle to the file out ("" only checks). What is wrong with the package
// is in the report, also when it is no readable archive; an error is a refusal of this package that the
// worker ended with, or the end of ctx.
func Package(ctx context.Context, path, appid string, policy Policy, out string) (Report, error) {
	var err error
	j := job{AppID: appid, Policy: policy}
	// The worker has another working folder.
	if j.Path, err = filepath.Abs(path); err != nil {
		return Report{}, err
	}
	if out != "" {
		if j.Out, err = filepath.Abs(out); err != nil {
			return Report{}, err
		}
	}
	return crew.check(ctx, j)
}

// pool keeps the workers that wait for a package.
type pool struct {
	memory   int64         // of one worker's data
	patience time.Duration // with one package
	turns    chan struct{} // one for each worker that may run
	mu       sync.Mutex
	idle     []*worker
}

func newPool(memory int64, patience time.Duration) *pool {
	return &pool{memory: memory, patience: patience, turns: make(chan struct{}, Workers)}
}

func (p *pool) check(ctx context.Context, j job) (Report, error) {
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return Report{}, fmt.Errorf("check queue: %w", ctx.Err())
	}
	if err := ctx.Err(); err != nil {
		return Report{}, fmt.Errorf("check queue: %w", err)
	}
	w, err := p.take()
	if err != nil {
		return Report{}, err
	}
	said, err := w.check(ctx, j)
	if err != nil {
		return Report{}, err
	}
	if said.Retire || w.jobs >= maxJobs {
		w.kill(errRetired)
	} else {
		p.give(w)
	}
	switch {
	case said.Failure != "":
		return Report{}, fmt.Errorf("check worker: %s", said.Failure)
	case said.Code != "":
		return Report{}, refusalOf(said)
	}
	return said.Report, nil
}

// refusalOf is the refusal that a worker named.
func refusalOf(said answer) error {
	for _, known := range []*refusal.Refusal{ErrTimeout, ErrMemory, ErrBundleTooLarge} {
		if known.Code == said.Code {
			return withDetails(known, said.Details)
		}
	}
	return withDetails(ErrFailed, said.Details)
}

func withDetails(no *refusal.Refusal, details map[string]any) error {
	for key, value := range details {
		no = no.With(key, value)
	}
	return no
}

func (p *pool) take() (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		w := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if w.rest.Stop() {
			return w, nil
		}
	}
	return start(p.memory, p.patience)
}

func (p *pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.rest = time.AfterFunc(idleLife, func() { p.expire(w) })
	p.idle = append(p.idle, w)
}

// expire ends a worker that nobody has used for a while.
func (p *pool) expire(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, other := range p.idle {
		if other == w {
			p.idle = append(p.idle[:n], p.idle[n+1:]...)
			break
		}
	}
	w.kill(errRetired)
}

// worker is the parent's view of one worker process. Only one job uses it at a time.
type worker struct {
	patience time.Duration // with one package
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      io.ReadCloser
	rest     *time.Timer
	jobs     int
	stderr   confined.Tail
	died     chan struct{} // closed when the process has ended

	mu     sync.Mutex
	reason error // why it was killed
}

var (
	errRetired = errors.New("check: worker retired")
	errBroken  = errors.New("check: worker broke")
)

// start runs this binary again as a worker, with nothing that it does not need.
func start(memory int64, patience time.Duration) (*worker, error) {
	if os.Getenv(workerMarker) != "" {
		return nil, errors.New("check: a worker does not start workers; call check.Main first thing in main and in TestMain")
	}
	w := &worker{patience: patience, died: make(chan struct{})}
	var err error
	environment := []string{workerMarker + "=1", "GOMAXPROCS=2"} // read by the Go runtime before main; main clears it
	if w.cmd, err = confined.Command(&w.stderr, environment, workerArgument, fmt.Sprint(memory), cacheDir()); err != nil {
		return nil, err
	}
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if w.out, err = w.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("check worker: %w", err)
	}
	confined.Watch(w.cmd, memory, w.died, func() { w.kill(ErrMemory) })
	return w, nil
}

// cacheDir is the folder of this user for the compiler's machine code, or "" when there is none that only
// this user writes to: code that others may write would be theirs.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "plaza", "compiler")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ""
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() || !isOwn(info) || os.Chmod(dir, 0o700) != nil {
		return ""
	}
	return dir
}

// check sends one job and waits for its answer, which comes within the deadline: when that is over the
// process is killed, which ends the read.
func (w *worker) check(ctx context.Context, j job) (answer, error) {
	w.jobs++
	last := time.AfterFunc(w.patience, func() { w.kill(ErrTimeout) })
	defer last.Stop()
	stop := context.AfterFunc(ctx, func() { w.kill(ctx.Err()) }) // the caller went away
	defer stop()
	var said answer
	err := writeFrame(w.in, j)
	if err == nil {
		err = readFrame(w.out, &said)
	}
	if err != nil {
		w.kill(errBroken)
	}
	if reason := w.killed(); reason != nil {
		return answer{}, w.obituary(reason)
	}
	return said, nil
}

// kill ends the process. The first reason stands.
func (w *worker) kill(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reason != nil {
		return
	}
	w.reason = reason
	_ = w.cmd.Process.Kill() // it fails only when the process has ended already
	go w.bury()
}

func (w *worker) killed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reason
}

// bury waits for the process, so that none is left as a zombie.
func (w *worker) bury() {
	_ = w.in.Close()
	_ = w.cmd.Wait() // how it ended is told by reason and stderr
	close(w.died)
}

// obituary says why the process ended. What it wrote is for the log: it may hold what the author wrote.
func (w *worker) obituary(reason error) error {
	<-w.died
	if !errors.Is(reason, errBroken) {
		return reason
	}
	last, state := w.stderr.String(), w.cmd.ProcessState.String()
	slog.Warn("compile worker ended", "state", state, "stderr", short(last, 600))
	switch {
	case ranOutOfMemory(last):
		return ErrMemory
	case strings.Contains(state, "CPU"):
		return ErrTimeout
	case strings.Contains(state, "killed"):
		return ErrMemory // nobody here killed it, so the system did, for want of memory
	case strings.Contains(state, "file size"):
		return ErrBundleTooLarge.With("limit", maxBundle)
	}
	return ErrFailed
}

// ranOutOfMemory reads what the Go runtime wrote when it ended.
func ranOutOfMemory(last string) bool {
	for _, sign := range []string{"out of memory", "cannot allocate memory", "makeslice", "failed to create new OS thread"} {
		if strings.Contains(last, sign) {
			return true
		}
	}
	// The collector ends by a nil pointer when the system gives it no memory for its own queues.
	return strings.Contains(last, "SIGSEGV") && strings.Contains(last, "runtime.gc")
}
