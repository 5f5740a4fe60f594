package figures

import (
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

const (
	headlineKey  = "plaza.figures.headline"
	headlineKept = 30 * time.Second
	headlineDays = 30
	liveKey      = "plaza.figures.live."
	liveKept     = 5 * time.Second
	liveMinutes  = 30
	hereFor      = 5 * time.Minute
)

// ErrPrivate refuses the place's four figures where the operator keeps them.
var ErrPrivate = refusal.New(http.StatusNotFound, "figures_private", "This place keeps its figures to itself.")

// Headline is the place in four figures, for everybody.
type Headline struct {
	PeopleToday       *int          `json:"people_today"` // null when they are fewer than Few but not none
	Programs          int           `json:"programs"`
	Creators          int           `json:"creators"`
	Certified         int           `json:"certified"`
	CertifiedAgencies int           `json:"certified_agencies"`
	Few               int           `json:"few"`
	AsOf              time.Time     `json:"as_of"`
	Zone              string        `json:"zone"`
	Days              []HeadlineDay `json:"days"` // the last 30
}

// HeadlineDay is how many people were there on a day.
type HeadlineDay struct {
	Day    string `json:"day"`
	People *int   `json:"people"`
}

type kept[T any] struct {
	value T
	now   time.Time // of the app's clock, which a demonstration moves
	until time.Time // by the machine's
}

// remembered is the value under key when it was made a moment ago, else what read makes. Everybody may ask, so the
// tables are asked once for all of them.
func remembered[T any](app core.App, key string, keep time.Duration, now time.Time, read func() (T, error)) (T, error) {
	if known, ok := app.Store().Get(key).(kept[T]); ok && time.Now().Before(known.until) && now.Sub(known.now).Abs() < time.Minute {
		return known.value, nil
	}
	value, err := read()
	if err == nil {
		app.Store().Set(key, kept[T]{value, now, time.Now().Add(keep)})
	}
	return value, err
}

// HeadlineOf is the place's four figures.
func HeadlineOf(app core.App, now time.Time) (Headline, error) {
	return remembered(app, headlineKey, headlineKept, now, func() (Headline, error) { return headline(app, now) })
}

func headline(app core.App, now time.Time) (Headline, error) {
	location, err := houseZone(app)
	if err != nil {
		return Headline{}, err
	}
	counts, err := countsOf(app, Subject{Kind: OfPlatform})
	if err != nil {
		return Headline{}, err
	}
	today := now.In(location).Format(dayForm)
	p, err := parsePeriod("", today, today)
	if err != nil {
		return Headline{}, err
	}
	days, _, err := reader{app: app, program: platform}.days(p)
	if err != nil {
		return Headline{}, fmt.Errorf("people of the place: %w", err)
	}
	h := Headline{
		Programs: counts.Programs, Creators: counts.Creators, Certified: counts.Certified, CertifiedAgencies: counts.CertifiedAgencies,
		Few: Few, AsOf: now.UTC(), Zone: location.String(),
	}
	for _, day := range days[max(0, len(days)-headlineDays):] {
		h.Days = append(h.Days, HeadlineDay{day.Day, unlessFew(day.People)})
	}
	h.PeopleToday = h.Days[len(h.Days)-1].People
	return h, nil
}

// Live is what happens now.
type Live struct {
	Here        int       `json:"here"`    // people in whose programs something happened in the last five minutes
	Minutes     []int     `json:"minutes"` // opens in each of the last 30 minutes, the latest last
	OrdersToday int64     `json:"orders_today"`
	OpensToday  int       `json:"opens_today"`
	AsOf        time.Time `json:"as_of"`
}

// LiveOf is what happens now in the place, an organisation or a program.
func LiveOf(app core.App, of Subject, now time.Time) (Live, error) {
	return remembered(app, liveKey+of.scope(), liveKept, now, func() (Live, error) { return live(app, of, now) })
}

func live(app core.App, of Subject, now time.Time) (Live, error) {
	location, err := of.zone(app)
	if err != nil {
		return Live{}, err
	}
	condition := "TRUE"
	switch of.Kind {
	case OfOrg:
		condition = "org = {:id}"
	case OfProgram:
		condition = "program = {:id}"
	}
	l := Live{Minutes: make([]int, liveMinutes), AsOf: now.UTC()}
	params := dbx.Params{"id": of.ID, "here": now.Add(-hereFor).Unix(), "since": now.Add(-liveMinutes * time.Minute).Unix(), "now": now.Unix()}
	err = app.DB().NewQuery("SELECT COUNT(DISTINCT here) FROM figures_sessions WHERE at > {:here} AND at <= {:now} AND " + condition).Bind(params).Row(&l.Here)
	if err != nil {
		return l, fmt.Errorf("who is here: %w", err)
	}
	var rows []struct {
		Ago   int `db:"ago"`
		Opens int `db:"opens"`
	}
	err = app.DB().NewQuery(`SELECT ({:now} - began) / 60 AS ago, COUNT(*) AS opens FROM figures_sessions
		WHERE at > {:since} AND began > {:since} AND began <= {:now} AND ` + condition + " GROUP BY ago").Bind(params).All(&rows)
	if err != nil {
		return l, fmt.Errorf("the last opens: %w", err)
	}
	for _, row := range rows {
		if row.Ago >= 0 && row.Ago < liveMinutes {
			l.Minutes[liveMinutes-1-row.Ago] = row.Opens
		}
	}
	today := now.In(location).Format(dayForm)
	err = app.DB().NewQuery("SELECT COALESCE(MAX(opens), 0) FROM figures_days WHERE program = {:scope} AND day = {:today}").
		Bind(dbx.Params{"scope": of.scope(), "today": today}).Row(&l.OpensToday)
	if err != nil {
		return l, err
	}
	summed, err := sumsOf(app, of.scope(), of.sumsOrg(), now)
	l.OrdersToday = summed[sumKey{of.scope(), today, sumOrders, ""}]
	return l, err
}
