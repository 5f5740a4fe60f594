package demo

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/store"
	"plaza.internal/plaza/internal/weapp"
)

// publishSteps is how often publish tells its progress.
const publishSteps = 30

// moment is something that happened, some time ago.
type moment struct {
	at  time.Time
	act func(now time.Time) error
}

// story collects what makers, reviewers and visitors did, and then plays it in the order of time.
type story struct {
	*quarter
	moments []moment
}

// at puts an act on the timeline.
func (s *story) at(ago time.Duration, act func(now time.Time) error) {
	s.moments = append(s.moments, moment{at: s.now.Add(-ago), act: act})
}

const day = 24 * time.Hour

// publish tells the story of the programs: who made them, what became of each version, what people said.
func (q *quarter) publish(step func()) error {
	s := &story{quarter: q}
	s.certify()
	s.makePrograms()
	s.visit()
	s.speak()
	s.showcase()
	slices.SortStableFunc(s.moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for i, each := range s.moments {
		if err := each.act(each.at); err != nil {
			return fmt.Errorf("%s ago: %w", q.now.Sub(each.at), err)
		}
		if i*publishSteps/len(s.moments) != (i+1)*publishSteps/len(s.moments) {
			step()
		}
	}
	// The night's work of the days that have passed.
	if err := store.CountRatings(q.app, q.now); err != nil {
		return err
	}
	return store.Rank(q.app, q.now)
}

// date remembers a record's place in time.
func (q *quarter) date(record *core.Record, at time.Time) error {
	stamp, err := types.ParseDateTime(at)
	if err != nil {
		return err
	}
	q.dated = append(q.dated, dated{collection: record.Collection().Name, id: record.Id, at: stamp})
	return nil
}

// maker is somebody with a program: their account, and the organisation whose it is, if it is not their own.
type maker struct{ appid, account, org string }

func (s *story) id(account string) string { return s.people[account].Id }

func (s *story) owner(m maker) programs.Owner {
	if m.org != "" {
		return programs.Owner{Org: s.orgs[m.org]}
	}
	return programs.Owner{User: s.id(m.account)}
}

// edition is a version on its way: what its makers said of it, and what they told the reviewers.
type edition struct {
	number            int
	name, note        string
	notes, account    string
	uploaded, waiting time.Duration // when it was uploaded; how long the review took, 0 for none
}

// upload adds a version, and submits it an hour later if it is to be reviewed.
func (s *story) upload(m maker, e edition) {
	s.at(e.uploaded, func(now time.Time) error {
		packed, err := pack(m.appid, e.name, e.number)
		if err != nil {
			return err
		}
		version, err := programs.Upload(s.app, s.owner(m), m.appid, bytes.NewReader(packed), e.note, s.id(m.account), now)
		if err != nil {
			return fmt.Errorf("upload %s: %w", m.appid, err)
		}
		if e.number == 1 {
			program, err := s.program(m.appid)
			if err != nil {
				return err
			}
			if err := s.date(program, now); err != nil {
				return err
			}
		}
		return s.date(version, now)
	})
}

func (s *story) submit(m maker, e edition) {
	s.at(e.uploaded-time.Hour, func(now time.Time) error {
		_, err := programs.Submit(s.app, m.appid, e.number, programs.Submission{Notes: e.notes, TestAccount: e.account}, s.id(m.account), now)
		return err
	})
}

// approved is a version that went through its review and out to a percentage of the people.
func (s *story) approved(m maker, e edition, percent int) {
	s.upload(m, e)
	s.submit(m, e)
	s.at(e.uploaded-time.Hour-e.waiting, func(now time.Time) error {
		review, err := s.claimed(m.appid, now)
		if err != nil {
			return err
		}
		_, err = programs.Approve(s.app, review.Id, "", s.id("operator"), now)
		return err
	})
	s.release(m, e, e.uploaded-2*time.Hour-e.waiting, percent)
}

func (s *story) release(m maker, e edition, ago time.Duration, percent int) {
	s.at(ago, func(now time.Time) error {
		_, err := programs.Release(s.app, m.appid, e.number, percent, s.id(m.account), now)
		return err
	})
}

// claimed is the program's open review, taken by the operator.
func (s *story) claimed(appid string, now time.Time) (*core.Record, error) {
	program, err := s.program(appid)
	if err != nil {
		return nil, err
	}
	standing, err := programs.StandingOf(s.app, program, false, now)
	if err != nil {
		return nil, err
	}
	if standing.Review == nil {
		return nil, fmt.Errorf("%s has no review", appid)
	}
	return programs.Claim(s.app, standing.Review.Id, s.id("operator"), now)
}

func (s *story) program(appid string) (*core.Record, error) {
	return s.app.FindFirstRecordByData("programs", "appid", appid)
}

// makePrograms is what became of each program.
func (s *story) makePrograms() {
	s.approved(maker{"bins", "neighbour15", "mairie"}, edition{number: 1, name: "1.0.0", note: "All bins of the quarter", uploaded: 24 * day, waiting: 3 * time.Hour}, 100)
	s.approved(maker{"lanterns", "creator", "atelier-lune"}, edition{number: 1, name: "1.0.0", note: "The first evening", uploaded: 22 * day, waiting: 7 * time.Hour}, 100)
	s.approved(maker{"phrases", "neighbour17", ""}, edition{number: 1, name: "1.0.0", note: "Twenty-two phrases", uploaded: 21 * day, waiting: 5 * time.Hour}, 100)
	s.approved(maker{"breathe", "creator", "atelier-lune"}, edition{number: 1, name: "1.0.0", note: "Three rhythms", uploaded: 14 * day, waiting: 4 * time.Hour}, 100)
	s.approved(maker{"lanterns", "creator", "atelier-lune"}, edition{number: 2, name: "1.1.0", note: "Quicker lanterns after half time", uploaded: 2 * day, waiting: 6 * time.Hour}, 20)
	s.approved(maker{"todo", "creator", ""}, edition{number: 1, name: "1.0.0", note: "Lists that follow you", uploaded: 13 * day, waiting: 5 * time.Hour}, 100)
	s.skies()
	s.split()
	s.menu()
	s.swim()
	s.city()
	s.wheel()
	s.fortune()
	s.coupons()
}

// skies came back from a version that did not work everywhere.
func (s *story) skies() {
	m := maker{"skies", "creator", ""}
	s.approved(m, edition{number: 1, name: "1.0.0", note: "Eight skies", uploaded: 26 * day, waiting: 8 * time.Hour}, 100)
	s.approved(m, edition{number: 2, name: "1.1.0", note: "Calmer clouds", uploaded: 17 * day, waiting: 4 * time.Hour}, 100)
	s.approved(m, edition{number: 3, name: "1.2.0", note: "A moon that turns", uploaded: 6 * day, waiting: 5 * time.Hour}, 100)
	s.at(5*day-2*time.Hour, func(now time.Time) error {
		_, err := programs.Rollback(s.app, m.appid, 2, "1.2.0 stays blank on older phones", s.id("creator"), now)
		return err
	})
}

// split has a version in the queue, and testers who try it meanwhile.
func (s *story) split() {
	m := maker{"split", "creator", ""}
	s.approved(m, edition{number: 1, name: "1.0.0", note: "People, tip, rounding", uploaded: 19 * day, waiting: 6 * time.Hour}, 100)
	next := edition{
		number: 2, name: "1.1.0", note: "Remembers how you like to split",
		notes:   "New: it remembers tip and rounding between bills. To try it, type 87.60, choose three people and 10 %, close it and open it again.",
		account: "person@plaza.example, password as printed at the start", uploaded: 5 * time.Hour,
	}
	s.upload(m, next)
	s.submit(m, next)
	s.at(5*time.Hour-10*time.Minute, func(now time.Time) error {
		program, err := s.program(m.appid)
		if err != nil {
			return err
		}
		for _, tester := range []string{"person", "neighbour2", "neighbour13"} {
			if err := programs.AddTester(s.app, program, s.people[tester].Email(), s.id("creator"), now); err != nil {
				return err
			}
		}
		return s.link(program, programs.LinkTo{Name: "For the testers", Version: 2, ExpiresAt: now.Add(30 * day)}, "creator", now)
	})
}

func (s *story) link(program *core.Record, to programs.LinkTo, account string, now time.Time) error {
	link, err := programs.Link(s.app, program, to, s.id(account), now)
	if err != nil {
		return err
	}
	return s.date(link, now)
}

// menu is a café's, made by an agency that the operator has certified.
func (s *story) menu() {
	m := maker{"menu", "neighbour8", "bean-leaf"}
	s.at(13*day, func(now time.Time) error {
		program, err := programs.Create(s.app, s.owner(m), programs.Draft{
			AppID: m.appid, Name: "Today at Bean & Leaf", Category: "food", Kind: "app", Description: "The dish of the day",
		}, s.id(m.account), now)
		if err != nil {
			return err
		}
		_, err = programs.SetAgency(s.app, program, s.orgs["studio-plume"], s.id(m.account), now)
		return err
	})
	s.approved(maker{"menu", "neighbour16", "bean-leaf"}, edition{number: 1, name: "1.0.0", note: "The week's menu", uploaded: 12 * day, waiting: 5 * time.Hour}, 100)
	s.at(11*day, func(now time.Time) error {
		program, err := s.program(m.appid)
		if err != nil {
			return err
		}
		return s.link(program, programs.LinkTo{Name: "Code on the tables", Place: s.places["bean-leaf"]}, m.account, now)
	})
}

// wheel went out without a review, and asks for one now.
func (s *story) wheel() {
	m := maker{"wheel", "neighbour10", ""}
	first := edition{number: 1, name: "1.0.0", note: "It decides", uploaded: 9 * day}
	s.upload(m, first)
	s.release(m, first, 9*day-time.Hour, 100)
	s.at(20*time.Hour, func(now time.Time) error {
		_, err := programs.Submit(s.app, m.appid, 1, programs.Submission{Notes: "People like it, so please have a look: I would like to lose the band."}, s.id(m.account), now)
		return err
	})
}

// fortune promises what it does not do.
func (s *story) fortune() {
	m := maker{"fortune", "creator", ""}
	e := edition{number: 1, name: "1.0.0", note: "Spin and win", uploaded: 3 * day, notes: "A bit of fun."}
	s.upload(m, e)
	s.submit(m, e)
	var reviewID string
	s.at(2*day+3*time.Hour, func(now time.Time) error {
		review, err := s.claimed(m.appid, now)
		if err != nil {
			return err
		}
		reviewID = review.Id
		_, err = programs.Reject(s.app, review.Id, programs.Rejection{
			Rule: "2.1", Reason: "It promises a phone, and there is none: the wheel only shows a word. Say what it does, or show who gives the prize and by which rules.",
			Findings: []weapp.Finding{{File: "main.js", Line: 5, Severity: weapp.SeverityError, Code: "review", Message: "The title promises a prize."}},
		}, s.id("operator"), now)
		return err
	})
	s.say(&reviewID, 2*day, programs.SideCreator, "creator", "The phone is a joke among friends. Would “Lucky words” do as a title?")
	s.say(&reviewID, 1*day+20*time.Hour, programs.SideReviewer, "operator", "Yes, if the description says so, too. Send it again and I will look the same day.")
}

func (s *story) say(review *string, ago time.Duration, side, account, text string) {
	s.at(ago, func(now time.Time) error {
		message, err := programs.Say(s.app, *review, side, text, s.id(account), now)
		if err != nil {
			return err
		}
		record, err := s.app.FindRecordById("programs_messages", message.ID)
		if err != nil {
			return err
		}
		return s.date(record, now)
	})
}

// coupons uses a café's name, and was stopped.
func (s *story) coupons() {
	m := maker{"coupons", "neighbour24", ""}
	first := edition{number: 1, name: "1.0.0", note: "Coffee for everybody", uploaded: 11 * day}
	s.upload(m, first)
	s.release(m, first, 11*day-time.Hour, 100)
	var takedownID string
	s.at(3*day, func(now time.Time) error {
		takedown, err := programs.TakeDown(s.app, programs.Takedown{
			Scope: programs.ScopeProgram, AppID: m.appid, Rule: "2.2", Reason: "Bean & Leaf gives no free coffee and never heard of this program.",
			Notice: "This offer was not Bean & Leaf's.",
		}, s.id("operator"), now)
		if err != nil {
			return err
		}
		takedownID = takedown.Id
		return s.date(takedown, now)
	})
	s.at(2*day, func(now time.Time) error {
		_, err := programs.Appeal(s.app, takedownID, "I only wanted to surprise my neighbours. I will take the name out and call it “Coffee wheel”.", s.id(m.account), now)
		return err
	})
}

// showcase is what the operator shows in the store, and what the person whose login is printed keeps at hand.
func (s *story) showcase() {
	features := []struct {
		appid, slot string
		titles      map[string]string
		from, until time.Duration // ago; until 0 is open
	}{
		{"bins", "banner", map[string]string{"en": "Sorted in a second", "fr": "Trié en une seconde", "zh": "一秒分好类"}, 20 * day, 0},
		{"lanterns", "banner", map[string]string{"en": "An evening of lanterns", "fr": "Une soirée de lanternes", "zh": "灯笼之夜"}, 10 * day, -20 * day},
		{"breathe", "banner", map[string]string{"en": "Three minutes for you", "fr": "Trois minutes pour vous", "zh": "给自己三分钟"}, -3 * day, -17 * day},
		{"nearby", "picks", map[string]string{"en": "What is open around you", "fr": "Ce qui est ouvert près de vous", "zh": "附近营业中"}, 10 * day, 0},
		{"city", "picks", map[string]string{"en": "The town hall, without a queue", "fr": "La mairie, sans file", "zh": "办事不排队"}, 10 * day, 0},
		{"quiz", "picks", map[string]string{"en": "Eight questions a day", "fr": "Huit questions par jour", "zh": "每天八道题"}, 10 * day, 0},
		{"swim", "picks", map[string]string{"en": "Into the water", "fr": "À l’eau !", "zh": "下水吧"}, 10 * day, 0},
		{"menu", "picks", map[string]string{"en": "What is for lunch?", "fr": "Qu’y a-t-il à midi ?", "zh": "中午吃什么？"}, 10 * day, 0},
		{"phrases", "picks", map[string]string{"en": "For your guests", "fr": "Pour vos invités", "zh": "给客人"}, 10 * day, 0},
		{"split", "picks", map[string]string{"en": "After the meal", "fr": "Après le repas", "zh": "饭后"}, 10 * day, 0},
	}
	s.at(30*time.Minute, func(time.Time) error {
		return ledger.Write(s.app, func(tx core.App) error {
			places := map[string]int{}
			for _, f := range features {
				program, err := tx.FindFirstRecordByData("programs", "appid", f.appid)
				if err != nil {
					return err
				}
				fields := map[string]any{"program": program.Id, "slot": f.slot, "titles": f.titles, "position": places[f.slot], "starts_at": s.now.Add(-f.from)}
				places[f.slot]++
				if f.until != 0 {
					fields["ends_at"] = s.now.Add(-f.until)
				}
				if _, err := create(tx, "store_features", fields); err != nil {
					return err
				}
			}
			return programs.Keep(tx, s.id("person"), []string{"nearby", "city", "tiles", "menu", "bins", "split"})
		})
	})
}
