package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/search"
)

const (
	// perPage is how many programs a page has unless the query says otherwise.
	perPage    = 20
	perPageCap = 50
	// pageCap is the last page that is reached by counting; Page.After goes on from there.
	pageCap = 50
	// listCap is how many of the newest, or of the most rising, a list holds; filters look among those.
	listCap = 5000
)

// The orders of a list. Without one it is by rank; a search by words is always by fit, then rank.
const (
	SortNew    = "new"
	SortRising = "rising"
)

// Query is what is looked for in the store. Without Q it is everything that fits the filters.
type Query struct {
	Q         string
	Category  string
	Kind      string // app, game, web
	Sort      string
	Certified bool
	Page      int
	PerPage   int
	After     string // what the last page's After said; then Page only counts on
	Language  string
	User      string // who asks, or "" for a guest
}

// Page is a page of programs, best first.
type Page struct {
	Items     []programs.Card `json:"items"`
	TotalHint int             `json:"total_hint"` // roughly how many there are; exact while they are few
	Page      int             `json:"page"`
	More      bool            `json:"more"`
	After     string          `json:"after,omitempty"` // of the last one, to go on from however deep the list
	Corrected string          `json:"corrected,omitempty"`
}

// Search answers a query.
func Search(app core.App, query Query) (Page, error) {
	if err := query.settle(); err != nil {
		return Page{}, err
	}
	if query.Sort != "" && strings.TrimSpace(query.Q) == "" {
		return list(app, query)
	}
	wanted := search.Query{Text: query.Q, Tags: query.tags(), Limit: query.PerPage}
	if query.After != "" {
		after, err := readCursor(query.After)
		if err != nil {
			return Page{}, err
		}
		wanted.After = after
	} else {
		wanted.Skip = (query.Page - 1) * query.PerPage
	}
	if query.User == "" {
		wanted.Without = tagRestricted
	}
	found, err := search.Find(app, wanted)
	if err != nil {
		return Page{}, err
	}
	page := Page{TotalHint: found.Total, Page: query.Page, More: found.More, Corrected: found.Corrected, Items: []programs.Card{}}
	if len(found.Matches) == 0 {
		return page, nil
	}
	last := found.Matches[len(found.Matches)-1]
	page.After = cursor(last)
	page.Items, err = cardsAt(app, found.Matches, query)
	return page, err
}

// settle fills in what the query leaves open and refuses what cannot be.
func (q *Query) settle() error {
	switch {
	case q.Page < 0 || (q.Page > pageCap && q.After == ""):
		return ErrBadQuery.With("field", "page").With("limit", pageCap)
	case q.PerPage < 0 || q.PerPage > perPageCap:
		return ErrBadQuery.With("field", "per_page").With("limit", perPageCap)
	case !slices.Contains([]string{"", SortNew, SortRising}, q.Sort):
		return ErrBadQuery.With("field", "sort")
	case !slices.Contains([]string{"", "app", "game", "web"}, q.Kind):
		return ErrBadQuery.With("field", "kind")
	}
	q.Page = max(q.Page, 1)
	if q.PerPage == 0 {
		q.PerPage = perPage
	}
	return nil
}

func (q *Query) tags() []string {
	var tags []string
	if q.Category != "" {
		tags = append(tags, tagCategory+q.Category)
	}
	if q.Kind != "" {
		tags = append(tags, tagKind+q.Kind)
	}
	if q.Certified {
		tags = append(tags, tagCertified)
	}
	return tags
}

func cursor(last search.Match) string { return fmt.Sprintf("%d.%d", last.Tier, last.Place) }

func readCursor(text string) (search.Position, error) {
	tier, place, _ := strings.Cut(text, ".")
	t, err := strconv.Atoi(tier)
	if err == nil && t >= 0 && t < search.Tiers {
		var p int64
		if p, err = strconv.ParseInt(place, 10, 64); err == nil && p >= 0 {
			return search.At(t, p), nil
		}
	}
	return search.Position{}, ErrBadQuery.With("field", "after")
}

// cardsAt is the cards of the matches that this person may see, in order.
func cardsAt(app core.App, matches []search.Match, query Query) ([]programs.Card, error) {
	places := make([]int64, len(matches))
	for i, match := range matches {
		places[i] = match.Place
	}
	rows, err := read(app, "place", places)
	if err != nil {
		return nil, err
	}
	at := make(map[int64]row, len(rows))
	for _, row := range rows {
		at[row.Place] = row
	}
	cards := make([]programs.Card, 0, len(matches))
	for _, place := range places {
		row, there := at[place]
		if !there || row.Status != "live" {
			continue
		}
		if row.Restricted {
			if sees, err := row.shown().reaches(app, query.User); err != nil {
				return nil, err
			} else if !sees {
				continue
			}
		}
		cards = append(cards, row.card(query.Language))
	}
	return cards, nil
}

// row is an entry with what its program is at this moment.
type row struct {
	programs.Card
	Place      int64  `db:"place"`
	Restricted bool   `db:"restricted"`
	Answers    string `db:"publisher"` // programs.Publisher as JSON
	Release    string `db:"release"`
	Rollout    string `db:"rollout"`
	Percent    int    `db:"percent"`
}

// read is the entries that have one of the values in the column, with their live programs, in no order.
func read[V any](app core.App, column string, values []V) ([]row, error) {
	list, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = app.DB().NewQuery(`SELECT e.place, e.restricted, e.publisher, p.id, p.appid, p.name, p.names, p.description, p.descriptions,
		p.icon, p.color, p.kind, p.category, p.tier, p.status, p.people, p.ratings, p."release", p.rollout, p.percent,
		CASE p.ratings WHEN 0 THEN 0 ELSE CAST(ROUND(p.stars * 10.0 / p.ratings) AS INTEGER) END AS rating
		FROM store_entries e JOIN programs p ON p.id = e.program WHERE e.` + column + ` IN (SELECT value FROM json_each({:values}))`).
		Bind(dbx.Params{"values": string(list)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return rows, nil
}

func (r row) shown() shown {
	return shown{ID: r.ID, AppID: r.AppID, Status: r.Status, Release: r.Release, Rollout: r.Rollout, Percent: r.Percent}
}

// card is the row as a list shows it in the language.
func (r row) card(language string) programs.Card {
	card := r.Card
	if name := card.Names[language]; name != "" {
		card.Name = name
	}
	if text := card.Descriptions[language]; text != "" {
		card.Description = text
	}
	if err := json.Unmarshal([]byte(r.Answers), &card.Publisher); err != nil {
		card.Publisher = programs.Publisher{} // only a hand in the table can have done that
	}
	return card
}

// cards is the programs' cards in order, of those that everybody sees at this moment.
func cards(app core.App, ids []string, language string) ([]programs.Card, error) {
	rows, err := read(app, "program", ids)
	if err != nil {
		return nil, err
	}
	found := make([]programs.Card, 0, len(ids))
	for _, id := range ids {
		i := slices.IndexFunc(rows, func(r row) bool { return r.ID == id })
		if i >= 0 && rows[i].Status == "live" && rows[i].Release != "" {
			found = append(found, rows[i].card(language))
		}
	}
	return found, nil
}

// list is what is newest, or rises most, of what everybody sees. It ends after listCap entries: what lies deeper
// is neither.
func list(app core.App, query Query) (Page, error) {
	page := Page{Page: query.Page, Items: []programs.Card{}}
	if query.After != "" {
		return page, ErrBadQuery.With("field", "after")
	}
	where, order := "restricted = 0", "released_at DESC, place"
	params := dbx.Params{"category": query.Category, "kind": query.Kind, "cap": listCap}
	if query.Category != "" {
		where += " AND category = {:category}"
	}
	if query.Sort == SortRising {
		where, order = where+" AND rising > 0", "rising DESC, place"
	}
	filter := "1"
	if query.Kind != "" {
		filter += " AND kind = {:kind}"
	}
	if query.Certified {
		filter += " AND certified"
	}
	params["limit"], params["skip"] = query.PerPage+1, (query.Page-1)*query.PerPage
	ids := []string{}
	err := app.DB().NewQuery("SELECT program FROM (SELECT program, kind, certified FROM store_entries WHERE " + where + " ORDER BY " + order +
		" LIMIT {:cap}) WHERE " + filter + " LIMIT {:limit} OFFSET {:skip}").Bind(params).Column(&ids)
	if err != nil {
		return page, fmt.Errorf("list entries: %w", err)
	}
	page.More = len(ids) > query.PerPage
	page.TotalHint = query.PerPage*(query.Page-1) + len(ids)
	page.Items, err = cards(app, ids[:min(len(ids), query.PerPage)], query.Language)
	return page, err
}
