package figures

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Batch is some events of one launch of a program by one person.
type Batch struct {
	Program string // its id
	Org     string // "" when the program is a person's
	Person  string // the person's keyed hash in this program
	Session string // the launch
	Events  []Event
}

// Take adds a batch to the figures and gives the events that were new.
func Take(app core.App, batch Batch, now time.Time) (fresh []Event, err error) {
	location, err := zone(app, batch.Org)
	if err != nil {
		return nil, err
	}
	events := slices.Clone(batch.Events)
	slices.SortFunc(events, func(a, b Event) int { return a.Seq - b.Seq })
	day := now.In(location).Format(dayForm)
	err = ledger.Write(app, func(tx core.App) error {
		d := diary{tx: tx, program: batch.Program, day: day}
		fresh, err = d.take(batch, events, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count events: %w", err)
	}
	return fresh, nil
}

// diary writes into one program's day.
type diary struct {
	tx           core.App
	program, day string
}

// tally is what a batch adds to its day.
type tally struct {
	opens, people, newcomers, errors int
	load                             int // the bucket of the launch's load time, or 0
}

func (d diary) take(batch Batch, events []Event, now time.Time) ([]Event, error) {
	at, err := d.session(batch.Session)
	if err != nil {
		return nil, err
	}
	var fresh []Event
	for _, event := range events {
		if at.first(event.Seq) {
			fresh = append(fresh, event)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	var sum tally
	if !at.known {
		sum.opens = 1
	}
	if err := d.visit(batch.Person, &sum); err != nil {
		return nil, err
	}
	for _, event := range fresh {
		switch event.Kind {
		case KindError:
			sum.errors++
		case KindLoad:
			if !at.loaded && event.Millis >= 0 {
				sum.load, at.loaded = bucketOf(event.Millis), true
			}
		}
	}
	if err := d.walk(&at, fresh); err != nil {
		return nil, err
	}
	if err := d.add(sum); err != nil {
		return nil, err
	}
	return fresh, d.keep(batch.Session, at, now)
}

func (d diary) execute(statement string, params dbx.Params) error {
	params["program"], params["day"] = d.program, d.day
	_, err := ledger.Statement(d.tx, statement).Bind(params).Execute()
	return err
}

func (d diary) add(sum tally) error {
	if sum.load > 0 {
		err := d.execute(`INSERT INTO figures_loads (program, day, bucket, count) VALUES ({:program}, {:day}, {:bucket}, 1)
			ON CONFLICT DO UPDATE SET count = count + 1`, dbx.Params{"bucket": sum.load})
		if err != nil {
			return err
		}
	}
	return d.execute(`INSERT INTO figures_days (program, day, opens, people, newcomers, errors)
		VALUES ({:program}, {:day}, {:opens}, {:people}, {:newcomers}, {:errors}) ON CONFLICT DO UPDATE SET
		opens = opens + excluded.opens, people = people + excluded.people, newcomers = newcomers + excluded.newcomers,
		errors = errors + excluded.errors`,
		dbx.Params{"opens": sum.opens, "people": sum.people, "newcomers": sum.newcomers, "errors": sum.errors})
}

// visit counts the person once a day, and on the days after their first that retention is told of.
func (d diary) visit(person string, sum *tally) error {
	var first, last string
	err := ledger.Statement(d.tx, "SELECT first_day, last_day FROM figures_people WHERE program = {:program} AND person = {:person}").
		Bind(dbx.Params{"program": d.program, "person": person}).Row(&first, &last)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		sum.people, sum.newcomers = 1, 1
		return d.execute(`INSERT INTO figures_people (program, person, first_day, last_day)
			VALUES ({:program}, {:person}, {:day}, {:day})`, dbx.Params{"person": person})
	case err != nil || last >= d.day:
		return err
	}
	sum.people = 1
	if after := daysBetween(first, d.day); slices.Contains(retentionDays[:], after) {
		err := d.execute(`INSERT INTO figures_retention (program, first_day, after, people) VALUES ({:program}, {:first}, {:after}, 1)
			ON CONFLICT DO UPDATE SET people = people + 1`, dbx.Params{"first": first, "after": after})
		if err != nil {
			return err
		}
	}
	return d.execute("UPDATE figures_people SET last_day = {:day} WHERE program = {:program} AND person = {:person}",
		dbx.Params{"person": person})
}

// daysBetween is how many days after the first the second is.
func daysBetween(first, second string) int {
	from, err := time.Parse(dayForm, first)
	if err != nil {
		return -1
	}
	to, err := time.Parse(dayForm, second)
	if err != nil {
		return -1
	}
	return int(to.Sub(from) / (24 * time.Hour))
}
