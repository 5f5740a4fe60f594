package leaderboards

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
)

// States of a prize.
const (
	PrizePaid           = "paid"
	PrizeNoProgramme    = "no_programme"    // the organisation gives no points; they can be given once it does
	PrizeNoOrganisation = "no_organisation" // the program is a person's, who has no points to give
	PrizeOverLimit      = "over_limit"      // the program has given PointsPerDay already
)

// closeBatch is how many seasons are read at a time.
const closeBatch = 100

// CloseDue closes every season that is over, pays its prizes and says how many it closed. It does what is due and not
// what a tick says, so that it may come late, twice, or from two sides at once.
func CloseDue(app core.App, now time.Time) (int, error) {
	closed := 0
	var failures []error
	for after := int64(0); ; {
		var due []int64
		err := app.DB().NewQuery("SELECT id FROM leaderboards_seasons WHERE closed = 0 AND ends > 0 AND ends <= {:now} AND id > {:after} ORDER BY id LIMIT {:batch}").
			Bind(dbx.Params{"now": millis(now), "after": after, "batch": closeBatch}).Column(&due)
		if err != nil {
			return closed, fmt.Errorf("seasons that are over: %w", err)
		}
		for _, id := range due {
			done, err := closeSeason(app, id, now)
			if err != nil {
				failures = append(failures, fmt.Errorf("close season %d: %w", id, err)) // the others are not to wait for it
			}
			if done {
				closed++
			}
			after = id
		}
		if len(due) < closeBatch {
			return closed, errors.Join(failures...)
		}
	}
}

// closePause is after how long seasons that could not be closed are tried again.
const closePause = time.Minute

const failedKey = "plaza.leaderboards.failed"

// dueSeasons is the closing of what is over, as one task, when anything is. One look at a small index tells.
func dueSeasons(app core.App, now time.Time, except []string) ([]jobs.Task, error) {
	if failed, ok := app.Store().Get(failedKey).(time.Time); len(except) > 0 || (ok && time.Since(failed) < closePause) {
		return nil, nil
	}
	var due bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM leaderboards_seasons WHERE closed = 0 AND ends > 0 AND ends <= {:now})").
		Bind(dbx.Params{"now": millis(now)}).Row(&due)
	if err != nil {
		return nil, fmt.Errorf("seasons that are over: %w", err)
	}
	if !due {
		return nil, nil
	}
	return []jobs.Task{{Owner: "the house", Run: func(now time.Time) (bool, error) {
		closed, err := CloseDue(app, now)
		if err != nil {
			app.Store().Set(failedKey, time.Now())
		}
		return closed > 0, err
	}}}, nil
}

// closeSeason closes one season and pays its prizes, all in one transaction or not at all.
func closeSeason(app core.App, id int64, now time.Time) (bool, error) {
	var done bool
	err := ledger.Write(app, func(tx core.App) error {
		rows, err := changed(tx, "UPDATE leaderboards_seasons SET closed = {:now} WHERE id = {:id} AND closed = 0 AND ends > 0 AND ends <= {:now}",
			dbx.Params{"id": id, "now": millis(now)})
		if done = rows == 1; err != nil || !done {
			return err
		}
		b, s, err := seasonByID(tx, id)
		if err != nil {
			return err
		}
		return award(tx, b, s, now)
	})
	return done && err == nil, err
}

func seasonByID(app core.App, id int64) (board, *season, error) {
	s, err := oneSeason(app, selectSeasons+"id = {:id}", dbx.Params{"id": id})
	if err != nil {
		return board{}, nil, err
	}
	if s == nil {
		return board{}, nil, ErrSeasonUnknown
	}
	found, err := boards(app, "id = {:id}", dbx.Params{"id": s.Board})
	if err != nil {
		return board{}, nil, err
	}
	if len(found) == 0 {
		return board{}, nil, ErrBoardUnknown
	}
	return found[0], s, nil
}

// prize is what one rank gets.
type prize struct {
	rank   int
	points int64
	row    scored
}

// prizes are who gets what by the terms of the season.
func (s *season) prizes(app core.App) ([]prize, error) {
	list := s.limits().Prizes
	if len(list) == 0 {
		return nil, nil
	}
	rows, err := rowsFrom(app, s, first, list[len(list)-1].To)
	if err != nil {
		return nil, err
	}
	var won []prize
	for _, span := range list {
		for rank := span.From; rank <= min(span.To, len(rows)); rank++ {
			won = append(won, prize{rank: rank, points: span.Points, row: rows[rank-1]})
		}
	}
	return won, nil
}

// award gives the prizes of a season that has just been closed. Those of a trial version are nobody's.
func award(tx core.App, b board, s *season, now time.Time) error {
	if b.Trial {
		return nil
	}
	won, err := s.prizes(tx)
	if err != nil || len(won) == 0 {
		return err
	}
	given := map[string]int64{}
	for _, p := range won {
		op := fmt.Sprintf("leaderboards/%s/%s/%d/%s/%d", b.AppID, b.Name, b.ID, s.Period, p.rank)
		state, err := give(tx, b, p.row.Person, op, p.points, p.rank, s, now)
		if err != nil {
			return err
		}
		given[state] += p.points
		err = execute(tx, `INSERT INTO leaderboards_prizes (season, rank, person, key, points, state, op, at)
			VALUES ({:season}, {:rank}, {:person}, {:key}, {:points}, {:state}, {:op}, {:now})`, dbx.Params{
			"season": s.ID, "rank": p.rank, "person": p.row.Person, "key": p.row.Key, "points": p.points, "state": state, "op": op, "now": millis(now),
		})
		if err != nil {
			return err
		}
	}
	return ledger.Audit(tx, "program:"+b.AppID, "leaderboards.prizes", b.AppID,
		map[string]any{"board": b.Name, "season": s.Period, "points": given}, now)
}

// give gives the points of one prize through the organisation's programme, by which they end like any others, and says
// what became of it. The operation id makes it once, whoever asks how often.
func give(tx core.App, b board, person, op string, points int64, rank int, s *season, now time.Time) (string, error) {
	org, err := giver(tx, b)
	if err != nil || org == "" {
		return PrizeNoOrganisation, err
	}
	expires, err := loyalty.EndOf(tx, org, now)
	if errors.Is(err, loyalty.ErrNoProgram) {
		return PrizeNoProgramme, nil
	}
	if err != nil {
		return "", err
	}
	before, err := givenSince(tx, b, now.Add(-24*time.Hour))
	if err != nil {
		return "", err
	}
	if before+points > PointsPerDay {
		return PrizeOverLimit, nil
	}
	err = loyalty.Grant(tx, loyalty.Gift{
		User: person, Org: org, OpID: op, Points: points, Expires: expires, Actor: "program:" + b.AppID,
		Reason: fmt.Sprintf("Tournament %s, %s: rank %d", b.Name, s.Period, rank),
	}, now)
	return PrizePaid, err
}

// giver is the organisation whose points the prizes are; empty when the program is a person's.
func giver(app core.App, b board) (string, error) {
	var org string
	err := app.DB().NewQuery("SELECT org FROM programs WHERE id = {:program}").Bind(dbx.Params{"program": b.Program}).Row(&org)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("organisation of %s: %w", b.AppID, err)
	}
	return org, nil
}

func givenSince(app core.App, b board, since time.Time) (points int64, err error) {
	err = app.DB().NewQuery(`SELECT COALESCE(SUM(p.points), 0) FROM leaderboards_boards b JOIN leaderboards_seasons s ON s.board = b.id
		JOIN leaderboards_prizes p ON p.season = s.id WHERE b.program = {:program} AND s.closed > {:since} AND p.state = 'paid' AND p.at > {:since}`).
		Bind(dbx.Params{"program": b.Program, "since": millis(since)}).Row(&points)
	if err != nil {
		return 0, fmt.Errorf("prizes of %s: %w", b.AppID, err)
	}
	return points, nil
}

// PayAgain gives the prizes of a season that could not be given when it was closed, and says how many it gave now.
func PayAgain(app core.App, actor string, b board, period string, now time.Time) (int, error) {
	given := 0
	err := ledger.Write(app, func(tx core.App) error {
		given = 0
		s, err := shownSeason(tx, b, period, now)
		if err != nil {
			return err
		}
		if s == nil {
			return ErrSeasonUnknown
		}
		var open []Prize
		err = tx.DB().NewQuery("SELECT rank, person, points, op FROM leaderboards_prizes WHERE season = {:season} AND state <> 'paid' AND person <> '' ORDER BY rank").
			Bind(dbx.Params{"season": s.ID}).All(&open)
		if err != nil {
			return fmt.Errorf("prizes: %w", err)
		}
		for _, p := range open {
			state, err := give(tx, b, p.Person, p.Op, p.Points, p.Rank, s, now)
			if err != nil {
				return err
			}
			if state == PrizePaid {
				given++
			}
			err = execute(tx, "UPDATE leaderboards_prizes SET state = {:state}, at = {:now} WHERE season = {:season} AND rank = {:rank} AND state <> 'paid'",
				dbx.Params{"season": s.ID, "rank": p.Rank, "state": state, "now": millis(now)})
			if err != nil {
				return err
			}
		}
		if given == 0 {
			return nil
		}
		return ledger.Audit(tx, actor, "leaderboards.pay", b.AppID, map[string]any{"board": b.Name, "season": s.Period, "prizes": given}, now)
	})
	return given, err
}
