package figures

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// programsShown is how many programs a place's figures name: those that are opened most.
const programsShown = 20

// Kinds of what has figures.
const (
	OfPlatform = "platform"
	OfOrg      = "org"
	OfProgram  = "program"
)

// Subject is what figures are of.
type Subject struct {
	Kind string `json:"kind"` // platform, org or program
	ID   string `json:"id"`
	Name string `json:"name"`
	// Org is the organisation of an org or of a program, "" else.
	Org string `json:"-"`
}

func (s Subject) scope() string {
	switch s.Kind {
	case OfPlatform:
		return platform
	case OfOrg:
		return orgScope(s.ID)
	}
	return s.ID
}

func (s Subject) zone(app core.App) (*time.Location, error) {
	if s.Kind == OfPlatform {
		return houseZone(app)
	}
	return zone(app, s.Org)
}

// Place is the figures of the whole place, of an organisation, or of a program as part of them.
type Place struct {
	Of         Subject      `json:"of"`
	From       string       `json:"from"`
	To         string       `json:"to"`
	Zone       string       `json:"zone"`
	AsOf       time.Time    `json:"as_of"`
	Counts     Counts       `json:"counts"`
	Reach      Reach        `json:"reach"`
	Currencies []string     `json:"currencies"` // those with the most turnover first
	Days       []PlaceDay   `json:"days"`
	Totals     PlaceTotals  `json:"totals"`
	Previous   PlaceTotals  `json:"previous"`
	Before     []PlaceDay   `json:"before"` // the days of the period before
	Retention  []Cohort     `json:"retention"`
	Loads      []Load       `json:"loads"`
	Hours      [7][24]int   `json:"hours"` // opens by weekday, from Monday, and hour
	Programs   []ProgramRow `json:"programs"`
}

// Counts are what there is now.
type Counts struct {
	Programs          int `json:"programs"`           // that people can open
	Creators          int `json:"creators"`           // people and organisations that have one
	Certified         int `json:"certified"`          // organisations, agencies among them
	CertifiedAgencies int `json:"certified_agencies"` // that build programs for others
	Members           int `json:"members"`            // people with an account; of an organisation, its staff
}

// Reach is about how many different people came in the days up to the last of the period, and in as many before.
type Reach struct {
	Week        int `json:"week"`
	WeekBefore  int `json:"week_before"`
	Month       int `json:"month"`
	MonthBefore int `json:"month_before"`
}

// Money is amounts in minor units by currency.
type Money map[string]int64

// Business is what was bought and what happened to points.
type Business struct {
	Orders      int64 `json:"orders"`
	Bills       int64 `json:"bills"`
	Turnover    Money `json:"turnover"`
	Refunded    Money `json:"refunded"`
	Issued      int64 `json:"issued"`
	Spent       int64 `json:"spent"`
	Expired     int64 `json:"expired"`
	Revoked     int64 `json:"revoked"`
	Outstanding int64 `json:"outstanding"` // at the end
}

// PlaceDay is one day.
type PlaceDay struct {
	Day
	Business
}

// PlaceTotals are the figures of a period.
type PlaceTotals struct {
	Totals
	Business
}

// ProgramRow is one of the programs that are opened most.
type ProgramRow struct {
	AppID  string  `json:"appid" db:"appid"`
	Name   string  `json:"name" db:"name"`
	Opens  int     `json:"opens" db:"opens"`
	People float64 `json:"people_per_day" db:"people"`
	Errors int     `json:"errors" db:"errors"`
}

// PlaceOf is the figures of a subject from one day to another. An empty to is today, an empty from 30 days.
func PlaceOf(app core.App, of Subject, from, to string, now time.Time) (Place, error) {
	location, err := of.zone(app)
	if err != nil {
		return Place{}, err
	}
	today := now.In(location).Format(dayForm)
	p, err := parsePeriod(from, to, today)
	if err != nil {
		return Place{}, err
	}
	r := reader{app: app, program: of.scope()}
	place := Place{Of: of, From: p.first(), To: p.last(), Zone: location.String(), AsOf: now.UTC()}
	if err := place.read(r, p, today); err != nil {
		return place, err
	}
	if place.Counts, err = countsOf(app, of); err != nil {
		return place, err
	}
	if place.Reach, err = r.reach(p); err != nil {
		return place, err
	}
	if place.Programs, err = programsOf(app, of, p); err != nil {
		return place, err
	}
	summed, err := sumsOf(app, of.scope(), of.sumsOrg(), now)
	if err != nil {
		return place, err
	}
	place.price(summed, p)
	return place, nil
}

// sumsOrg is the organisation whose journals are enough to know the latest sums of the subject, "" for all.
func (s Subject) sumsOrg() string {
	if s.Kind == OfPlatform {
		return ""
	}
	return s.Org
}

// read fills in what is counted of opens.
func (place *Place) read(r reader, p period, today string) error {
	days, totals, err := r.days(p)
	if err != nil {
		return fmt.Errorf("figures by day: %w", err)
	}
	before, previous, err := r.days(p.before())
	if err != nil {
		return fmt.Errorf("figures before: %w", err)
	}
	place.Totals.Totals, place.Previous.Totals = totals, previous
	place.Days, place.Before = make([]PlaceDay, p.days), make([]PlaceDay, p.days)
	for n := range days {
		place.Days[n].Day, place.Before[n].Day = days[n], before[n]
	}
	if place.Retention, err = r.retention(days, p, today); err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if place.Hours, err = r.hours(p); err != nil {
		return fmt.Errorf("hours: %w", err)
	}
	err = r.query(`SELECT bucket, SUM(count) AS count FROM figures_loads
		WHERE program = {:program} AND day BETWEEN {:first} AND {:last} GROUP BY bucket`, p, dbx.Params{}).All(&place.Loads)
	place.Loads = everyBucket(place.Loads)
	return err
}

// hours is when programs are opened.
func (r reader) hours(p period) (hours [7][24]int, err error) {
	var rows []struct {
		Day   string `db:"day"`
		Hour  int    `db:"hour"`
		Opens int    `db:"opens"`
	}
	err = r.query(`SELECT day, hour, opens FROM figures_hours
		WHERE program = {:program} AND day BETWEEN {:first} AND {:last}`, p, dbx.Params{}).All(&rows)
	for _, row := range rows {
		day, err := time.Parse(dayForm, row.Day)
		if err == nil && row.Hour >= 0 && row.Hour < 24 {
			hours[(int(day.Weekday())+6)%7][row.Hour] += row.Opens
		}
	}
	return hours, err
}

const (
	weekDays  = 7
	monthDays = 30
)

// reach merges the sketches of the days up to the end of the period.
func (r reader) reach(p period) (Reach, error) {
	end := p.start.AddDate(0, 0, p.days-1)
	all := period{start: end.AddDate(0, 0, 1-2*monthDays), days: 2 * monthDays}
	byDay, err := r.sketches(all)
	if err != nil {
		return Reach{}, fmt.Errorf("people over weeks: %w", err)
	}
	over := func(days, until int) int {
		var sum sketch
		for n := until - days; n < until; n++ {
			if day := byDay[all.day(n)]; day != nil {
				sum.merge(day)
			}
		}
		return sum.count()
	}
	return Reach{
		Week: over(weekDays, all.days), WeekBefore: over(weekDays, all.days-weekDays),
		Month: over(monthDays, all.days), MonthBefore: over(monthDays, monthDays),
	}, nil
}

// sketches are those of the days, of the latest ones as rows, of the others as bodies.
func (r reader) sketches(p period) (map[string]*sketch, error) {
	found := map[string]*sketch{}
	of := func(day string) *sketch {
		if found[day] == nil {
			found[day] = new(sketch)
		}
		return found[day]
	}
	var bodies []struct {
		Day  string `db:"day"`
		Body []byte `db:"body"`
	}
	err := r.query("SELECT day, body FROM figures_sketches WHERE program = {:program} AND day BETWEEN {:first} AND {:last}", p, dbx.Params{}).All(&bodies)
	if err != nil {
		return nil, err
	}
	for _, row := range bodies {
		if err := of(row.Day).read(row.Body); err != nil {
			return nil, err
		}
	}
	rows, err := r.query("SELECT day, register, rank FROM figures_registers WHERE program = {:program} AND day BETWEEN {:first} AND {:last}", p, dbx.Params{}).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // reading is over
	for rows.Next() {
		var day string
		var register int
		var rank uint8
		if err := rows.Scan(&day, &register, &rank); err != nil {
			return nil, err
		}
		of(day).put(register&(registers-1), rank)
	}
	return found, rows.Err()
}

// countsOf is what the subject has now.
func countsOf(app core.App, of Subject) (Counts, error) {
	var c Counts
	params := dbx.Params{"id": of.ID}
	var err error
	switch of.Kind {
	case OfPlatform:
		err = app.DB().NewQuery(`SELECT
			(SELECT COUNT(*) FROM programs WHERE status = 'live') AS programs,
			(SELECT COUNT(DISTINCT CASE WHEN org = '' THEN owner ELSE org END) FROM programs WHERE status = 'live') AS creators,
			(SELECT COUNT(*) FROM orgs WHERE certified OR certified_agency) AS certified,
			(SELECT COUNT(*) FROM orgs WHERE certified_agency) AS certified_agencies,
			(SELECT COUNT(*) FROM users) AS members`).One(&c)
	case OfOrg:
		err = app.DB().NewQuery(`SELECT
			(SELECT COUNT(*) FROM programs WHERE org = {:id} AND status = 'live') AS programs,
			EXISTS (SELECT 1 FROM programs WHERE org = {:id} AND status = 'live') AS creators,
			(SELECT certified OR certified_agency FROM orgs WHERE id = {:id}) AS certified,
			(SELECT certified_agency FROM orgs WHERE id = {:id}) AS certified_agencies,
			(SELECT COUNT(*) FROM staff WHERE org = {:id}) AS members`).Bind(params).One(&c)
	default:
		err = app.DB().NewQuery(`SELECT status = 'live' AS programs, status = 'live' AS creators, 0 AS certified, 0 AS certified_agencies,
			0 AS members FROM programs WHERE id = {:id}`).Bind(params).One(&c)
	}
	if err != nil {
		return c, fmt.Errorf("what there is: %w", err)
	}
	return c, nil
}

func programsOf(app core.App, of Subject, p period) ([]ProgramRow, error) {
	condition := "TRUE"
	switch of.Kind {
	case OfOrg:
		condition = "p.org = {:id}"
	case OfProgram:
		condition = "p.id = {:id}"
	}
	list := []ProgramRow{}
	err := app.DB().NewQuery(`SELECT p.appid, p.name, SUM(d.opens) AS opens, ROUND(SUM(d.people) * 1.0 / {:days}, 1) AS people, SUM(d.errors) AS errors
		FROM programs p CROSS JOIN figures_days d ON d.program = p.id AND d.day BETWEEN {:first} AND {:last}
		WHERE ` + condition + ` GROUP BY p.id ORDER BY opens DESC, p.appid LIMIT {:limit}`).
		Bind(dbx.Params{"id": of.ID, "first": p.first(), "last": p.last(), "days": p.days, "limit": programsShown}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("figures of programs: %w", err)
	}
	return list, nil
}

// price puts the sums into their days. What members own is the sum of all changes since the first day.
func (place *Place) price(summed map[sumKey]int64, p period) {
	byDay := map[string]map[sumKey]int64{}
	for key, amount := range summed {
		if byDay[key.day] == nil {
			byDay[key.day] = map[sumKey]int64{}
		}
		byDay[key.day][key] = amount
	}
	before := p.before()
	var owned int64
	for _, day := range slices.Sorted(maps.Keys(byDay)) {
		if day < before.first() {
			owned += changeOf(byDay[day])
		}
	}
	worth := Money{}
	place.Previous.Business = fill(place.Before, byDay, owned, worth)
	place.Totals.Business = fill(place.Days, byDay, place.Previous.Outstanding, worth)
	place.Currencies = slices.SortedFunc(maps.Keys(worth), func(a, b string) int {
		switch {
		case worth[a] > worth[b], worth[a] == worth[b] && a < b:
			return -1
		}
		return 1
	})
}

func changeOf(day map[sumKey]int64) (sum int64) {
	for key, amount := range day {
		if key.what == sumChange {
			sum += amount
		}
	}
	return sum
}

// fill is one period: its days, and their sum, given what members owned before it.
func fill(days []PlaceDay, byDay map[string]map[sumKey]int64, owned int64, worth Money) Business {
	total := newBusiness()
	for i := range days {
		days[i].Business = newBusiness()
		for key, amount := range byDay[days[i].Day.Day] {
			days[i].put(key, amount)
			total.put(key, amount)
			if key.what == sumTurnover || key.what == sumRefunded {
				worth[key.unit] += amount
			}
			if key.what == sumChange {
				owned += amount
			}
		}
		days[i].Outstanding = owned
	}
	total.Outstanding = owned
	return total
}

func newBusiness() Business { return Business{Turnover: Money{}, Refunded: Money{}} }

func (b *Business) put(key sumKey, amount int64) {
	switch key.what {
	case sumOrders:
		b.Orders += amount
	case sumBills:
		b.Bills += amount
	case sumTurnover:
		b.Turnover[key.unit] += amount
	case sumRefunded:
		b.Refunded[key.unit] += amount
	case sumIssued:
		b.Issued += amount
	case sumSpent:
		b.Spent += amount
	case sumExpired:
		b.Expired += amount
	case sumRevoked:
		b.Revoked += amount
	}
}
