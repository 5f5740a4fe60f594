package ledger

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"plaza.internal/plaza/internal/refusal"
)

const (
	groupCap    = 128              // verbs that share one commit at most: it bounds how long the first one waits for the last
	queueCap    = 1024             // verbs that wait before callers wait to queue
	patience    = 30 * time.Second // how long a verb waits for its turn before it is refused
	writerKey   = "plaza.ledger.writer"
	stopsAfter  = 900 // priority among the terminate hooks: whoever still writes stops before the writer
	changesSQL  = "SELECT total_changes()"
	nothingDone = -1
)

var (
	// ErrBusy refuses a write that did not get its turn in time.
	ErrBusy = refusal.New(http.StatusServiceUnavailable, "busy", "The server is busy. Try again in a moment.")
	// ErrClosing refuses a write while the server shuts down.
	ErrClosing = refusal.New(http.StatusServiceUnavailable, "closing", "The server is restarting. Try again in a moment.")
)

// Write runs verb in a transaction and returns its error once the outcome is durable: nil means committed.
// It is the one way to write what must not be lost. Concurrent calls share a transaction and its commit, in
// the order in which they came; a verb that fails leaves nothing behind and does not disturb the others.
//
// A verb may run more than once, because the verbs beside a failed one are rolled back with it and run again.
// So it loads what it changes from tx each time, keeps no sum outside, and does nothing slow: everybody waits.
//
// Inside a transaction Write joins it. PocketBase's after-success hooks run after the commit and before the
// caller is answered, while the next transaction is already under way; so they may call Write themselves.
// What must never be done is to call Write, inside a verb, on an app from outside it: that call waits for the
// verb that waits for it, until ErrBusy ends it.
func Write(app core.App, verb func(tx core.App) error) error {
	if _, joined := app.NonconcurrentDB().(*dbx.Tx); joined {
		return verb(app)
	}
	return writerOf(app).write(verb)
}

// writer is the goroutine through which all writes of an app go.
type writer struct {
	app     core.App
	calls   chan *call
	session atomic.Pointer[session]
	running sync.WaitGroup // transactions whose hooks have not finished
	stopped chan struct{}

	mu     sync.RWMutex // held for writing only to close calls
	closed bool
}

// call is a verb on its way. Whoever moves taken from false decides whether it runs.
type call struct {
	verb   func(tx core.App) error
	taken  atomic.Bool
	answer chan error
	err    error // the refusal of a verb that was passed over
}

func writerOf(app core.App) *writer {
	return app.Store().GetOrSet(writerKey, func() any {
		w := &writer{app: app, calls: make(chan *call, queueCap), stopped: make(chan struct{})}
		app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{
			Id: writerKey, Priority: stopsAfter, Func: func(e *core.TerminateEvent) error {
				w.stop()
				return e.Next()
			},
		})
		go w.serve()
		return w
	}).(*writer)
}

func (w *writer) write(verb func(tx core.App) error) error {
	c := &call{verb: verb, answer: make(chan error, 1)}
	turn := time.NewTimer(patience)
	defer turn.Stop()
	if err := w.enqueue(c, turn.C); err != nil {
		return err
	}
	select {
	case err := <-c.answer:
		return err
	case <-turn.C:
		if c.taken.CompareAndSwap(false, true) {
			return ErrBusy
		}
		return <-c.answer
	}
}

func (w *writer) enqueue(c *call, turn <-chan time.Time) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosing
	}
	select {
	case w.calls <- c:
		return nil
	case <-turn:
		return ErrBusy
	}
}

// stop lets every verb that is already waiting run, and returns when the last hook is done.
func (w *writer) stop() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.calls)
	}
	w.mu.Unlock()
	<-w.stopped
	w.running.Wait()
}

func (w *writer) serve() {
	defer close(w.stopped)
	for first := range w.calls {
		w.commit(w.gather(first))
	}
}

// gather takes everything that waits, up to groupCap. It never waits for more: under load the next group
// forms by itself while this one commits.
func (w *writer) gather(first *call) []*call {
	group := make([]*call, 0, groupCap)
	for c := first; c != nil; {
		if c.taken.CompareAndSwap(false, true) {
			group = append(group, c)
		}
		if len(group) == groupCap {
			break
		}
		select {
		case c = <-w.calls: // nil once closed and empty
		default:
			c = nil
		}
	}
	return group
}

// commit answers every call of the group. When one fails, those before it are run again and committed, and
// those after it go on from there: so each verb sees exactly the state that its place in the order gives it,
// and runs about twice at most.
func (w *writer) commit(group []*call) {
	for len(group) > 0 {
		failed, err := w.transact(group)
		if failed == nothingDone {
			return
		}
		w.commit(group[:failed])
		group[failed].answer <- err
		group = group[failed+1:]
	}
}

// transact runs the group in one transaction. It returns the place of the verb because of which everything
// was rolled back, with its error; or nothingDone left to do, and then the calls are answered as soon as the
// hooks of their transaction are through.
func (w *writer) transact(group []*call) (int, error) {
	t := &transaction{writer: w, group: group, failed: nothingDone, committed: make(chan struct{}), over: make(chan struct{})}
	w.running.Add(1)
	// It has a goroutine of its own, so that a hook that calls Write does not wait for itself.
	go t.run()
	select {
	case <-t.committed:
		return nothingDone, nil
	case <-t.over: // not before PocketBase has reset the records of what was undone
		return t.failed, t.err
	}
}

// transaction is one BEGIN to COMMIT with the hooks that follow it. Its fields are read by the writer only
// after over is closed.
type transaction struct {
	writer    *writer
	group     []*call
	durable   bool
	failed    int   // the verb because of which it was rolled back
	err       error // and why
	committed chan struct{}
	over      chan struct{}
}

func (t *transaction) run() {
	defer t.writer.running.Done()
	defer close(t.over)
	outcome := errors.New("the transaction was abandoned")
	defer func() { // deferred, because a hook may panic
		if p := recover(); p != nil {
			t.writer.app.Logger().Error("after-commit hook panicked", "panic", p, "stack", string(debug.Stack()))
		}
		t.answer(outcome)
	}()
	outcome = t.writer.app.RunInTransaction(t.verbs)
	if t.durable && outcome != nil {
		t.writer.app.Logger().Error("after-commit hook failed", "error", outcome)
	}
}

func (t *transaction) verbs(tx core.App) error {
	// The first to be called on completion, before any hook.
	tx.(transactional).TxInfo().OnComplete(func(txErr error) error {
		t.writer.session.Store(nil)
		if txErr == nil {
			t.durable = true
			close(t.committed)
		}
		return nil
	})
	t.writer.session.Store(newSession(tx))
	t.failed, t.err = runAll(tx, t.group)
	return t.err
}

// answer tells the callers, unless they go on in another transaction because of the one that failed.
func (t *transaction) answer(outcome error) {
	if t.failed != nothingDone {
		return
	}
	for _, c := range t.group {
		if t.durable {
			c.answer <- c.err
		} else {
			c.answer <- fmt.Errorf("commit: %w", outcome)
		}
	}
}

// transactional is what PocketBase's transaction apps have beyond core.App.
type transactional interface{ TxInfo() *core.TxAppInfo }

// Committed calls then once what tx writes is durable, and never if it is undone. It must be quick and must not write:
// the callers of the whole group wait for it. Outside of a transaction it is called at once.
func Committed(tx core.App, then func()) {
	if _, joined := tx.NonconcurrentDB().(*dbx.Tx); !joined {
		then()
		return
	}
	tx.(transactional).TxInfo().OnComplete(func(txErr error) error {
		if txErr == nil {
			then()
		}
		return nil
	})
}

// runAll runs the verbs in order until one fails after it has written something.
func runAll(tx core.App, group []*call) (failed int, err error) {
	before, err := changes(tx)
	for i, c := range group {
		if err != nil {
			return i, err
		}
		c.err = attempt(tx, c.verb)
		var after int64
		if after, err = changes(tx); err != nil {
			return i, err
		}
		// A refusal that wrote nothing has nothing to roll back. Any other error may have ended the
		// transaction, so it is not trusted to have left it whole.
		var refused *refusal.Refusal
		if c.err != nil && (after != before || !errors.As(c.err, &refused)) {
			return i, c.err
		}
		before = after
	}
	return nothingDone, err
}

func attempt(tx core.App, verb func(tx core.App) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return verb(tx)
}

// changes counts the rows that the connection has written since it was opened.
func changes(tx core.App) (rows int64, err error) {
	err = Statement(tx, changesSQL).Row(&rows)
	return rows, err
}

// session is what the verbs of one transaction share: it dies with it.
type session struct {
	tx         *dbx.Tx
	statements map[string]*dbx.Query
	heads      map[chain]head
}

func newSession(tx core.App) *session {
	return &session{tx: tx.NonconcurrentDB().(*dbx.Tx), statements: map[string]*dbx.Query{}, heads: map[chain]head{}}
}

// sessionOf is the session of the transaction that tx is in, nil when it was not opened by Write.
func sessionOf(tx core.App) *session {
	w, _ := tx.Store().Get(writerKey).(*writer)
	if w == nil {
		return nil
	}
	if s := w.session.Load(); s != nil && s.tx == tx.NonconcurrentDB() {
		return s
	}
	return nil
}

// Statement is a query on tx that is compiled once per transaction of Write, however many verbs run it. The
// statement must be a constant, and its rows read before it is used again.
func Statement(tx core.App, statement string) *dbx.Query {
	s := sessionOf(tx)
	if s == nil {
		return tx.NonconcurrentDB().NewQuery(statement)
	}
	query := s.statements[statement]
	if query == nil {
		query = s.tx.NewQuery(statement).Prepare()
		s.statements[statement] = query
	}
	return query
}

// execute runs a statement that writes and says how many rows it wrote.
func execute(tx core.App, statement string, params dbx.Params) (rows int64, err error) {
	result, err := Statement(tx, statement).Bind(params).Execute()
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
