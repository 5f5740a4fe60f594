package leaderboards

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// Outcome is what became of an accepted score.
type Outcome struct {
	Accepted bool   `json:"accepted"`
	Rank     int64  `json:"rank"` // among all who are ranked in the season
	Best     int64  `json:"best"` // the score that stands now
	Season   string `json:"season"`
	Improved bool   `json:"improved"` // this score made it better
	Players  int64  `json:"players"`
}

// verdict is what a verb decided: the outcome, or the refusal that is written down beside it.
type verdict struct {
	outcome Outcome
	season  *season
	place   position
	refused *refusal.Refusal
	spent   bool // this request has used the play up
}

// Submit takes a score. Whatever is refused for the score's own sake is written down, and a play whose score was refused
// is over: nobody tries until it fits.
func Submit(app core.App, c Caller, s Submission, now time.Time) (Outcome, error) {
	if err := prepareTrial(app, c, now); err != nil {
		return Outcome{}, err
	}
	var done verdict
	err := ledger.Write(app, func(tx core.App) (err error) {
		done, err = submit(tx, c, s, now)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	if done.refused != nil {
		return Outcome{}, done.refused
	}
	done.outcome.Rank, done.outcome.Players, err = rankOf(app, done.season, done.place)
	return done.outcome, err
}

func submit(tx core.App, c Caller, s Submission, now time.Time) (verdict, error) {
	b, err := boardOf(tx, c, s.Board)
	if err != nil {
		return verdict{}, err
	}
	done, err := judge(tx, c, b, s, now)
	var no *refusal.Refusal
	if errors.As(err, &no) {
		done.refused = no
		if done.spent { // whoever repeats the request shall not be told that it was accepted
			if err := execute(tx, "UPDATE leaderboards_plays SET key = '' WHERE id = {:id}", dbx.Params{"id": s.Play}); err != nil {
				return done, err
			}
		}
		return done, record(tx, b, done.season, c.person(), s, no, now)
	}
	return done, err
}

// judge takes the score through the checks, in an order in which the play is spent first.
func judge(tx core.App, c Caller, b board, s Submission, now time.Time) (verdict, error) {
	var done verdict
	if b.Spec.Authoritative && !c.Function {
		return done, ErrAuthoritative
	}
	if out, err := banned(tx, b, c.person()); err != nil || out {
		return done, orElse(err, ErrBanned)
	}
	current, err := seasonAt(tx, b, now)
	if err != nil && (!errors.Is(err, ErrTournamentClosed) || s.Play == "") {
		return done, err
	}
	done.season = current
	closed := err
	spent, err := spend(tx, c, b, s, now)
	done.spent = spent.first
	if err != nil {
		return done, err
	}
	switch {
	case spent.again && current != nil:
		return standing(tx, done, c.person())
	case spent.again || closed != nil:
		return done, orElse(closed, ErrTournamentClosed)
	case spent.there && current.Spec.Tournament != nil && spent.season != current.ID:
		return done, ErrTournamentClosed // the play was one of the tournament before
	}
	score, err := fair(current.Spec, s, spent, now)
	if err != nil {
		return done, err
	}
	if current.Spec.Tournament != nil && !spent.there {
		if err := enter(tx, current, c.person(), now); err != nil {
			return done, err
		}
	}
	return place(tx, done, c.person(), score, s, now)
}

func orElse(err error, otherwise *refusal.Refusal) error {
	if err != nil {
		return err
	}
	return otherwise
}

// fair is the score that was sent, if the board's limits allow it.
func fair(spec check.ManifestBoard, s Submission, play used, now time.Time) (int64, error) {
	score, err := scoreOf(s.Score)
	if err != nil {
		return 0, err
	}
	if err := inBounds(spec, score); err != nil {
		return 0, err
	}
	if !play.there {
		if spec.NeedsPlay() {
			return 0, ErrPlayRequired
		}
		return score, steady(s.Log, 1<<62)
	}
	took, err := played(now.Sub(instant(play.started)), s.At)
	if err != nil {
		return 0, err
	}
	if err := fastEnough(spec, score, took); err != nil {
		return 0, err
	}
	return score, steady(s.Log, took)
}

// used is a play that has just been spent on a score, or was by the same request before.
type used struct {
	there   bool
	first   bool // of perhaps many requests, this one has spent it
	again   bool
	season  int64
	started int64
}

// spend ends the play, or says why it cannot be used. Of several scores for one play, one is first.
func spend(tx core.App, c Caller, b board, s Submission, now time.Time) (used, error) {
	if s.Play == "" {
		return used{}, nil
	}
	params := dbx.Params{"id": s.Play, "board": b.ID, "person": c.person(), "key": c.Key}
	rows, err := changed(tx, `UPDATE leaderboards_plays SET state = 'used', key = {:key}
		WHERE id = {:id} AND board = {:board} AND person = {:person} AND state = 'open'`, params)
	if err != nil {
		return used{}, err
	}
	var play struct {
		Season  int64  `db:"season"`
		Started int64  `db:"started"`
		Expires int64  `db:"expires"`
		State   string `db:"state"`
		Key     string `db:"key"`
	}
	err = ask(tx, `SELECT season, started, expires, state, key FROM leaderboards_plays
		WHERE id = {:id} AND board = {:board} AND person = {:person}`).
		Bind(dbx.Params{"id": s.Play, "board": b.ID, "person": c.person()}).One(&play)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return used{}, ErrPlayUnknown
	case err != nil:
		return used{}, fmt.Errorf("play: %w", err)
	}
	spent := used{there: true, first: rows > 0, season: play.Season, started: play.Started}
	switch {
	case rows == 0 && play.State == "used" && c.Key != "" && play.Key == c.Key:
		spent.again = true
	case rows == 0:
		return spent, ErrPlayUsed
	case millis(now) >= play.Expires:
		return spent, ErrPlayExpired
	}
	return spent, nil
}

// standing is the outcome of a request that was made before: the score that is there.
func standing(tx core.App, done verdict, person string) (verdict, error) {
	row, err := scoreRow(tx, done.season, person)
	if err == nil && (row == nil || row.Hidden != "") {
		return done, ErrPlayUsed
	}
	if err != nil {
		return done, err
	}
	done.place = row.place()
	done.outcome = Outcome{Accepted: true, Best: done.season.score(row.Key), Season: done.season.Period}
	return done, nil
}

// scored is one person's score in a season.
type scored struct {
	ID     int64  `db:"id"`
	Person string `db:"person"`
	Key    int64  `db:"key"`
	At     int64  `db:"at"`
	Hidden string `db:"hidden"`
}

func (s scored) place() position { return position{s.Key, s.At, s.ID} }

func scoreRow(app core.App, s *season, person string) (*scored, error) {
	var row scored
	err := ask(app, "SELECT id, person, key, at, hidden FROM leaderboards_scores WHERE season = {:season} AND person = {:person}").
		Bind(dbx.Params{"season": s.ID, "person": person}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // that they have none is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	return &row, nil
}

// place puts a fair score on the board.
func place(tx core.App, done verdict, person string, score int64, sent Submission, now time.Time) (verdict, error) {
	s := done.season
	row, err := scoreRow(tx, s, person)
	if err != nil {
		return done, err
	}
	var before *int64
	if row != nil && row.Hidden == "" { // what the makers have removed counts for nothing
		value := s.score(row.Key)
		before = &value
	}
	next, over := combined(s.Spec.Operator, s.Spec.Sort, before, score)
	if over {
		return done, ErrOutOfBounds.With("max", int64(check.MaxScore))
	}
	done.outcome = Outcome{Accepted: true, Best: next, Season: s.Period, Improved: before == nil || better(s.Spec.Sort, next, *before)}
	if before != nil && next == *before {
		done.place = row.place() // who was there first stays first
		return done, execute(tx, "UPDATE leaderboards_scores SET submits = submits + 1 WHERE id = {:id}", dbx.Params{"id": row.ID})
	}
	if done.place, err = put(tx, s, row, person, next, now); err != nil {
		return done, err
	}
	return done, keepLog(tx, done.place.ID, sent.Log, now)
}

// put writes the score that stands, and tells the ranking.
func put(tx core.App, s *season, row *scored, person string, score int64, now time.Time) (position, error) {
	to := position{Key: s.score(score), At: millis(now)} // the key of a score is computed as the score of a key is
	var from *position
	params := dbx.Params{"season": s.ID, "person": person, "key": to.Key, "at": to.At}
	if row == nil {
		err := ask(tx, "INSERT INTO leaderboards_scores (season, person, key, at) VALUES ({:season}, {:person}, {:key}, {:at}) RETURNING id").
			Bind(params).Row(&to.ID)
		if err != nil {
			return to, fmt.Errorf("save score: %w", err)
		}
		return to, move(tx, s.ID, nil, &to)
	}
	to.ID = row.ID
	if row.Hidden == "" {
		was := row.place()
		from = &was
	}
	err := execute(tx, "UPDATE leaderboards_scores SET key = {:key}, at = {:at}, hidden = '', submits = submits + 1 WHERE id = {:id}",
		dbx.Params{"id": row.ID, "key": to.Key, "at": to.At})
	if err != nil {
		return to, err
	}
	return to, move(tx, s.ID, from, &to)
}

func keepLog(tx core.App, score int64, log []byte, now time.Time) error {
	if log = bytes.TrimSpace(log); len(log) == 0 || string(log) == "null" {
		return nil
	}
	return execute(tx, "INSERT INTO leaderboards_logs (score, log, at) VALUES ({:score}, {:log}, {:now}) ON CONFLICT (score) DO UPDATE SET log = {:log}, at = {:now}",
		dbx.Params{"score": score, "log": string(log), "now": millis(now)})
}
