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
	Person  string // the person's id; only keyed hashes of it are kept
	Session string // the launch
	Events  []Event
}

// Take adds a batch to the figures of the program, of its organisation and of the place, and gives the events that
// were new.
func Take(app core.App, batch Batch, now time.Time) (fresh []Event, err error) {
	scopes, err := scopesOf(app, batch.Program, batch.Org)
	if err != nil {
		return nil, err
	}
	hash, err := markAll(app, batch.Person, scopes)
	if err != nil {
		return nil, err
	}
	settings, err := settingsOf(app)
	if err != nil {
		return nil, err
	}
	events := slices.Clone(batch.Events)
	slices.SortFunc(events, func(a, b Event) int { return a.Seq - b.Seq })
	t := taking{batch: batch, scopes: scopes, hash: hash, trails: settings.TrailDays > 0, now: now}
	err = ledger.Write(app, func(tx core.App) error {
		fresh, err = t.take(tx, events)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count events: %w", err)
	}
	return fresh, nil
}

// taking is a batch on its way into the tables.
type taking struct {
	batch  Batch
	scopes []scope
	hash   uint64 // the person's, for sketches
	trails bool   // what funnels are built from is kept
	now    time.Time
}

// diary writes into one day of a program, of an organisation or of the place.
type diary struct {
	tx           core.App
	program, day string
}

// tally is what a batch adds to its day.
type tally struct {
	opens, people, newcomers, errors, trails int
	load                                     int // the bucket of the launch's load time, or 0
}

func (t taking) take(tx core.App, events []Event) ([]Event, error) {
	own := diary{tx: tx, program: t.scopes[0].id, day: t.scopes[0].day(t.now)}
	at, err := own.session(t.batch.Session)
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
	sum := tallyOf(&at, fresh)
	if err := own.walk(&at, fresh); err != nil {
		return nil, err
	}
	if sum.trails, err = own.follow(t, fresh); err != nil {
		return nil, err
	}
	for _, s := range t.scopes {
		if err := t.count(tx, s, at, sum); err != nil {
			return nil, err
		}
		sum.trails = 0 // the program's alone
	}
	return fresh, own.keep(t, at)
}

// tallyOf is what the events add to every day that they count on.
func tallyOf(at *session, fresh []Event) (sum tally) {
	if !at.known {
		sum.opens = 1
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
	return sum
}

// count adds to the day of one scope. A launch that has brought events on this day already brings no person.
func (t taking) count(tx core.App, s scope, at session, sum tally) error {
	d := diary{tx: tx, program: s.id, day: s.day(t.now)}
	if !at.known || s.day(at.last) != d.day {
		if err := d.visit(s.mark, &sum); err != nil {
			return err
		}
		if err := d.sketch(t.hash); err != nil {
			return err
		}
	}
	if sum.opens > 0 {
		err := d.execute(`INSERT INTO figures_hours (program, day, hour, opens) VALUES ({:program}, {:day}, {:hour}, 1)
			ON CONFLICT DO UPDATE SET opens = opens + 1`, dbx.Params{"hour": t.now.In(s.zone).Hour()})
		if err != nil {
			return err
		}
	}
	if sum == (tally{}) {
		return nil
	}
	return d.add(sum)
}

// sketch adds somebody to the day's sketch; most who come again change nothing in it.
func (d diary) sketch(hash uint64) error {
	register, rank := place(hash)
	return d.execute(`INSERT INTO figures_registers (program, day, register, rank) VALUES ({:program}, {:day}, {:register}, {:rank})
		ON CONFLICT DO UPDATE SET rank = excluded.rank WHERE rank < excluded.rank`, dbx.Params{"register": register, "rank": rank})
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
	return d.execute(`INSERT INTO figures_days (program, day, opens, people, newcomers, errors, trails)
		VALUES ({:program}, {:day}, {:opens}, {:people}, {:newcomers}, {:errors}, {:trails}) ON CONFLICT DO UPDATE SET
		opens = opens + excluded.opens, people = people + excluded.people, newcomers = newcomers + excluded.newcomers,
		errors = errors + excluded.errors, trails = trails + excluded.trails`,
		dbx.Params{"opens": sum.opens, "people": sum.people, "newcomers": sum.newcomers, "errors": sum.errors, "trails": sum.trails})
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
