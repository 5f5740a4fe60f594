package bench

import (
	"fmt"
	"runtime"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/figures"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

const (
	eventsPerSecond = 20_000 // at least
	pageMillis      = 200    // at most

	takers    = 24 // people whose phones send
	batches   = 90 // of each of them
	manyOrgs  = 10
	manyDays  = 90
	manyOpens = 20_000 // launches of 500 events each: 10 M events
	each      = 500
	pageReads = 15
)

// figuresRows measures how many events a second are taken in over HTTP, in batches of a hundred, and how long the page
// of figures takes over ten million events: those went through figures.Take, the very path behind the route, but
// without HTTP, and 500 events to a call, as many as a long launch has.
func figuresRows(register Register) (rows []Row, err error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	if err := publishRates(s.app); err != nil {
		return nil, err
	}
	work, err := batchesOf(s.app)
	if err != nil {
		return nil, err
	}
	sent, err := s.rush(work)
	if err != nil {
		return nil, err
	}
	taken := sent * figures.BatchEvents
	now := time.Now()
	count, err := manyEvents(s.app, now)
	if err != nil {
		return nil, err
	}
	page, err := pageTime(s.app, now)
	if err != nil {
		return nil, err
	}
	return []Row{
		atLeast("events taken in over HTTP, batches of 100", taken, "events/s", fmt.Sprintf("limit of %d, %d cores", eventsPerSecond, runtime.NumCPU()), taken/eventsPerSecond, 1),
		atMost(fmt.Sprintf("the figures of the place over %.1f M events, 90 days", float64(count)/1e6), page, "ms", fmt.Sprintf("limit of %d ms", pageMillis), page/pageMillis, 1),
	}, nil
}

// batchesOf is what the phones of some people send: launches of five batches, with pages, own events, a load and an
// error now and then.
func batchesOf(app core.App) ([][]request, error) {
	const launches = 5 // batches of one launch
	var work [][]request
	for person := range takers {
		user, err := taker(app, person)
		if err != nil {
			return nil, err
		}
		token, err := user.NewAuthToken()
		if err != nil {
			return nil, err
		}
		var requests []request
		for n := range batches / launches {
			launch, err := programs.Launch(app, user, "rates", programs.Opening{}, time.Now())
			if err != nil {
				return nil, err
			}
			for part := range launches {
				body := encoded(map[string]any{"events": someEvents(part*figures.BatchEvents, figures.BatchEvents, n)})
				requests = append(requests, request{
					path: "/api/mp/rates/events", token: token, body: string(body), header: map[string]string{"X-Launch-Token": launch.Token},
				})
			}
		}
		work = append(work, requests)
	}
	return work, nil
}

func taker(app core.App, person int) (user *core.Record, err error) {
	err = ledger.Write(app, func(tx core.App) (err error) {
		user, err = create(tx, "users", map[string]any{
			"email": fmt.Sprintf("taker%d@rates.test", person), "password": "1234567890", "verified": true, "name": fmt.Sprint("Taker ", person),
		})
		return err
	})
	return user, err
}

// someEvents are events of one launch after the first ones.
func someEvents(after, count, salt int) []figures.Event {
	var events []figures.Event
	for n := range count {
		event := figures.Event{Seq: after + n + 1}
		switch {
		case event.Seq == 1:
			event.Kind = figures.KindOpen
		case event.Seq == 2:
			event.Kind, event.Millis = figures.KindLoad, float64(100+salt*37%900)
		case n%50 == 7:
			event.Kind, event.Message = figures.KindError, "x is undefined"
		case n%3 == 0:
			event.Kind, event.Name, event.Data = figures.KindCustom, []string{"look", "choose", "buy"}[n%9/3], map[string]any{"kind": fmt.Sprint(n % 5)}
		default:
			event.Kind, event.Path = figures.KindPage, fmt.Sprintf("pages/%d", (n+salt)%12)
		}
		events = append(events, event)
	}
	return events
}

// manyEvents fills ninety days: programs of ten organisations, opened by 50,000 people.
func manyEvents(app core.App, now time.Time) (int, error) {
	const people, group = 50_000, 200
	var orgs, ids []string
	err := ledger.Write(app, func(tx core.App) error {
		for n := range manyOrgs {
			org, err := create(tx, "orgs", map[string]any{"name": fmt.Sprint("Org ", n), "slug": fmt.Sprint("many", n), "kind": "merchant", "currency": "EUR", "timezone": "Europe/Paris"})
			if err != nil {
				return err
			}
			program, err := create(tx, "programs", map[string]any{"appid": fmt.Sprint("many", n), "org": org.Id, "name": fmt.Sprint("Many ", n), "kind": "app", "status": "live"})
			if err != nil {
				return err
			}
			orgs, ids = append(orgs, org.Id), append(ids, program.Id)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for first := 0; first < manyOpens; first += group {
		err := ledger.Write(app, func(tx core.App) error {
			for n := first; n < first+group; n++ {
				at := now.AddDate(0, 0, n*manyDays/manyOpens-manyDays+1).Truncate(24 * time.Hour).Add(time.Duration(n%24) * time.Hour / 2)
				batch := figures.Batch{
					Program: ids[n%manyOrgs], Org: orgs[n%manyOrgs], Person: fmt.Sprint("person", n*7919%people), Session: fmt.Sprint("many", n), Events: someEvents(0, each, n),
				}
				if _, err := figures.Take(tx, batch, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return manyOpens * each, nil
}

// pageTime is the median time of the place's figures over ninety days, with as many before to compare with.
func pageTime(app core.App, now time.Time) (float64, error) {
	var times []float64
	for range pageReads {
		began := time.Now()
		place, err := figures.PlaceOf(app, figures.Subject{Kind: figures.OfPlatform, ID: "platform"}, now.AddDate(0, 0, 1-manyDays).Format(time.DateOnly), now.Format(time.DateOnly), now)
		if err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(began).Microseconds())/1000)
		if place.Totals.Opens < manyOpens*9/10 {
			return 0, fmt.Errorf("the page knows of %d opens only", place.Totals.Opens)
		}
	}
	return median(times), nil
}
