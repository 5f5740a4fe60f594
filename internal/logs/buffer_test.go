package logs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func line(appid, level, text string) Line {
	return Line{At: noon, Program: appid, Version: 1, Source: "f", Level: level, Text: text}
}

// full is a buffer in which no line has room without another's going, whose timer never comes.
func full(t *testing.T, level string) *buffer {
	t.Helper()
	b := newBuffer(nil)
	b.timer, b.due = time.NewTimer(time.Hour), time.Now().Add(-time.Hour)
	t.Cleanup(func() { b.timer.Stop() })
	for n := range bufferLines {
		b.take([]Line{line(fmt.Sprint("p", n%100), level, "x")}, noon)
	}
	if b.lines != bufferLines || len(b.dropped) > 0 {
		t.Fatalf("the buffer has %d lines and dropped %d", b.lines, len(b.dropped))
	}
	return b
}

// When memory is short, what is worth least goes first, and whoever lost lines can tell how many.
func TestDebugGoesFirst(t *testing.T) {
	b := full(t, Debug)
	for n := range 10 {
		b.take([]Line{line("q", Error, fmt.Sprint(n))}, noon)
	}
	b.take([]Line{line("r", Debug, "too late")}, noon)
	if got := len(b.queues[rank(Error)]); got != 10 {
		t.Errorf("%d of 10 errors are kept", got)
	}
	lost := 0
	for _, gap := range b.dropped {
		lost += gap.count
	}
	if b.lines != bufferLines || lost != 11 || b.dropped["r"].count != 1 {
		t.Errorf("%d lines are kept and %d lost, %+v", b.lines, lost, b.dropped)
	}

	b = full(t, Error)
	b.take([]Line{line("q", Warn, "w"), line("q", Error, "e")}, noon)
	if b.dropped["q"].count != 2 || b.lines != bufferLines {
		t.Errorf("errors made room for what is worth no more: %+v", b.dropped)
	}
}

// Few but very long lines must not fill the memory either.
func TestBytesAreBounded(t *testing.T) {
	b := newBuffer(nil)
	b.timer = time.NewTimer(time.Hour)
	defer b.timer.Stop()
	long := strings.Repeat("x", LineLimit)
	for n := range 1_000 {
		b.take([]Line{line(fmt.Sprint("p", n), Info, long)}, noon)
	}
	if b.bytes > bufferBytes || b.lines == 0 || len(b.dropped) != 1_000-b.lines {
		t.Errorf("%d lines with %d bytes are kept, %d lost", b.lines, b.bytes, len(b.dropped))
	}
}

// Lines of all levels come out in the order in which they came in.
func TestLinesKeepTheirOrder(t *testing.T) {
	b := newBuffer(nil)
	b.timer = time.NewTimer(time.Hour)
	defer b.timer.Stop()
	for n := range 100 {
		b.take([]Line{line("p", Levels()[n%4], fmt.Sprint(n))}, noon)
	}
	for n, got := range b.collect(noon) {
		if got.Text != fmt.Sprint(n) {
			t.Fatalf("line %d is %s", n, got.Text)
		}
	}
	if b.lines != 0 || b.bytes != 0 {
		t.Errorf("%d lines with %d bytes stay", b.lines, b.bytes)
	}
}

// A program that floods its log costs its share and no more; its errors come through, other programs do not
// notice, and after a minute it may speak again.
func TestAFloodIsLimitedToItsProgram(t *testing.T) {
	s := newShares()
	count := func(appid, level string, tries, size int, at time.Time) (allowed int) {
		for range tries {
			if s.allow(appid, rank(level), size, at) {
				allowed++
			}
		}
		return allowed
	}
	if got := count("loud", Debug, 50_000, 100, noon); got != ChatterPerMinute {
		t.Errorf("%d lines of chatter in a minute", got)
	}
	if got := count("loud", Error, 100, 100, noon); got != 100 {
		t.Errorf("%d of 100 errors came through", got)
	}
	if got := count("quiet", Info, 100, 100, noon); got != 100 {
		t.Errorf("another program lost %d lines", 100-got)
	}
	if got := count("loud", Info, 50_000, 100, noon.Add(30*time.Second)); got != ChatterPerMinute/2 {
		t.Errorf("%d lines half a minute later", got)
	}
	if got := count("loud", Info, 10, 100, noon.Add(-time.Hour)); got != 0 {
		t.Errorf("a clock put back gave %d lines", got)
	}
	if got := count("long", Info, 1_000, LineLimit, noon); got != BytesPerMinute/LineLimit {
		t.Errorf("%d lines of %d bytes in a minute", got, LineLimit)
	}
}

// Remembering shares does not fill the memory, and forgives nobody who still owes.
func TestSharesAreForgottenWhenTheyAreWhole(t *testing.T) {
	s := newShares()
	for n := range sharesKept {
		s.allow(fmt.Sprint(n), rank(Info), 1, noon)
	}
	s.allow("0", rank(Info), 1, noon.Add(2*time.Minute))
	s.allow("new", rank(Info), 1, noon.Add(2*time.Minute))
	if len(s.left) != 2 {
		t.Errorf("%d shares are remembered", len(s.left))
	}
}

// What was left out is said once in a while, not with every flush, and at the end at the latest.
func TestWhatWasLeftOutIsSaid(t *testing.T) {
	b := newBuffer(nil)
	b.timer = time.NewTimer(time.Hour)
	defer b.timer.Stop()
	said := func(at time.Time) []string {
		b.mu.Lock()
		defer b.mu.Unlock()
		var texts []string
		for _, notice := range b.omissions(at, at) {
			texts = append(texts, notice.Program+" "+notice.Level+" "+notice.Text)
		}
		return texts
	}
	lose := func(n int) {
		for range n {
			b.leaveOut(line("p", Info, ""))
		}
	}
	for _, step := range []struct {
		lose int
		at   time.Duration
		want []string
	}{
		{3, 0, []string{"p warn The log left out 3 lines: the program writes too much."}},
		{5, time.Second, nil},
		{0, noticeEvery, []string{"p warn The log left out 5 lines: the program writes too much."}},
		{0, 2 * noticeEvery, nil},
	} {
		lose(step.lose)
		if got := said(noon.Add(step.at)); !slices.Equal(got, step.want) {
			t.Errorf("after %s it says %q, want %q", step.at, got, step.want)
		}
	}
	if len(b.dropped) != 0 {
		t.Errorf("a program that lost nothing is remembered: %+v", b.dropped)
	}
}

// A line has an end, and the end of a character.
func TestLongLinesAreCut(t *testing.T) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("x", LineLimit+1), "chinese": strings.Repeat("小程序", LineLimit), "broken": "a\xffb",
	} {
		got := clip(text)
		if len(got) > LineLimit || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, valid %v", name, len(got), utf8.ValidString(got))
		}
	}
	exact := strings.Repeat("x", LineLimit)
	if clip(exact) != exact {
		t.Error("a line of exactly the limit is cut")
	}
}
