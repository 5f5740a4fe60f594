// Package logs keeps what programs say: the console of their cloud functions, and what went wrong in their
// pages.
//
// Lines wait in memory for a moment and are written many at a time, to the auxiliary database, so that a
// chatty program never waits in front of money and never makes anybody else wait. They can be followed while
// they come, and are forgotten after seven days. The invariant: a program can say as much as it likes and costs
// no more than its share, in memory, in a minute and on disk; what is left out is counted and said in its own
// log, and debug goes before info, info before warnings, warnings before errors.
package logs

import (
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
)

// Levels, from the one that is left out first to the one that is left out last.
const (
	Debug = "debug"
	Info  = "info"
	Warn  = "warn"
	Error = "error"
)

// Levels are all levels, the least first.
func Levels() []string { return []string{Debug, Info, Warn, Error} }

// SourcePage is the source of what happens in pages; what happens in a cloud function has its name.
const SourcePage = "page"

// LineLimit is how many bytes the text of a line may have, and its stack; the rest is cut off.
const LineLimit = 64 << 10

// Line is one line of a program's log.
type Line struct {
	// ID counts up in the order of writing and is never used again. Write sets it.
	ID      int64     `json:"id" db:"id"`
	At      time.Time `json:"at" db:"-"`
	Program string    `json:"-" db:"appid"` // the appid
	Version int       `json:"version" db:"version"`
	// Request is what one call, or one opening of the program, has in common.
	Request string `json:"request,omitempty" db:"request"`
	// Source is the function's name, or SourcePage.
	Source string `json:"source" db:"source"`
	Level  string `json:"level" db:"-"`
	Text   string `json:"text" db:"text"`
	Stack  string `json:"stack,omitempty" db:"stack"`
	// Device is a family of browsers and systems, never a person's own.
	Device string `json:"device,omitempty" db:"device"`
}

// Write takes lines into the buffer and returns at once; it never fails and never waits for the disk. Lines
// without a time get the present one. On an app that Register has not seen it keeps nothing.
func Write(app core.App, lines ...Line) {
	b := bufferOf(app)
	if b == nil || len(lines) == 0 {
		return
	}
	now := clock.Now(app)
	for i := range lines {
		if lines[i].At.IsZero() {
			lines[i].At = now
		}
	}
	b.take(lines, time.Now())
}

// rank is a level's place among Levels; an unknown one is info, as console.log is.
func rank(level string) int {
	if i := slices.Index(Levels(), level); i >= 0 {
		return i
	}
	return 1
}

// size is about what a line costs.
func (l *Line) size() int {
	return len(l.Text) + len(l.Stack) + len(l.Source) + len(l.Device) + len(l.Request) + 64
}
