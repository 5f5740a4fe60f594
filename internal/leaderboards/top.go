package leaderboards

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/contacts"
)

// Entry is one line of a ranking. It tells nobody by which id the player is known anywhere.
type Entry struct {
	Rank   int64     `json:"rank"`
	Score  int64     `json:"score"`
	At     time.Time `json:"at"` // since when that score stands
	Name   string    `json:"name"`
	Avatar string    `json:"avatar"` // empty: Plaza keeps no pictures of people yet
	Me     bool      `json:"me"`
}

// Page is a part of a season's ranking.
type Page struct {
	Board      string     `json:"board"`
	Season     string     `json:"season"` // empty when nobody has played yet
	Starts     *time.Time `json:"starts"`
	Ends       *time.Time `json:"ends"`
	Running    bool       `json:"running"`
	Players    int64      `json:"players"`
	Entries    []Entry    `json:"entries"`
	NextCursor string     `json:"next_cursor"`
}

// Query is which part of which season.
type Query struct {
	Board  string `json:"board"`
	Season string `json:"season"` // empty: the one that runs, or the last
	Limit  int    `json:"limit"`
	Cursor string `json:"cursor"` // next_cursor of the page before
}

// Top is the first of a season, or those after the cursor. A cursor is a place and not a number: while others move, the
// next page goes on where the last one ended, and its ranks are those of now.
func Top(app core.App, c Caller, q Query, now time.Time) (Page, error) {
	b, s, err := shown(app, c, q.Board, q.Season, now)
	page := pageOf(b, s, now)
	if err != nil || s == nil {
		return page, err
	}
	limit, from, err := q.window()
	if err != nil {
		return page, err
	}
	rows, err := rowsFrom(app, s, from, limit+1)
	if err != nil {
		return page, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = cursorOf(rows[limit-1].place())
	}
	rank := int64(1)
	if q.Cursor != "" && len(rows) > 0 {
		if rank, _, err = rankOf(app, s, rows[0].place()); err != nil {
			return page, err
		}
	}
	page.Entries, err = entries(app, c, b, s, rows, rank)
	return page, err
}

// Around is up to n before and n after the caller's own place; nothing if they have none.
func Around(app core.App, c Caller, q Query, n int, now time.Time) (Page, error) {
	b, s, err := shown(app, c, q.Board, q.Season, now)
	page := pageOf(b, s, now)
	if err != nil || s == nil {
		return page, err
	}
	if n < 0 || n > AroundLimit {
		return page, ErrBadQuery.With("limit", AroundLimit)
	}
	own, err := scoreRow(app, s, c.person())
	if err != nil || own == nil || own.Hidden != "" {
		return page, err
	}
	var before []scored
	err = app.DB().NewQuery("SELECT id, person, key, at, hidden " + inRanking +
		"AND (key, at, id) < ({:key}, {:at}, {:id}) ORDER BY key DESC, at DESC, id DESC LIMIT {:limit}").
		Bind(own.place().params("", dbx.Params{"season": s.ID, "limit": n})).All(&before)
	if err != nil {
		return page, fmt.Errorf("ranking: %w", err)
	}
	slices.Reverse(before)
	after, err := rowsFrom(app, s, own.place(), n)
	if err != nil {
		return page, err
	}
	rank, _, err := rankOf(app, s, own.place())
	if err != nil {
		return page, err
	}
	rows := append(append(before, *own), after...)
	page.Entries, err = entries(app, c, b, s, rows, rank-int64(len(before)))
	return page, err
}

// Standing is how somebody stands on a board.
type Standing struct {
	Board        string     `json:"board"`
	Season       string     `json:"season"`
	Starts       *time.Time `json:"starts"`
	Ends         *time.Time `json:"ends"`
	Running      bool       `json:"running"`
	Players      int64      `json:"players"`
	Played       bool       `json:"played"` // they are ranked
	Rank         int64      `json:"rank"`
	Score        int64      `json:"score"`
	At           *time.Time `json:"at"`
	Name         string     `json:"name"` // under which others see them
	Joined       bool       `json:"joined"`
	AttemptsLeft *int       `json:"attempts_left"` // null when nobody counts
	Banned       bool       `json:"banned"`
	Prize        int64      `json:"prize"` // points that they got in this season
}

// Mine is the caller's own standing.
func Mine(app core.App, c Caller, name, period string, now time.Time) (Standing, error) {
	b, s, err := shown(app, c, name, period, now)
	page := pageOf(b, s, now)
	mine := Standing{Board: page.Board, Season: page.Season, Starts: page.Starts, Ends: page.Ends, Running: page.Running, Players: page.Players}
	if err != nil {
		return mine, err
	}
	if mine.Banned, err = banned(app, b, c.person()); err != nil {
		return mine, err
	}
	names, err := namesOn(app, b, []string{c.person()})
	if err != nil {
		return mine, err
	}
	mine.Name = names.name(c.person())
	if s == nil {
		return mine, nil
	}
	if err := mine.attend(app, s, c.person()); err != nil {
		return mine, err
	}
	row, err := scoreRow(app, s, c.person())
	if err != nil || row == nil || row.Hidden != "" {
		return mine, err
	}
	at := instant(row.At)
	mine.Played, mine.Score, mine.At = true, s.score(row.Key), &at
	mine.Rank, mine.Players, err = rankOf(app, s, row.place())
	return mine, err
}

// attend fills in how somebody takes part in a tournament.
func (m *Standing) attend(app core.App, s *season, person string) error {
	if s.Spec.Tournament == nil {
		return nil
	}
	var rows []struct {
		Attempts int `db:"attempts"`
	}
	params := dbx.Params{"season": s.ID, "person": person}
	if err := app.DB().NewQuery("SELECT attempts FROM leaderboards_entrants WHERE season = {:season} AND person = {:person}").Bind(params).All(&rows); err != nil {
		return fmt.Errorf("attempts: %w", err)
	}
	m.Joined = len(rows) > 0
	if limit := s.limits().Attempts; limit > 0 {
		left := limit
		if m.Joined {
			left -= rows[0].Attempts
		}
		m.AttemptsLeft = &left
	}
	err := app.DB().NewQuery("SELECT COALESCE(SUM(points), 0) FROM leaderboards_prizes WHERE season = {:season} AND person = {:person} AND state = 'paid'").
		Bind(params).Row(&m.Prize)
	if err != nil {
		return fmt.Errorf("prizes: %w", err)
	}
	return nil
}

// Friends is the ranking of the caller and their friends among themselves.
func Friends(app core.App, c Caller, q Query, now time.Time) (Page, error) {
	b, s, err := shown(app, c, q.Board, q.Season, now)
	page := pageOf(b, s, now)
	if err != nil || s == nil {
		return page, err
	}
	people, err := contacts.Friends(app, c.person())
	if err != nil {
		return page, err
	}
	people = append(people, c.person())
	ids, err := json.Marshal(people)
	if err != nil {
		return page, err
	}
	var rows []scored
	err = app.DB().NewQuery("SELECT id, person, key, at, hidden " + inRanking +
		"AND person IN (SELECT value FROM json_each({:people})) ORDER BY key, at, id LIMIT {:limit}").
		Bind(dbx.Params{"season": s.ID, "people": string(ids), "limit": PageLimit}).All(&rows)
	if err != nil {
		return page, fmt.Errorf("ranking of friends: %w", err)
	}
	names, err := namesOfFriends(app, b, people)
	if err != nil {
		return page, err
	}
	page.Players = int64(len(rows))
	page.Entries = listed(names, c, s, rows, 1)
	return page, nil
}

// Past is one season of a board.
type Past struct {
	Season  string     `json:"season"`
	Starts  *time.Time `json:"starts"`
	Ends    *time.Time `json:"ends"`
	Running bool       `json:"running"`
	Closed  bool       `json:"closed"` // what it gives was given
	Players int64      `json:"players"`
}

// Seasons are those of a board, the latest first.
func Seasons(app core.App, c Caller, name string, now time.Time) ([]Past, error) {
	b, err := boardOf(app, c, name)
	if err != nil {
		return nil, err
	}
	found, err := seasonsOf(app, b)
	if err != nil {
		return nil, err
	}
	list := make([]Past, 0, len(found))
	for _, s := range found {
		page := pageOf(b, &s, now)
		list = append(list, Past{Season: s.Period, Starts: page.Starts, Ends: page.Ends, Running: page.Running, Closed: s.Closed > 0, Players: s.Players})
	}
	return list, nil
}

func seasonsOf(app core.App, b board) ([]season, error) {
	var found []season
	err := app.DB().NewQuery(selectSeasons + "board = {:board} ORDER BY starts DESC LIMIT {:limit}").
		Bind(dbx.Params{"board": b.ID, "limit": SeasonsShown}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("seasons of leaderboard: %w", err)
	}
	for i := range found {
		if err := found[i].read(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// shown is the board and the season that somebody looks at.
func shown(app core.App, c Caller, name, period string, now time.Time) (board, *season, error) {
	if err := prepareTrial(app, c, now); err != nil {
		return board{}, nil, err
	}
	b, err := boardOf(app, c, name)
	if err != nil {
		return b, nil, err
	}
	s, err := shownSeason(app, b, period, now)
	return b, s, err
}

func pageOf(b board, s *season, now time.Time) Page {
	page := Page{Board: b.Name, Entries: []Entry{}}
	if s != nil {
		page.Season, page.Players, page.Running = s.Period, s.Players, s.holds(millis(now)) && s.Closed == 0
		page.Starts, page.Ends = stamped(s.Starts), stamped(s.Ends)
	}
	return page
}

func stamped(at int64) *time.Time {
	if at == 0 {
		return nil
	}
	time := instant(at)
	return &time
}

func rowsFrom(app core.App, s *season, after position, limit int) ([]scored, error) {
	var rows []scored
	err := app.DB().NewQuery("SELECT id, person, key, at, hidden " + inRanking +
		"AND (key, at, id) > ({:key}, {:at}, {:id}) ORDER BY key, at, id LIMIT {:limit}").
		Bind(after.params("", dbx.Params{"season": s.ID, "limit": limit})).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("ranking: %w", err)
	}
	return rows, nil
}

func entries(app core.App, c Caller, b board, s *season, rows []scored, rank int64) ([]Entry, error) {
	people := make([]string, 0, len(rows))
	for _, row := range rows {
		people = append(people, row.Person)
	}
	names, err := namesOn(app, b, people)
	if err != nil {
		return nil, err
	}
	return listed(names, c, s, rows, rank), nil
}

func listed(names namer, c Caller, s *season, rows []scored, rank int64) []Entry {
	list := make([]Entry, 0, len(rows))
	for i, row := range rows {
		list = append(list, Entry{
			Rank: rank + int64(i), Score: s.score(row.Key), At: instant(row.At), Name: names.name(row.Person), Me: row.Person == c.person(),
		})
	}
	return list
}

// window is how much is asked for and after what.
func (q Query) window() (limit int, after position, err error) {
	limit = q.Limit
	if limit == 0 {
		limit = pageDefault
	}
	if limit < 1 || limit > PageLimit {
		return 0, after, ErrBadQuery.With("limit", PageLimit)
	}
	if q.Cursor == "" {
		return limit, first, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	parts := strings.Split(string(raw), ".")
	if err != nil || len(parts) != 3 {
		return 0, after, ErrBadQuery.With("field", "cursor")
	}
	for i, into := range []*int64{&after.Key, &after.At, &after.ID} {
		if *into, err = strconv.ParseInt(parts[i], 10, 64); err != nil {
			return 0, after, ErrBadQuery.With("field", "cursor")
		}
	}
	return limit, after, nil
}

func cursorOf(p position) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%d", p.Key, p.At, p.ID))
}
