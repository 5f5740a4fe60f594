package events

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	listenersKey = "plaza.events.listeners"
	// orgsKept is of how many organisations is remembered what their programs listen to.
	orgsKept = 10_000
)

// listeners remembers what the programs of an organisation listen to until a program changes: every purchase asks.
type listeners struct {
	app core.App // reads what is committed, also when asked inside somebody's transaction

	mu      sync.Mutex
	changes int64 // how often everything was forgotten
	known   map[string][]string
}

// Remember keeps in memory who listens. Whoever changes that calls Forget once it is committed.
func Remember(app core.App) {
	app.Store().Set(listenersKey, &listeners{app: app, known: map[string][]string{}})
}

// Forget makes the next event of each organisation look again. What is told between a change's commit and this goes
// by what was before.
func Forget(app core.App) {
	if l, ok := app.Store().Get(listenersKey).(*listeners); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changes++
		clear(l.known)
	}
}

// kinds is the events that live programs of the organisation listen to.
func kinds(app core.App, org string) ([]string, error) {
	l, ok := app.Store().Get(listenersKey).(*listeners)
	if !ok {
		return load(app.DB(), org)
	}
	l.mu.Lock()
	found, ok := l.known[org]
	before := l.changes
	l.mu.Unlock()
	if ok {
		return found, nil
	}
	found, err := load(l.app.DB(), org)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// What was read before a change that has come since is good enough to answer, but not to remember.
	if l.changes == before {
		if len(l.known) >= orgsKept {
			clear(l.known)
		}
		l.known[org] = found
	}
	return found, nil
}

func load(db dbx.Builder, org string) ([]string, error) {
	found := []string{}
	err := db.NewQuery("SELECT DISTINCT spec FROM programs_triggers WHERE org = {:org} AND kind = 'hook' AND active = 1").
		Bind(dbx.Params{"org": org}).Column(&found)
	if err != nil {
		return nil, fmt.Errorf("listeners of %s: %w", org, err)
	}
	return slices.Clip(found), nil
}
