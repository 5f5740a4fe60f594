package figures

import (
	"fmt"
	"math"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	pagesShown = 100
	stepsShown = 50
)

// Figures is what there is to know of a program in a period.
type Figures struct {
	From string `json:"from"` // the first day
	To   string `json:"to"`   // the last day, which is part of it
	Zone string `json:"zone"` // whose days
	Days []Day  `json:"days"` // every day, also those on which nothing happened
	// Totals of the period, and of as many days before it to compare with.
	Totals    Totals   `json:"totals"`
	Previous  Totals   `json:"previous"`
	Retention []Cohort `json:"retention"`
	Pages     []Page   `json:"pages"`
	Steps     []Step   `json:"steps"`
	Loads     []Load   `json:"loads"`
}

// Day is one day's figures.
type Day struct {
	Day       string `json:"day" db:"day"`
	Opens     int    `json:"opens" db:"opens"`         // launches
	People    int    `json:"people" db:"people"`       // who opened it
	Newcomers int    `json:"newcomers" db:"newcomers"` // for the first time
	Errors    int    `json:"errors" db:"errors"`
	P75       *int   `json:"p75_ms" db:"-"` // three of four launches showed something within this; null without launches
}

// Totals are the figures of a period.
type Totals struct {
	Opens int `json:"opens"`
	// PeoplePerDay is the mean; people over several days cannot be told apart any more, on purpose.
	PeoplePerDay float64 `json:"people_per_day"`
	Newcomers    int     `json:"newcomers"`
	Errors       int     `json:"errors"`
	P75          *int    `json:"p75_ms"`
}

// Cohort is the people who came on one day for the first time, and how many of them came back on the 1st, 7th
// and 30th day after. A day that is not over yet is null.
type Cohort struct {
	FirstDay string `json:"first_day"`
	Size     int    `json:"size"`
	D1       *int   `json:"d1"`
	D7       *int   `json:"d7"`
	D30      *int   `json:"d30"`
}

// Page is how often a page was seen, was the first of a launch, and is or was the last.
type Page struct {
	Path    string `json:"path" db:"path"`
	Views   int    `json:"views" db:"views"`
	Entries int    `json:"entries" db:"entries"`
	Exits   int    `json:"exits" db:"exits"`
}

// Step is how often people went from one page to another.
type Step struct {
	From  string `json:"from" db:"origin"`
	To    string `json:"to" db:"target"`
	Count int    `json:"count" db:"count"`
}

// Load is a bar of the histogram: launches that took up to so many milliseconds, and longer than the bar before.
type Load struct {
	UpTo  int `json:"up_to_ms" db:"bucket"`
	Count int `json:"count" db:"count"`
}

// Of is the program's figures from one day to another. An empty to is today, an empty from 30 days.
func Of(app core.App, program *core.Record, from, to string, now time.Time) (Figures, error) {
	location, err := zone(app, program.GetString("org"))
	if err != nil {
		return Figures{}, err
	}
	today := now.In(location).Format(dayForm)
	p, err := parsePeriod(from, to, today)
	if err != nil {
		return Figures{}, err
	}
	r := reader{app: app, program: program.Id}
	figures := Figures{From: p.first(), To: p.last(), Zone: location.String()}
	if figures.Days, figures.Totals, err = r.days(p); err != nil {
		return figures, fmt.Errorf("figures by day: %w", err)
	}
	if _, figures.Previous, err = r.days(p.before()); err != nil {
		return figures, fmt.Errorf("figures before: %w", err)
	}
	if figures.Retention, err = r.retention(figures.Days, p, today); err != nil {
		return figures, fmt.Errorf("retention: %w", err)
	}
	figures.Pages, figures.Steps, figures.Loads = []Page{}, []Step{}, []Load{}
	for _, list := range []struct {
		into  any
		query string
		limit int
	}{
		{&figures.Pages, `SELECT path, SUM(views) AS views, SUM(entries) AS entries, SUM(exits) AS exits FROM figures_pages
			WHERE program = {:program} AND day BETWEEN {:first} AND {:last} GROUP BY path ORDER BY views DESC, path LIMIT {:limit}`, pagesShown},
		{&figures.Steps, `SELECT origin, target, SUM(count) AS count FROM figures_steps
			WHERE program = {:program} AND day BETWEEN {:first} AND {:last} GROUP BY origin, target ORDER BY count DESC, origin, target LIMIT {:limit}`, stepsShown},
		{&figures.Loads, `SELECT bucket, SUM(count) AS count FROM figures_loads
			WHERE program = {:program} AND day BETWEEN {:first} AND {:last} GROUP BY bucket ORDER BY bucket LIMIT {:limit}`, len(buckets)},
	} {
		if err := r.query(list.query, p, dbx.Params{"limit": list.limit}).All(list.into); err != nil {
			return figures, fmt.Errorf("figures: %w", err)
		}
	}
	figures.Loads = everyBucket(figures.Loads)
	return figures, nil
}

// everyBucket is the histogram with its empty bars.
func everyBucket(loads []Load) []Load {
	all := make([]Load, len(buckets))
	for i, end := range buckets {
		all[i].UpTo = end
		for _, load := range loads {
			if load.UpTo == end {
				all[i].Count = load.Count
			}
		}
	}
	return all
}

// period is some days in a row.
type period struct {
	start time.Time
	days  int
}

func parsePeriod(from, to, today string) (period, error) {
	if to == "" {
		to = today
	}
	end, err := time.Parse(dayForm, to)
	if err != nil {
		return period{}, ErrBadPeriod.With("field", "to")
	}
	if from == "" {
		from = end.AddDate(0, 0, -29).Format(dayForm)
	}
	start, err := time.Parse(dayForm, from)
	if err != nil {
		return period{}, ErrBadPeriod.With("field", "from")
	}
	days := int(end.Sub(start)/(24*time.Hour)) + 1
	if days < 1 || days > PeriodDays {
		return period{}, ErrBadPeriod.With("limit", PeriodDays)
	}
	return period{start: start, days: days}, nil
}

func (p period) day(n int) string { return p.start.AddDate(0, 0, n).Format(dayForm) }
func (p period) first() string    { return p.day(0) }
func (p period) last() string     { return p.day(p.days - 1) }
func (p period) before() period   { return period{start: p.start.AddDate(0, 0, -p.days), days: p.days} }

type reader struct {
	app     core.App
	program string
}

func (r reader) query(statement string, p period, params dbx.Params) *dbx.Query {
	params["program"], params["first"], params["last"] = r.program, p.first(), p.last()
	return r.app.DB().NewQuery(statement).Bind(params)
}

func (r reader) days(p period) ([]Day, Totals, error) {
	var found []Day
	err := r.query(`SELECT day, opens, people, newcomers, errors FROM figures_days
		WHERE program = {:program} AND day BETWEEN {:first} AND {:last}`, p, dbx.Params{}).All(&found)
	if err != nil {
		return nil, Totals{}, err
	}
	var loads []struct {
		Day string `db:"day"`
		Load
	}
	err = r.query(`SELECT day, bucket, count FROM figures_loads
		WHERE program = {:program} AND day BETWEEN {:first} AND {:last}`, p, dbx.Params{}).All(&loads)
	if err != nil {
		return nil, Totals{}, err
	}
	histograms, whole := map[string]map[int]int{}, map[int]int{}
	for _, load := range loads {
		if histograms[load.Day] == nil {
			histograms[load.Day] = map[int]int{}
		}
		histograms[load.Day][load.UpTo] += load.Count
		whole[load.UpTo] += load.Count
	}
	byDay := map[string]Day{}
	for _, day := range found {
		byDay[day.Day] = day
	}
	days, totals, people := make([]Day, p.days), Totals{P75: p75(whole)}, 0
	for n := range days {
		day := byDay[p.day(n)]
		day.Day = p.day(n)
		day.P75 = p75(histograms[day.Day])
		days[n] = day
		totals.Opens += day.Opens
		totals.Newcomers += day.Newcomers
		totals.Errors += day.Errors
		people += day.People
	}
	totals.PeoplePerDay = math.Round(10*float64(people)/float64(p.days)) / 10
	return days, totals, nil
}

func (r reader) retention(days []Day, p period, today string) ([]Cohort, error) {
	var rows []struct {
		FirstDay string `db:"first_day"`
		After    int    `db:"after"`
		People   int    `db:"people"`
	}
	err := r.query(`SELECT first_day, after, people FROM figures_retention
		WHERE program = {:program} AND first_day BETWEEN {:first} AND {:last}`, p, dbx.Params{}).All(&rows)
	if err != nil {
		return nil, err
	}
	type key struct {
		day   string
		after int
	}
	back := map[key]int{}
	for _, row := range rows {
		back[key{row.FirstDay, row.After}] = row.People
	}
	cohorts := []Cohort{}
	for _, day := range days {
		if day.Newcomers == 0 {
			continue
		}
		cohort := Cohort{FirstDay: day.Day, Size: day.Newcomers}
		for i, into := range []**int{&cohort.D1, &cohort.D7, &cohort.D30} {
			after := retentionDays[i]
			if daysBetween(day.Day, today) > after {
				count := back[key{day.Day, after}]
				*into = &count
			}
		}
		cohorts = append(cohorts, cohort)
	}
	return cohorts, nil
}
