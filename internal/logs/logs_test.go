package logs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
)

var now = time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)

func newApp(t *testing.T) core.App {
	t.Helper()
	app := apptest.New(t, logs.Register)
	clock.Set(app, now)
	return app
}

func say(app core.App, level, text string) {
	logs.Write(app, logs.Line{Program: "hello", Version: 2, Request: "r1", Source: "echo", Level: level, Text: text})
}

// follow reads until n lines have come, as somebody does who looks on.
func follow(t *testing.T, app core.App, filter logs.Filter, n int) []logs.Line {
	t.Helper()
	filter.AppID = "hello"
	var all []logs.Line
	for len(all) < n {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		lines, next, err := logs.Tail(ctx, app, filter, 20*time.Second)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 {
			t.Fatalf("%d of %d lines came", len(all), n)
		}
		all, filter.After = append(all, lines...), next
	}
	return all
}

func texts(lines []logs.Line) []string {
	var all []string
	for _, line := range lines {
		all = append(all, line.Text)
	}
	return all
}

// What is written can be read, in order, by level, version, source and words.
func TestALogIsReadByWhatOneLooksFor(t *testing.T) {
	app := newApp(t)
	say(app, "debug", "one")
	say(app, "log", "two 50%") // console.log
	say(app, "warn", "three")
	logs.Write(app,
		logs.Line{Program: "hello", Version: 3, Request: "r2", Source: logs.SourcePage, Level: logs.Error, Text: "four", Stack: "at x", Device: "Chrome 129, Android"},
		logs.Line{Program: "other", Version: 1, Source: "echo", Level: logs.Error, Text: "somebody else's"})
	all := follow(t, app, logs.Filter{}, 4)
	if got := all[3]; got.Stack != "at x" || got.Device != "Chrome 129, Android" || got.Version != 3 || got.Source != "page" ||
		got.Level != "error" || got.Request != "r2" || got.At.Sub(now) > time.Minute || got.At.Before(now) {
		t.Errorf("the line is %+v", got)
	}
	for _, c := range []struct {
		filter logs.Filter
		want   []string
	}{
		{logs.Filter{}, []string{"one", "two 50%", "three", "four"}},
		{logs.Filter{Limit: 2}, []string{"three", "four"}}, // the latest
		{logs.Filter{After: all[0].ID, Limit: 2}, []string{"two 50%", "three"}},
		{logs.Filter{Level: "debug"}, []string{"one", "two 50%", "three", "four"}},
		{logs.Filter{Level: "info"}, []string{"two 50%", "three", "four"}},
		{logs.Filter{Level: "error"}, []string{"four"}},
		{logs.Filter{Version: 2}, []string{"one", "two 50%", "three"}},
		{logs.Filter{Source: "page"}, []string{"four"}},
		{logs.Filter{Request: "r2"}, []string{"four"}},
		{logs.Filter{Q: "O"}, []string{"one", "two 50%", "four"}},
		{logs.Filter{Q: "0%"}, []string{"two 50%"}},
		{logs.Filter{Q: "_"}, nil},
	} {
		c.filter.AppID = "hello"
		lines, _, err := logs.Tail(t.Context(), app, c.filter, 0)
		if err != nil || !slices.Equal(texts(lines), c.want) {
			t.Errorf("%+v finds %q, %v; want %q", c.filter, texts(lines), err, c.want)
		}
	}
}

// Who looks on sees a line when it comes, not before, and is not woken for what the filter passes over.
func TestWhoLooksOnIsWoken(t *testing.T) {
	app := newApp(t)
	say(app, "info", "before")
	first := follow(t, app, logs.Filter{}, 1)
	type answer struct {
		lines []logs.Line
		next  int64
	}
	answers := make(chan answer)
	go func() {
		lines, next, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello", After: first[0].ID, Level: "error"}, 20*time.Second)
		if err != nil {
			t.Error(err)
		}
		answers <- answer{lines, next}
	}()
	say(app, "info", "passed over")
	follow(t, app, logs.Filter{After: first[0].ID}, 1)
	select {
	case got := <-answers:
		t.Fatalf("the one who waits for errors was given %q", texts(got.lines))
	default:
	}
	say(app, "error", "at last")
	if got := <-answers; !slices.Equal(texts(got.lines), []string{"at last"}) || got.next != got.lines[0].ID {
		t.Errorf("the one who waited got %q, next %d", texts(got.lines), got.next)
	}
}

// Waiting ends with the patience, with the reader, and with the house; none of them is an error.
func TestWaitingEnds(t *testing.T) {
	app := newApp(t)
	if lines, next, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello", After: 7}, time.Millisecond); err != nil || len(lines) > 0 || next != 7 {
		t.Errorf("after the patience: %d lines, next %d, %v", len(lines), next, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	wait := func(ctx context.Context) {
		_, _, err := logs.Tail(ctx, app, logs.Filter{AppID: "hello"}, 20*time.Second)
		ended <- err
	}
	go wait(ctx)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the reader went: %v", err)
	}
	go wait(t.Context())
	stop(t, app)
	if err := <-ended; err != nil {
		t.Errorf("the house closed: %v", err)
	}
}

func stop(t *testing.T, app core.App) {
	t.Helper()
	if err := app.OnTerminate().Trigger(&core.TerminateEvent{App: app}); err != nil {
		t.Fatal(err)
	}
}

// Nothing that was said is lost at a normal stop, and what is said later harms nobody.
func TestTheLogIsWrittenBeforeTheEnd(t *testing.T) {
	app := newApp(t)
	say(app, "info", "last words")
	stop(t, app)
	say(app, "info", "from beyond")
	lines, _, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello"}, 0)
	if err != nil || !slices.Equal(texts(lines), []string{"last words"}) {
		t.Errorf("the log has %q, %v", texts(lines), err)
	}
}

// Many functions speak at once: each line is there once, and ids go up.
func TestManySpeakAtOnce(t *testing.T) {
	app := newApp(t)
	var speakers sync.WaitGroup
	for speaker := range 8 {
		speakers.Go(func() {
			for n := range 250 {
				say(app, "info", fmt.Sprintf("%d/%d", speaker, n))
			}
		})
	}
	speakers.Wait()
	stop(t, app)
	seen, filter, last := map[string]int{}, logs.Filter{AppID: "hello", After: 1, Limit: logs.MaxLimit}, int64(1)
	first, _, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello", Limit: logs.MaxLimit}, 0)
	if err != nil || len(first) != logs.MaxLimit {
		t.Fatalf("%d lines, %v", len(first), err)
	}
	for {
		lines, next, err := logs.Tail(t.Context(), app, filter, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			seen[line.Text]++
			if line.ID <= last {
				t.Fatalf("id %d after %d", line.ID, last)
			}
			last = line.ID
		}
		if len(lines) == 0 {
			break
		}
		filter.After = next
	}
	for text, times := range seen {
		if times != 1 {
			t.Errorf("%s is there %d times", text, times)
		}
	}
	if len(seen) != 8*250-1 { // the first id is 1, and was not asked for
		t.Errorf("%d lines are there", len(seen))
	}
}

// A flood leaves its share and a word about the rest.
func TestAFloodSaysHowMuchIsMissing(t *testing.T) {
	app := newApp(t)
	for range logs.ChatterPerMinute + 1_000 {
		say(app, "debug", "again")
	}
	stop(t, app)
	lines, _, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello", Level: "warn"}, 0)
	if err != nil || len(lines) == 0 || lines[0].Source != "logs" || !strings.Contains(lines[0].Text, "left out") {
		t.Errorf("the log says %+v, %v", lines, err)
	}
}

// Lines go after seven days; who followed the log goes on without a gap or a repetition.
func TestLinesAreForgotten(t *testing.T) {
	app := apptest.New(t, logs.Register)
	clock.Set(app, now)
	logs.Write(app, logs.Line{Program: "hello", Level: "info", Text: "old", At: now.AddDate(0, 0, -8)},
		logs.Line{Program: "hello", Level: "info", Text: "new", At: now.AddDate(0, 0, -6)})
	all := follow(t, app, logs.Filter{}, 2)
	if _, err := jobs.RunDue(app, now.Add(30*time.Minute)); err != nil {
		t.Fatal(err)
	}
	lines, _, err := logs.Tail(t.Context(), app, logs.Filter{AppID: "hello"}, 0)
	if err != nil || !slices.Equal(texts(lines), []string{"new"}) {
		t.Errorf("after the sweep %q, %v", texts(lines), err)
	}
	if _, err := jobs.RunDue(app, now.AddDate(0, 0, 3)); err != nil {
		t.Fatal(err)
	}
	say(app, "info", "later")
	if got := follow(t, app, logs.Filter{After: all[1].ID}, 1); got[0].ID <= all[1].ID {
		t.Errorf("an id came back: %d after %d", got[0].ID, all[1].ID)
	}
}

// The log belongs to the program's makers, by login or by key, and to nobody else.
func TestOnlyMakersReadTheLog(t *testing.T) {
	app := apptest.New(t, func(app core.App) { programs.Register(app, nil, nil) }, logs.Register)
	org, ann, bob, olga := apptest.Org(t, app, "shop"), apptest.Person(t, app, "Ann"), apptest.Person(t, app, "Bob"), apptest.Operator(t, app, "Olga")
	apptest.Staff(t, app, org, ann, "manager")
	apptest.Record(t, app, "programs", map[string]any{"appid": "hello", "org": org.Id, "name": "Hello", "kind": "app", "status": "draft"})
	client := apptest.NewClient(t, app)
	say(app, "error", "oh no")
	get := func(user *core.Record, query string) apptest.Answer {
		token := ""
		if user != nil {
			token = apptest.Token(t, user)
		}
		return client.Do(http.MethodGet, "/api/mp/hello/logs"+query, token, nil)
	}
	got := get(ann, "?wait=20&level=error&source=echo&version=2&q=NO&limit=5")
	var answer logs.Answer
	if err := json.Unmarshal(got.Body, &answer); err != nil || got.Status != 200 || len(answer.Lines) != 1 || answer.Next != answer.Lines[0].ID {
		t.Errorf("the maker reads %d %s", got.Status, got.Body)
	}
	if got := get(ann, "?source=none"); string(got.Body) != `{"lines":[],"next":`+fmt.Sprint(answer.Next)+"}" {
		t.Errorf("nothing is %s", got.Body)
	}
	for query, field := range map[string]string{
		"?level=loud": "level", "?wait=26": "wait", "?wait=-1": "wait", "?wait=x": "wait", "?after=-1": "after", "?limit=1001": "limit",
		"?version=1.5": "version", "?q=" + strings.Repeat("x", 201): "q",
	} {
		if got := get(ann, query); got.Status != 400 || got.Code() != "bad_filter" || got.Data()["field"] != field {
			t.Errorf("%s: %d %s", query, got.Status, got.Body)
		}
	}
	if got := get(nil, ""); got.Code() != "sign_in_required" {
		t.Errorf("a guest: %d %s", got.Status, got.Body)
	}
	for _, stranger := range []*core.Record{bob, olga} {
		if got := get(stranger, ""); got.Code() != "not_maker" {
			t.Errorf("a stranger: %d %s", got.Status, got.Body)
		}
	}
	if got := client.Do(http.MethodGet, "/api/mp/hello/logs", "", nil, map[string]string{"X-Upload-Key": "guess"}); got.Code() != "key_invalid" {
		t.Errorf("a guessed key: %d %s", got.Status, got.Body)
	}
	if got := client.Do(http.MethodGet, "/api/mp/nothing/logs", apptest.Token(t, ann), nil); got.Code() != "program_not_found" {
		t.Errorf("no program: %d %s", got.Status, got.Body)
	}
}
