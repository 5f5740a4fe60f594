package store

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/search"
)

const (
	// frontRow is how many programs a row of the first screen has.
	frontRow = 12
	// featuresCap is how many slots may run at once.
	featuresCap = 40
	// countsTTL is how long the numbers of programs in the categories are kept.
	countsTTL = 30 * time.Second
	countsKey = "plaza.store.counts"
)

// The slots that the operator fills.
const (
	slotBanner = "banner"
	slotPicks  = "picks"
)

// Featured is a program in a slot, with the operator's words for it.
type Featured struct {
	programs.Card
	Title  string                `json:"title"`
	Titles types.JSONMap[string] `json:"titles"`
}

// Category is a shelf, and how many programs stand on it.
type Category struct {
	ID    string            `json:"id"`
	Names map[string]string `json:"names"`
	Count int               `json:"count"`
}

// Front is the store's first screen.
type Front struct {
	Banner     []Featured      `json:"banner"`
	Picks      []Featured      `json:"picks"`
	New        []programs.Card `json:"new"`
	Rising     []programs.Card `json:"rising"`
	Categories []Category      `json:"categories"`
}

// Open is the first screen at that time: what the operator shows then, what is new, what is rising. As long as
// the operator has picked nothing, the best are the picks.
func Open(app core.App, language string, now time.Time) (Front, error) {
	front := Front{Banner: []Featured{}, Picks: []Featured{}}
	if err := front.feature(app, language, now); err != nil {
		return front, err
	}
	row := func(sort string) ([]programs.Card, error) {
		page, err := Search(app, Query{Sort: sort, Language: language, PerPage: frontRow})
		return page.Items, err
	}
	var err error
	if front.New, err = row(SortNew); err != nil {
		return front, err
	}
	if front.Rising, err = row(SortRising); err != nil {
		return front, err
	}
	if len(front.Picks) == 0 {
		best, err := row("")
		if err != nil {
			return front, err
		}
		for _, card := range best {
			front.Picks = append(front.Picks, Featured{Card: card, Titles: types.JSONMap[string]{}})
		}
	}
	front.Categories, err = categories(app)
	return front, err
}

// feature fills the slots with what runs at that time and everybody sees.
func (f *Front) feature(app core.App, language string, now time.Time) error {
	var rows []struct {
		Slot    string                `db:"slot"`
		Program string                `db:"program"`
		Titles  types.JSONMap[string] `db:"titles"`
	}
	err := app.DB().NewQuery(`SELECT f.slot, f.program, f.titles FROM store_features f
		JOIN store_entries e ON e.program = f.program AND NOT e.restricted
		WHERE f.starts_at <= {:now} AND (f.ends_at = '' OR f.ends_at > {:now})
		ORDER BY f.slot, f.position, f.starts_at DESC, f.id LIMIT {:limit}`).
		Bind(dbx.Params{"now": stamp(now), "limit": featuresCap}).All(&rows)
	if err != nil {
		return fmt.Errorf("read features: %w", err)
	}
	for _, row := range rows {
		found, err := cards(app, []string{row.Program}, language)
		if err != nil {
			return err
		}
		for _, card := range found {
			one := Featured{Card: card, Title: row.Titles[language], Titles: row.Titles}
			if row.Slot == slotBanner {
				f.Banner = append(f.Banner, one)
			} else {
				f.Picks = append(f.Picks, one)
			}
		}
	}
	return nil
}

// counted is the categories as they were counted.
type counted struct {
	at         time.Time
	policy     int
	categories []Category
}

// categories are the policy's shelves. Their numbers may be half a minute old.
func categories(app core.App) ([]Category, error) {
	policy, err := programs.CurrentPolicy(app)
	if err != nil {
		return nil, err
	}
	if kept, ok := app.Store().Get(countsKey).(counted); ok && kept.policy == policy.Number && time.Since(kept.at) < countsTTL {
		return kept.categories, nil
	}
	shelves := make([]Category, len(policy.Categories))
	for i, category := range policy.Categories {
		count, err := search.Count(app, tagOpen+category.ID)
		if err != nil {
			return nil, err
		}
		shelves[i] = Category{ID: category.ID, Names: category.Names, Count: count}
	}
	app.Store().Set(countsKey, counted{time.Now(), policy.Number, shelves})
	return shelves, nil
}
