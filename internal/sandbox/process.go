package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"plaza.internal/plaza/internal/confined"
	"plaza.internal/plaza/internal/refusal"
)

// worker is the parent's view of one worker process. Only one call uses it at a time.
type worker struct {
	opts    Options
	app     string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	rest    *time.Timer // ends it when it is idle for long
	loaded  map[string]bool
	calls   int
	retired bool
	lowered bool          // the system lets others go first
	cpu     time.Duration // processor time after its last call
	died    chan struct{} // closed when the process has ended and reason is final
	stderr  confined.Tail

	mu     sync.Mutex
	reason error // why it was killed
}

// start runs this binary again as a worker, with nothing that it does not need.
func start(opts Options, app string) (*worker, error) {
	w := &worker{opts: opts, app: app, loaded: map[string]bool{}, died: make(chan struct{})}
	var err error
	environment := []string{"GOMAXPROCS=1"} // read by the Go runtime before main; main clears it
	if w.cmd, err = confined.Command(&w.stderr, environment, workerArgument, fmt.Sprint(opts.MemoryBytes)); err != nil {
		return nil, err
	}
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReaderSize(out, 32<<10)
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	confined.Watch(w.cmd, opts.MemoryBytes, w.died, func() { w.kill(ErrMemory) })
	return w, nil
}

// lower lets every other process go first, for the rest of this one's life.
func (w *worker) lower() {
	if !w.lowered && !w.failed() {
		w.lowered = true
		confined.Lower(w.cmd.Process.Pid)
	}
}

// processorTime is what the process has used until now; what it had used before when it has ended.
func (w *worker) processorTime() time.Duration {
	if used, ok := confined.ProcessorTime(w.cmd.Process.Pid); ok {
		return used
	}
	return w.cpu
}

// failed says whether the process has ended or must not be used again.
func (w *worker) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.retired
}

// kill ends the process. The first reason stands.
func (w *worker) kill(reason error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reason != nil {
		return
	}
	w.reason = reason
	w.retired = true
	_ = w.cmd.Process.Kill() // it fails only when the process has ended already
	go w.bury()
}

// bury waits for the process, so that none is left as a zombie.
func (w *worker) bury() {
	_ = w.in.Close()
	_ = w.cmd.Wait() // how it ended is told by reason and stderr
	close(w.died)
}

// spent says whether the worker has done what one worker may do.
func (w *worker) spent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.retired || w.calls >= maxCalls || len(w.loaded) >= maxPrograms
}

// call runs one function. It returns within the timeout: when it is over the process is killed, which ends
// the read below.
func (w *worker) call(ctx context.Context, call Call, encoded json.RawMessage, host Host) (Result, error) {
	w.calls++
	timeout := w.opts.Timeout
	if call.Timeout > 0 {
		timeout = min(timeout, call.Timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	deadline := time.AfterFunc(timeout+interruption, func() { w.kill(ErrTimeout) })
	defer deadline.Stop()
	stop := context.AfterFunc(ctx, func() {
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			w.kill(ctx.Err()) // the caller went away
		}
	})
	defer stop()
	c := &conversation{worker: w, ctx: ctx, call: call, host: host, chain: []string{call.Function}, budget: &budget{
		ends: time.Now().Add(timeout), left: w.opts.HostCalls, bytes: w.opts.HostBytes, lines: maxLogLines, said: maxLogBytes,
	}}
	result, err := c.run(encoded)
	if err == nil || w.alive() {
		return result, err
	}
	return result, w.obituary(err)
}

// alive says whether the process can take another call.
func (w *worker) alive() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reason == nil
}

// obituary says why the process ended.
func (w *worker) obituary(err error) error {
	<-w.died
	if !errors.Is(w.reason, errBroken) {
		return w.reason
	}
	last := w.stderr.String()
	if ranOutOfMemory(last) {
		return ErrMemory
	}
	switch {
	case strings.Contains(last, "stack overflow") || strings.Contains(last, "stack exceeds"):
		return ErrRecursion
	case strings.Contains(w.cmd.ProcessState.String(), "CPU"):
		return ErrTimeout
	case strings.Contains(w.cmd.ProcessState.String(), "killed"):
		return ErrMemory // nobody here killed it, so the system did, for want of memory
	}
	return ErrFunction.With("message", "the worker ended: "+w.cmd.ProcessState.String()).With("detail", fmt.Sprint(err))
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

// errBroken is the reason of a worker that ended or spoke nonsense by itself.
var errBroken = errors.New("sandbox: worker broke")

// conversation is one call as the parent leads it.
type conversation struct {
	*worker
	ctx     context.Context
	call    Call
	host    Host
	chain   []string // the functions that called each other up to this one
	budget  *budget  // shared with the calls inside this one
	refused []error  // what the host said to each host call, nil for a value
}

// run sends the call and answers what the worker asks until it is done.
func (c *conversation) run(encoded json.RawMessage) (Result, error) {
	program := c.call.Version + "\x00" + c.call.Function
	if !c.loaded[program] {
		if err := c.send(kindLoad, loadHeader{Program: program, Modules: c.call.Modules}, nil); err != nil {
			return Result{}, err
		}
		c.loaded[program] = true
	}
	left := max(time.Until(c.budget.ends).Milliseconds(), 1)
	header := callHeader{Program: program, Millis: left, Lines: c.budget.lines, LogBytes: c.budget.said, Context: encoded, Ahead: int64(c.call.Ahead)}
	if err := c.send(kindCall, header, c.call.Event); err != nil {
		return Result{}, err
	}
	for {
		f, err := read(c.out)
		if err != nil {
			c.kill(errBroken)
			return Result{}, err
		}
		switch f.kind {
		case kindAsk:
			err = c.answer(f)
		case kindNest:
			err = c.nest(f)
		case kindDone:
			return c.done(f)
		default:
			c.kill(errBroken)
			err = fmt.Errorf("sandbox: frame of kind %q", f.kind)
		}
		if err != nil {
			return Result{}, err
		}
	}
}

func (c *conversation) send(kind byte, header any, body []byte) error {
	err := write(c.in, kind, header, body)
	if errors.Is(err, errFrameTooLarge) {
		return ErrTooLarge.With("what", "code").With("limit", maxFrame) // nothing was sent: the worker is well
	}
	if err != nil {
		c.kill(errBroken)
	}
	return err
}

// spend takes one host call from the budget.
func (c *conversation) spend() error {
	if c.budget.left--; c.budget.left < 0 {
		c.kill(ErrTooManyHostCalls.With("limit", c.opts.HostCalls))
		return ErrTooManyHostCalls
	}
	return nil
}

// answer lets the host answer one host call, within the call's budget.
func (c *conversation) answer(f frame) error {
	var ask askHeader
	if err := json.Unmarshal(f.header, &ask); err != nil {
		c.kill(errBroken)
		return err
	}
	if err := c.spend(); err != nil {
		return err
	}
	value, err := json.RawMessage(nil), error(errNoHost)
	if c.host != nil {
		value, err = c.host(c.ctx, ask.Method, f.body)
	}
	return c.tell(len(f.body), value, err)
}

// tell sends the answer to what the function asked with so many bytes.
func (c *conversation) tell(asked int, value json.RawMessage, err error) error {
	if err == nil && len(value) > maxValue {
		value, err = nil, ErrTooLarge.With("limit", maxValue).With("what", "answer")
	}
	c.refused = append(c.refused, err)
	if c.budget.bytes -= asked + len(value); c.budget.bytes < 0 {
		c.kill(ErrTooManyHostCalls.With("limit_bytes", c.opts.HostBytes))
		return ErrTooManyHostCalls
	}
	if err != nil {
		return c.send(kindAnswer, answerOf(err), nil)
	}
	if len(value) == 0 {
		value = json.RawMessage("null")
	}
	return c.send(kindAnswer, answerHeader{}, value)
}

var errNoHost = refusal.New(404, "no_such_method", "There is no such method.")

// answerOf is what a function may know of an error: all of a refusal, and nothing of another error.
func answerOf(err error) answerHeader {
	var r *refusal.Refusal
	if !errors.As(err, &r) {
		return answerHeader{Code: "internal", Message: "Something went wrong."}
	}
	details, encodeErr := json.Marshal(r.Details)
	if encodeErr != nil {
		details = nil
	}
	return answerHeader{Code: r.Code, Message: r.Message, Details: details}
}

// done turns the worker's last word into the call's result.
func (c *conversation) done(f frame) (Result, error) {
	var head doneHeader
	if err := json.Unmarshal(f.header, &head); err != nil {
		c.kill(errBroken)
		return Result{}, err
	}
	if head.Retire {
		c.mu.Lock()
		c.retired = true
		c.mu.Unlock()
	}
	result := Result{Value: f.body, Logs: head.Logs}
	c.budget.lines -= len(head.Logs)
	for _, line := range head.Logs {
		c.budget.said -= len(line.Text)
	}
	if head.Code == "" {
		return result, nil
	}
	result.Value = nil
	if head.Asked > 0 && head.Asked <= len(c.refused) && c.refused[head.Asked-1] != nil {
		return result, c.refused[head.Asked-1]
	}
	for _, known := range []*refusal.Refusal{ErrTimeout, ErrMemory, ErrRecursion, ErrUnsettled, ErrTooLarge, ErrNoFunction} {
		if known.Code == head.Code {
			return result, known.With("function", c.call.Function)
		}
	}
	return result, ErrFunction.Saying("The function %s failed: %s", c.call.Function, head.Message).
		With("function", c.call.Function).With("message", head.Message).With("file", head.File).
		With("line", head.Line).With("column", head.Column).With("stack", head.Stack)
}
