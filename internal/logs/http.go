package logs

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// ErrBadFilter refuses a filter that cannot be meant; data.field names it.
var ErrBadFilter = refusal.New(http.StatusBadRequest, "bad_filter", "One of the filters is not valid.")

const (
	stopsAfter = 950 // priority among the terminate hooks: whoever still has something to say stops before
	qLimit     = 200
)

// Register binds the route and the sweep, and begins to keep lines.
func Register(app core.App) {
	b := newBuffer(app)
	app.Store().Set(bufferKey, b)
	app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{
		Id: bufferKey, Priority: stopsAfter, Func: func(e *core.TerminateEvent) error {
			b.close()
			return e.Next()
		},
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		route.Handle(se, route.Operation{
			Method: http.MethodGet, Path: "/api/mp/{appid}/logs", Tag: "logs", Public: true, // Maker asks for a login or an upload key
			Summary: "Lines of a mini program's log; waits for the first for up to `wait` seconds.",
			Answer:  Answer{},
			Refusals: []*refusal.Refusal{
				ErrBadFilter, route.ErrSignIn, programs.ErrNotMaker, programs.ErrKeyInvalid, programs.ErrNotFound,
			},
		}, handleTail)
		return se.Next()
	})
	jobs.Every(app, "logs.sweep", "17 * * * *", "UTC", sweep)
}

// Answer is some lines and where to go on from.
type Answer struct {
	Lines []Line `json:"lines"`
	Next  int64  `json:"next"` // the after of the next call
}

func handleTail(e *core.RequestEvent) error {
	appid := e.Request.PathValue("appid")
	if _, _, err := programs.Maker(e, appid); err != nil {
		return err
	}
	filter, wait, err := asked(e)
	if err != nil {
		return err
	}
	filter.AppID = appid
	lines, next, err := Tail(e.Request.Context(), e.App, filter, wait)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, Answer{Lines: append([]Line{}, lines...), Next: next})
}

func asked(e *core.RequestEvent) (Filter, time.Duration, error) {
	query := e.Request.URL.Query()
	filter := Filter{Level: query.Get("level"), Source: query.Get("source"), Request: query.Get("request"), Q: query.Get("q")}
	if filter.Level != "" && !slices.Contains(Levels(), filter.Level) {
		return filter, 0, ErrBadFilter.With("field", "level").With("levels", Levels())
	}
	if len(filter.Q) > qLimit {
		return filter, 0, ErrBadFilter.With("field", "q").With("limit", qLimit)
	}
	number := func(name string, most int64) (int64, error) {
		text := query.Get(name)
		if text == "" {
			return 0, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > most {
			return 0, ErrBadFilter.With("field", name).With("limit", most)
		}
		return n, nil
	}
	var err error
	for _, one := range []struct {
		name string
		most int64
		set  func(int64)
	}{
		{"after", 1 << 53, func(n int64) { filter.After = n }},
		{"version", 1 << 31, func(n int64) { filter.Version = int(n) }},
		{"limit", MaxLimit, func(n int64) { filter.Limit = int(n) }},
	} {
		var n int64
		if n, err = number(one.name, one.most); err != nil {
			return filter, 0, err
		}
		one.set(n)
	}
	seconds, err := number("wait", int64(MaxWait/time.Second))
	return filter, time.Duration(seconds) * time.Second, err
}
