package logs

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
)

const (
	flushAfter  = 200 * time.Millisecond // how long a line waits for others
	flushLines  = 1_000                  // lines that do not wait any longer
	bufferLines = 20_000                 // lines of all programs in memory
	bufferBytes = 16 << 20               // and their bytes
	noticeEvery = 10 * time.Second       // between two lines that say how much was left out
	bufferKey   = "plaza.logs"
	leftOut     = "The log left out %d lines: the program writes too much."
)

// buffer is what was said and is not written yet, a queue for each level.
type buffer struct {
	app      core.App
	shares   *shares
	waiters  *waiters
	flushing sync.Mutex // one flush at a time, so that ids have the order of arrival
	prepared atomic.Bool

	mu      sync.Mutex
	queues  [4][]queued
	lines   int
	bytes   int
	arrived int64
	dropped map[string]*omission // by appid
	timer   *time.Timer          // nil while nothing waits
	due     time.Time            // when the timer ends
	closed  bool
}

type queued struct {
	line    Line
	arrival int64
}

// omission is what of a program was left out and not said yet.
type omission struct {
	count   int
	version int
	said    time.Time
}

func newBuffer(app core.App) *buffer {
	return &buffer{app: app, shares: newShares(), waiters: newWaiters(), dropped: map[string]*omission{}}
}

func bufferOf(app core.App) *buffer {
	b, _ := app.Store().Get(bufferKey).(*buffer)
	return b
}

// take puts lines in the buffer. now is the machine's time: shares are not a matter of the demonstration's clock.
func (b *buffer) take(lines []Line, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	for _, line := range lines {
		line.Text, line.Stack = clip(line.Text), clip(line.Stack)
		level := rank(line.Level)
		if !b.shares.allow(line.Program, level, line.size(), now) || !b.makeRoom(level, line.size()) {
			b.leaveOut(line)
			continue
		}
		b.arrived++
		b.queues[level] = append(b.queues[level], queued{line: line, arrival: b.arrived})
		b.lines++
		b.bytes += line.size()
	}
	b.arm(flushAfter)
}

// makeRoom drops the oldest lines of lower levels, or tells that there is no room for one of this level.
func (b *buffer) makeRoom(level, size int) bool {
	for b.lines >= bufferLines || b.bytes+size > bufferBytes {
		lowest := slices.IndexFunc(b.queues[:level], func(queue []queued) bool { return len(queue) > 0 })
		if lowest < 0 {
			return false
		}
		oldest := b.queues[lowest][0].line
		b.queues[lowest] = b.queues[lowest][1:]
		b.lines--
		b.bytes -= oldest.size()
		b.leaveOut(oldest)
	}
	return true
}

func (b *buffer) leaveOut(line Line) {
	gap := b.dropped[line.Program]
	if gap == nil {
		gap = &omission{}
		b.dropped[line.Program] = gap
	}
	gap.count++
	gap.version = line.Version
}

// arm sees to it that a flush comes; the caller holds the lock.
func (b *buffer) arm(wait time.Duration) {
	if b.lines >= flushLines {
		wait = 0
	}
	due := time.Now().Add(wait)
	switch {
	case b.closed:
		return
	case b.timer == nil:
		b.timer = time.AfterFunc(wait, b.flush)
	case due.Before(b.due):
		b.timer.Reset(wait)
	default:
		return
	}
	b.due = due
}

// flush writes what is there. A batch that the disk refuses is lost, and counted as left out.
func (b *buffer) flush() {
	b.flushing.Lock()
	defer b.flushing.Unlock()
	lines := b.collect(time.Now())
	if len(lines) == 0 {
		return
	}
	err := b.prepare()
	if err == nil {
		err = store(b.app, lines)
	}
	if err != nil {
		b.app.Logger().Error("Lines of programs' logs were not written", "lines", len(lines), "error", err)
		b.mu.Lock()
		for _, line := range lines {
			b.leaveOut(line)
		}
		b.arm(noticeEvery)
		b.mu.Unlock()
		return
	}
	b.waiters.wake(lines)
}

// prepare makes the table the first time; the database is not open yet when Register runs.
func (b *buffer) prepare() error {
	if b.prepared.Load() {
		return nil
	}
	err := prepare(b.app)
	b.prepared.Store(err == nil)
	return err
}

// collect empties the buffer: all levels in the order of arrival, then what is to be said of lines left out.
func (b *buffer) collect(now time.Time) []Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = nil
	all := slices.Concat(b.queues[:]...)
	slices.SortFunc(all, func(a, c queued) int { return int(a.arrival - c.arrival) })
	b.queues, b.lines, b.bytes = [4][]queued{}, 0, 0
	lines := make([]Line, 0, len(all)+len(b.dropped))
	for _, q := range all {
		lines = append(lines, q.line)
	}
	if len(b.dropped) > 0 {
		lines = append(lines, b.omissions(clock.Now(b.app), now)...)
	}
	if len(b.dropped) > 0 {
		b.arm(noticeEvery)
	}
	return lines
}

// omissions are the lines that say how many were left out, for each program at most one in noticeEvery. A program
// of which nothing was left out for so long is forgotten. at is the time that the lines bear.
func (b *buffer) omissions(at, now time.Time) []Line {
	var lines []Line
	for appid, gap := range b.dropped {
		if !b.closed && now.Sub(gap.said) < noticeEvery {
			continue
		}
		if gap.count == 0 {
			delete(b.dropped, appid)
			continue
		}
		lines = append(lines, Line{
			At: at, Program: appid, Version: gap.version, Source: "logs", Level: Warn, Text: fmt.Sprintf(leftOut, gap.count),
		})
		gap.count, gap.said = 0, now
	}
	return lines
}

// close writes what is left. What comes later is not kept.
func (b *buffer) close() {
	b.mu.Lock()
	before := b.closed
	b.closed = true
	if b.timer != nil {
		b.timer.Stop()
	}
	b.mu.Unlock()
	if before {
		return
	}
	b.flush()
	close(b.waiters.closed)
}

const cut = "… (cut)"

// clip keeps a text within LineLimit and without half characters.
func clip(text string) string {
	if len(text) <= LineLimit && utf8.ValidString(text) {
		return text
	}
	if len(text) > LineLimit {
		end := LineLimit - len(cut)
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + cut
	}
	return strings.ToValidUTF8(text, "?")
}
