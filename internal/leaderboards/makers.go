package leaderboards

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
)

// CSVLimit is how many scores a season's table has at most when it is taken away: the first.
const CSVLimit = 100_000

// MakerEntry is a score as the program's makers see it: with the openid by which their program knows the player.
type MakerEntry struct {
	Entry
	ID      int64  `json:"id"`
	OpenID  string `json:"openid"`
	Hidden  string `json:"hidden"` // empty, removed or banned; then there is no rank
	Submits int64  `json:"submits"`
	Log     bool   `json:"log"` // a log of the play is kept
}

// MakerPage is a part of a season for the program's makers.
type MakerPage struct {
	Season     string       `json:"season"`
	Players    int64        `json:"players"`
	Entries    []MakerEntry `json:"entries"`
	NextCursor string       `json:"next_cursor"`
}

// Try is a score that was refused.
type Try struct {
	ID     int64     `json:"id"`
	At     time.Time `json:"at"`
	Name   string    `json:"name"`
	OpenID string    `json:"openid"`
	Score  string    `json:"score"`
	Reason string    `json:"reason"`
	Detail string    `json:"detail"`
	Play   string    `json:"play"`
}

// Prize is what a rank of a season was given.
type Prize struct {
	Season string    `db:"period" json:"season"`
	Rank   int       `db:"rank" json:"rank"`
	Name   string    `db:"-" json:"name"` // empty when they are gone
	OpenID string    `db:"-" json:"openid"`
	Points int64     `db:"points" json:"points"`
	State  string    `db:"state" json:"state"`
	At     time.Time `db:"-" json:"at"`
	Person string    `db:"person" json:"-"`
	Op     string    `db:"op" json:"-"`
	When   int64     `db:"at" json:"-"`
}

// MakerSeason is a season with what became of its prizes.
type MakerSeason struct {
	Past
	Entrants int64 `json:"entrants"`
	Paid     int64 `json:"paid"`   // points
	Unpaid   int64 `json:"unpaid"` // points that could not be given
	Hidden   int64 `json:"hidden"` // scores that are taken out
}

// MakerBan is somebody who is kept out.
type MakerBan struct {
	ID     int64     `json:"id"`
	Name   string    `json:"name"`
	OpenID string    `json:"openid"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// teller names people for makers.
type teller struct {
	app   core.App
	names namer
	appid string
}

func tellerOf[R any](app core.App, b board, rows []R, person func(R) string) (teller, error) {
	people := make([]string, 0, len(rows))
	for _, row := range rows {
		people = append(people, person(row))
	}
	names, err := namesOn(app, b, people)
	return teller{app: app, names: names, appid: b.AppID}, err
}

func (t teller) tell(person string) (name, openID string, err error) {
	if person == "" {
		return "", "", nil
	}
	openID, err = identity.OpenID(t.app, person, t.appid)
	return t.names.name(person), openID, err
}

type madeScore struct {
	scored
	Submits int64 `db:"submits"`
	Log     bool  `db:"log"`
}

const selectMade = "SELECT id, person, key, at, hidden, submits, EXISTS (SELECT 1 FROM leaderboards_logs l WHERE l.score = leaderboards_scores.id) AS log "

// Scores is a page of a season for makers, or of its hidden scores.
func Scores(app core.App, b board, q Query, hidden bool, now time.Time) (MakerPage, error) {
	page := MakerPage{Entries: []MakerEntry{}}
	s, err := shownSeason(app, b, q.Season, now)
	if err != nil || s == nil {
		return page, err
	}
	page.Season, page.Players = s.Period, s.Players
	limit, after, err := q.window()
	if err != nil {
		return page, err
	}
	among := inRanking
	if hidden {
		among = "FROM leaderboards_scores WHERE season = {:season} AND hidden <> '' "
	}
	var rows []madeScore
	err = app.DB().NewQuery(selectMade + among + "AND (key, at, id) > ({:key}, {:at}, {:id}) ORDER BY key, at, id LIMIT {:limit}").
		Bind(after.params("", dbx.Params{"season": s.ID, "limit": limit + 1})).All(&rows)
	if err != nil {
		return page, fmt.Errorf("scores: %w", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = cursorOf(rows[limit-1].place())
	}
	rank := int64(1)
	if len(rows) > 0 && !hidden && q.Cursor != "" {
		if rank, _, err = rankOf(app, s, rows[0].place()); err != nil {
			return page, err
		}
	}
	page.Entries, err = made(app, b, s, rows, rank)
	return page, err
}

func made(app core.App, b board, s *season, rows []madeScore, rank int64) ([]MakerEntry, error) {
	tell, err := tellerOf(app, b, rows, func(row madeScore) string { return row.Person })
	if err != nil {
		return nil, err
	}
	list := make([]MakerEntry, 0, len(rows))
	for i, row := range rows {
		one := MakerEntry{ID: row.ID, Hidden: row.Hidden, Submits: row.Submits, Log: row.Log}
		one.Score, one.At = s.score(row.Key), instant(row.At)
		if row.Hidden == "" {
			one.Rank = rank + int64(i)
		}
		if one.Name, one.OpenID, err = tell.tell(row.Person); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// MakerSeasons are the seasons of a board for makers.
func MakerSeasons(app core.App, b board, now time.Time) ([]MakerSeason, error) {
	found, err := seasonsOf(app, b)
	if err != nil {
		return nil, err
	}
	list := make([]MakerSeason, 0, len(found))
	for _, s := range found {
		page := pageOf(b, &s, now)
		one := MakerSeason{Past: Past{
			Season: s.Period, Starts: page.Starts, Ends: page.Ends, Running: page.Running, Closed: s.Closed > 0, Players: s.Players,
		}, Entrants: s.Entrants}
		err := app.DB().NewQuery(`SELECT (SELECT COALESCE(SUM(points), 0) FROM leaderboards_prizes WHERE season = {:season} AND state = 'paid'),
			(SELECT COALESCE(SUM(points), 0) FROM leaderboards_prizes WHERE season = {:season} AND state <> 'paid'),
			(SELECT COUNT(*) FROM leaderboards_scores WHERE season = {:season} AND hidden <> '')`).
			Bind(dbx.Params{"season": s.ID}).Row(&one.Paid, &one.Unpaid, &one.Hidden)
		if err != nil {
			return nil, fmt.Errorf("prizes of a season: %w", err)
		}
		list = append(list, one)
	}
	return list, nil
}

type triedRow struct {
	ID     int64  `db:"id"`
	At     int64  `db:"at"`
	Person string `db:"person"`
	Score  string `db:"score"`
	Reason string `db:"reason"`
	Detail string `db:"detail"`
	Play   string `db:"play"`
}

// Refused are the latest refused tries of a board, those before an id.
func Refused(app core.App, b board, before int64, limit int) ([]Try, error) {
	var rows []triedRow
	err := app.DB().NewQuery(`SELECT id, at, person, score, reason, detail, play FROM leaderboards_tries
		WHERE board = {:board} AND ({:before} = 0 OR id < {:before}) ORDER BY id DESC LIMIT {:limit}`).
		Bind(dbx.Params{"board": b.ID, "before": before, "limit": limit}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("refused tries: %w", err)
	}
	tell, err := tellerOf(app, b, rows, func(row triedRow) string { return row.Person })
	if err != nil {
		return nil, err
	}
	list := make([]Try, 0, len(rows))
	for _, row := range rows {
		one := Try{ID: row.ID, At: instant(row.At), Score: row.Score, Reason: row.Reason, Detail: row.Detail, Play: row.Play}
		if one.Name, one.OpenID, err = tell.tell(row.Person); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// prizesShown is how many prizes are listed at once.
const prizesShown = 500

// Prizes are what the seasons of a board have given, or one of them, the latest first.
func Prizes(app core.App, b board, period string) ([]Prize, error) {
	list := []Prize{}
	err := app.DB().NewQuery(`SELECT s.period, p.rank, p.person, p.points, p.state, p.at FROM leaderboards_prizes p
		JOIN leaderboards_seasons s ON s.id = p.season WHERE s.board = {:board} AND ({:period} = '' OR s.period = {:period})
		ORDER BY s.starts DESC, p.rank LIMIT {:limit}`).
		Bind(dbx.Params{"board": b.ID, "period": period, "limit": prizesShown}).All(&list)
	if err != nil {
		return nil, fmt.Errorf("prizes: %w", err)
	}
	tell, err := tellerOf(app, b, list, func(p Prize) string { return p.Person })
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].At = instant(list[i].When)
		if list[i].Name, list[i].OpenID, err = tell.tell(list[i].Person); err != nil {
			return nil, err
		}
	}
	return list, nil
}

type bannedRow struct {
	ID     int64  `db:"id"`
	Person string `db:"person"`
	Reason string `db:"reason"`
	At     int64  `db:"at"`
}

// Bans are who is kept out of a board.
func Bans(app core.App, b board) ([]MakerBan, error) {
	var rows []bannedRow
	err := app.DB().NewQuery("SELECT id, person, reason, at FROM leaderboards_bans WHERE board = {:board} ORDER BY id DESC").
		Bind(dbx.Params{"board": b.ID}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("bans: %w", err)
	}
	tell, err := tellerOf(app, b, rows, func(row bannedRow) string { return row.Person })
	if err != nil {
		return nil, err
	}
	list := make([]MakerBan, 0, len(rows))
	for _, row := range rows {
		one := MakerBan{ID: row.ID, Reason: row.Reason, At: instant(row.At)}
		if one.Name, one.OpenID, err = tell.tell(row.Person); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// WriteCSV writes the ranking of a season, its first CSVLimit scores.
func WriteCSV(app core.App, b board, period string, now time.Time, to io.Writer) error {
	out := csv.NewWriter(to)
	if err := out.Write([]string{"rank", "name", "openid", "score", "at", "submits"}); err != nil {
		return err
	}
	for q, rows := (Query{Season: period, Limit: PageLimit}), 0; rows < CSVLimit; {
		page, err := Scores(app, b, q, false, now)
		if err != nil {
			return err
		}
		for _, one := range page.Entries {
			err := out.Write([]string{
				strconv.FormatInt(one.Rank, 10), plain(one.Name), one.OpenID, strconv.FormatInt(one.Score, 10), one.At.Format(time.RFC3339), strconv.FormatInt(one.Submits, 10),
			})
			if err != nil {
				return err
			}
		}
		rows += len(page.Entries)
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	out.Flush()
	return out.Error()
}

// plain is a name that no table takes for a formula.
func plain(name string) string {
	if strings.ContainsAny(name[:min(1, len(name))], "=+-@\t\r") {
		return "'" + name
	}
	return name
}
