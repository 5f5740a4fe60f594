// Package demo fills an empty data folder with a lively quarter, so that the first minute shows a place and
// not an empty table: ten shops with real products, people, campaigns, points, four weeks of orders, and mini
// programs with their makers, versions, reviews, ratings and figures.
//
// Everything goes through the verbs that real people use, at the times at which it would have happened, so a
// demonstration obeys every invariant. It never touches a folder that holds anything else.
package demo

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/schollz/progressbar/v3"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/gateway"
	"plaza.internal/plaza/internal/ledger"
)

// Password is everybody's in a demonstration. The gateway refuses these logins without --demo.
const Password = "plaza-demo-2026"

var (
	// ErrNotEmpty refuses to mix a demonstration into real data.
	ErrNotEmpty = errors.New("this data folder holds real data: start --demo with another --dir")
	// ErrUnfinished refuses a demonstration that was interrupted while it was being made.
	ErrUnfinished = errors.New("the demonstration in this data folder was interrupted while it was being made: delete the folder, or use another --dir")
)

// filledAct in the audit trail says that the demonstration is whole. No request can write it, so that nobody
// can dress real data up as a demonstration, where money is free.
const filledAct = "demo.fill"

// Fill makes the demonstration in an empty data folder, telling its progress on out; a folder that holds one
// already is left as it is. Afterwards the app is in demonstration mode.
func Fill(app core.App, out io.Writer) error {
	filled, err := lookInto(app)
	if err != nil {
		return err
	}
	app.Store().Set(gateway.DemoKey, true)
	if filled {
		return nil
	}
	if err := fill(app, out); err != nil {
		app.Store().Set(gateway.DemoKey, false)
		return err
	}
	return nil
}

// lookInto tells whether the folder holds a whole demonstration; it refuses one that holds anything else.
func lookInto(app core.App) (filled bool, err error) {
	var users, orgs, hosts int
	err = app.DB().NewQuery(`SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM orgs),
		(SELECT count(*) FROM _superusers WHERE email = {:host}),
		EXISTS (SELECT 1 FROM ledger_audit WHERE act = {:act})`).
		Bind(dbx.Params{"host": "admin" + gateway.DemoDomain, "act": filledAct}).Row(&users, &orgs, &hosts, &filled)
	switch {
	case err != nil:
		return false, fmt.Errorf("look into the data folder: %w", err)
	case filled || users+orgs+hosts == 0:
		return filled, nil
	case hosts > 0:
		return false, ErrUnfinished
	}
	return false, ErrNotEmpty
}

func fill(app core.App, out io.Writer) error {
	q := &quarter{app: app, now: clock.Now(app), places: map[string]string{}}
	bar := progressbar.NewOptions(q.steps(),
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("Opening the quarter"),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	if err := q.fill(func() { _ = bar.Add(1) }); err != nil {
		return fmt.Errorf("fill the demonstration: %w", err)
	}
	return bar.Finish()
}

// PrintLogins tells who can sign in.
func PrintLogins(out io.Writer) {
	fmt.Fprintf(out, "  demonstration logins, password %s\n", Password)
	for _, login := range logins {
		fmt.Fprintf(out, "    %-24s %s\n", login.account+gateway.DemoDomain, login.what)
	}
	fmt.Fprintf(out, "    %-24s owner of the town hall, whose pool sells tickets by bill: /console/\n", "neighbour15"+gateway.DemoDomain)
	fmt.Fprintf(out, "    %-24s agent of the town's services (fines, bills, appointments): /console/\n", agent+gateway.DemoDomain)
	fmt.Fprintf(out, "    %-24s superuser of /_/\n", "admin"+gateway.DemoDomain)
}

// quarter is the demonstration while it is being made.
type quarter struct {
	app       core.App
	now       time.Time
	hash      string                  // of the one password
	people    map[string]*core.Record // by account name
	orgs      map[string]string       // ids by slug
	places    map[string]string       // ids by the slug of the shop
	shops     []*opened
	customers []*core.Record
	visitors  []*core.Record // everybody who opens programs but the one whose login is printed first
	dated     []dated
}

// dated is a record whose own dates belong to the story: PocketBase stamps them with the real time.
type dated struct {
	collection, id string
	at             types.DateTime
}

func (q *quarter) steps() int { return len(shops) + days + publishSteps + 5 }

func (q *quarter) fill(step func()) error {
	if err := q.openDoors(); err != nil {
		return err
	}
	step()
	for _, s := range shops {
		if err := ledger.Write(q.app, func(tx core.App) error { return q.openShop(tx, s) }); err != nil {
			return fmt.Errorf("shop %s: %w", s.name, err)
		}
		step()
	}
	if err := ledger.Write(q.app, q.fillWallets); err != nil {
		return fmt.Errorf("wallets: %w", err)
	}
	if err := q.listPlaces(); err != nil {
		return fmt.Errorf("nearby: %w", err)
	}
	step()
	if err := ledger.Write(q.app, q.playTogether); err != nil {
		return fmt.Errorf("games: %w", err)
	}
	step()
	for day := days; day >= 0; day-- {
		if err := ledger.Write(q.app, func(tx core.App) error { return q.trade(tx, day) }); err != nil {
			return fmt.Errorf("day -%d: %w", day, err)
		}
		step()
	}
	if err := q.publish(step); err != nil {
		return fmt.Errorf("programs: %w", err)
	}
	defer step()
	if err := ledger.Write(q.app, q.welcome); err != nil {
		return fmt.Errorf("welcome: %w", err)
	}
	for _, act := range []func(core.App) error{q.thank, q.offerRewards} {
		if err := ledger.Write(q.app, act); err != nil {
			return fmt.Errorf("points: %w", err)
		}
	}
	return q.backdate()
}
