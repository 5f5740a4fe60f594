package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/figures"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/logs"
	"plaza.internal/plaza/internal/programs"
)

// crowd is how a program is used: since when, how often on a day, and how that changes until today.
type crowd struct {
	appid        string
	since        int // days ago
	first, today int // opens a day
	pages        []string
	slow         float64 // milliseconds that most launches take
}

var crowds = []crowd{
	{"skies", 24, 9, 12, []string{"pages/home/home", "pages/sky/sky"}, 340},
	{"bins", 22, 7, 14, []string{"pages/home/home", "pages/bin/bin"}, 310},
	{"lanterns", 20, 12, 34, []string{"game.js"}, 260},
	{"phrases", 19, 6, 9, []string{"pages/home/home", "pages/show/show"}, 330},
	{"split", 17, 5, 13, []string{"pages/home/home"}, 300},
	{"breathe", 12, 4, 11, []string{"index.html"}, 220},
	{"menu", 10, 14, 36, []string{"pages/home/home"}, 420},
	{"swim", 16, 18, 44, []string{"pages/home/home"}, 380},
	{"todo", 11, 5, 18, []string{"pages/home/home", "pages/share/share"}, 360},
	{"wheel", 8, 3, 10, []string{"index.html"}, 210},
	{"coupons", 10, 6, 2, []string{"index.html"}, 230},
}

// habit is how many of a day's opens are counted as a visit that moves the person's recents.
const habit = 4

// visit lets people open the programs, day by day.
func (s *story) visit() {
	for ago := days; ago >= 0; ago-- {
		at := s.now.Sub(s.dayAt(ago, 20, 30))
		if at < lastVisit {
			at = lastVisit // today is not over
		}
		s.at(at, func(time.Time) error {
			return ledger.Write(s.app, func(tx core.App) error { return s.spend(tx, ago) })
		})
	}
	for i, appid := range []string{"breathe", "phrases", "lanterns", "skies", "split", "bins", "menu"} {
		s.at(time.Duration(9-i)*time.Hour+lastVisit, func(now time.Time) error {
			_, err := programs.Launch(s.app, s.people["person"], appid, programs.Opening{Scene: 1001}, now)
			return err
		})
	}
	s.at(3*day, s.ask)
	s.at(5*day-time.Hour, func(now time.Time) error {
		s.stumble(now)
		return nil
	})
}

// spend is one day's opens of all programs. The same day always plays the same way.
func (s *story) spend(tx core.App, ago int) error {
	for n, c := range crowds {
		if ago > c.since || c.appid == "coupons" && ago <= 3 { // it was stopped in the course of the third day
			continue
		}
		program, err := tx.FindFirstRecordByData("programs", "appid", c.appid)
		if err != nil {
			return err
		}
		random := rand.New(rand.NewPCG(uint64(ago), uint64(n)))
		opens := c.first + (c.today-c.first)*(c.since-ago)/c.since + random.IntN(4)
		for i := range opens {
			at := s.dayAt(ago, busyHour(random), random.IntN(60))
			person := s.visitors[(random.IntN(len(s.visitors))*random.IntN(len(s.visitors)))%len(s.visitors)]
			if at.After(s.now.Add(-lastVisit)) {
				continue
			}
			if err := s.open(tx, c, program, person, i%habit == 0, random, at); err != nil {
				return fmt.Errorf("open %s: %w", c.appid, err)
			}
		}
	}
	return nil
}

// open is one opening: the first of a person, and now and then a later one, through the launch; all through the
// figures, which the person's phone sends afterwards.
func (s *story) open(tx core.App, c crowd, program, person *core.Record, noted bool, random *rand.Rand, at time.Time) error {
	use, err := programs.Used(tx, person.Id, program.Id)
	if err != nil {
		return err
	}
	if use == nil || noted {
		if _, err := programs.Launch(tx, person, c.appid, programs.Opening{Scene: 1001}, at); err != nil {
			return err
		}
	}
	_, err = figures.Take(tx, figures.Batch{
		Program: program.Id, Org: program.GetString("org"), Person: person.Id,
		Session: fmt.Sprintf("%s-%s-%d-%d", c.appid, person.Id, at.Unix(), random.IntN(1<<20)), Events: c.events(random, keenness(person.Id)),
	}, at)
	return err
}

// events is what a phone tells of one opening.
func (c crowd) events(random *rand.Rand, keen int) []figures.Event {
	var events []figures.Event
	add := func(event figures.Event) {
		event.Seq = len(events) + 1
		events = append(events, event)
	}
	add(figures.Event{Kind: figures.KindOpen})
	add(figures.Event{Kind: figures.KindLoad, Millis: c.slow * (0.6 + random.ExpFloat64()*0.5)})
	add(figures.Event{Kind: figures.KindPage, Path: c.pages[0]})
	for len(c.pages) > 1 && random.IntN(3) > 0 && len(events) < 8 {
		add(figures.Event{Kind: figures.KindPage, Path: c.pages[1+random.IntN(len(c.pages)-1)]})
		add(figures.Event{Kind: figures.KindPage, Path: c.pages[0]})
	}
	if random.IntN(60) == 0 {
		add(figures.Event{Kind: figures.KindError, Message: "a picture did not load"})
	}
	if c.appid == "swim" {
		for _, event := range tickets(random, keen) {
			add(event)
		}
	}
	add(figures.Event{Kind: figures.KindHide})
	return events
}

// tickets is what the pool's program reports by itself: what people choose, and how far they come with it.
func tickets(random *rand.Rand, keen int) (events []figures.Event) {
	kinds := []string{"single", "single", "single", "family", "family", "reduced", "ten"}
	ticket := kinds[random.IntN(len(kinds))]
	data := map[string]any{"ticket": ticket, "count": float64(1 + random.IntN(3)/2)}
	for _, step := range []struct {
		name string
		stay int // of ten times, how often they come so far
		keen int // who ever does
	}{{"chosen", 8, 2}, {"buy", 7, 4}, {"paid", 8, 5}} {
		if random.IntN(10) >= step.stay || keen < step.keen {
			return events
		}
		events = append(events, figures.Event{Kind: figures.KindCustom, Name: step.name, Data: data})
	}
	return events
}

// keenness is from 0 to 9 how much somebody likes to swim: the same every day.
func keenness(person string) int {
	sum := uint32(0)
	for _, letter := range person {
		sum = sum*31 + uint32(letter)
	}
	return int(sum % 10)
}

// ask builds the funnel that the pool's people look at.
func (s *story) ask(now time.Time) error {
	program, err := s.app.FindFirstRecordByData("programs", "appid", "swim")
	if err != nil {
		return err
	}
	_, err = figures.AddFunnel(s.app, program, figures.Funnel{
		Name: "Tickets", Minutes: 60, Steps: []figures.FunnelStep{
			{Kind: "open"}, {Kind: "event", Name: "chosen"}, {Kind: "event", Name: "buy"}, {Kind: "event", Name: "paid"},
		},
	}, s.people["neighbour15"].Id, now)
	return err
}

// stumble is what the log says of the version that was rolled back, and what a kitchen's function says of itself.
func (s *story) stumble(now time.Time) {
	var lines []logs.Line
	for i := range 6 {
		at := now.Add(time.Duration(i*7-60) * time.Minute)
		lines = append(lines, logs.Line{
			At: at, Program: "skies", Version: 3, Request: fmt.Sprintf("opening-%d", i), Source: logs.SourcePage, Level: logs.Error,
			Text: "TypeError: Cannot read properties of undefined (reading 'phase')", Stack: "at moon (lib/moon.js:14:9)\nat Page.onLoad (pages/sky/sky.js:8:3)", Device: "Chrome on Android",
		})
	}
	for i := range 5 {
		lines = append(lines, logs.Line{
			At: s.now.Add(-time.Duration(i)*time.Hour - lastVisit), Program: "lanterns", Version: 1 + i%2, Request: fmt.Sprintf("evening-%d", i),
			Source: logs.SourcePage, Level: logs.Info, Text: fmt.Sprintf("a round ends with %d", 41+i*13), Device: "Safari on iOS",
		})
	}
	logs.Write(s.app, lines...)
}
