package leaderboards

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/triggers/when"
)

// season is one period of a board. Its spec is the board's as it was when the season began.
type season struct {
	ID       int64  `db:"id"`
	Board    int64  `db:"board"`
	Period   string `db:"period"`
	Starts   int64  `db:"starts"`
	Ends     int64  `db:"ends"`
	Closed   int64  `db:"closed"`
	Text     string `db:"spec"`
	Players  int64  `db:"players"`
	Entrants int64  `db:"entrants"`

	Spec check.ManifestBoard `db:"-"`
}

const selectSeasons = "SELECT id, board, period, starts, ends, closed, spec, players, entrants FROM leaderboards_seasons WHERE "

// wallClock is how a period is named: local time without an offset.
const wallClock = "2006-01-02T15:04"

// always is the period of a board that is never reset.
const always = "all"

func (s *season) read() error {
	if err := json.Unmarshal([]byte(s.Text), &s.Spec); err != nil {
		return fmt.Errorf("season %d: %w", s.ID, err)
	}
	s.Spec = s.Spec.Settled()
	return nil
}

// holds tells whether an instant is in the season.
func (s *season) holds(at int64) bool { return s.Starts <= at && (s.Ends == 0 || at < s.Ends) }

// score is the score of a key, and the key of a score.
func (s *season) score(key int64) int64 {
	if s.Spec.Sort == check.SortDesc {
		return -key
	}
	return key
}

func (s *season) limits() check.ManifestTournament {
	if s.Spec.Tournament == nil {
		return check.ManifestTournament{}
	}
	return *s.Spec.Tournament
}

// span is a period as a board's rules have it: from starts, and before ends unless that is zero.
type span struct{ starts, ends time.Time }

// spanOf is the period that an instant falls into, by the rules alone. Between tournaments it is none, and the refusal
// says when the next one begins.
func spanOf(spec check.ManifestBoard, at time.Time, zone *time.Location) (span, error) {
	if spec.Tournament != nil {
		return tournamentAt(*spec.Tournament, at, zone)
	}
	if spec.Reset == "" {
		return span{}, nil
	}
	schedule, err := check.BoardSchedule(spec.Reset)
	if err != nil {
		return span{}, fmt.Errorf("reset of leaderboard %s: %w", spec.ID, err)
	}
	return span{starts: latest(schedule, at, zone), ends: schedule.Next(at, zone)}, nil
}

func tournamentAt(t check.ManifestTournament, at time.Time, zone *time.Location) (span, error) {
	schedule, err := check.BoardSchedule(t.Starts)
	if err != nil {
		return span{}, fmt.Errorf("start of a tournament: %w", err)
	}
	starts, next := latest(schedule, at, zone), schedule.Next(at, zone)
	ends := starts.Add(time.Duration(t.Minutes) * time.Minute)
	if !next.IsZero() && next.Before(ends) {
		ends = next // two tournaments never overlap
	}
	if starts.IsZero() || !at.Before(ends) {
		return span{}, closedUntil(next)
	}
	return span{starts: starts, ends: ends}, nil
}

func closedUntil(next time.Time) error {
	if next.IsZero() {
		return ErrTournamentClosed
	}
	return ErrTournamentClosed.With("next", next.UTC())
}

// latest is the last instant of the schedule at or before an instant, zero when there was none in eight years. It looks
// back in growing steps, because a schedule can only be asked for what comes next.
func latest(schedule when.Spec, at time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	for _, back := range []time.Duration{time.Hour, 25 * time.Hour, 8 * day, 32 * day, 367 * day, 8 * 366 * day} {
		first := schedule.Next(at.Add(-back), zone)
		if !first.IsZero() && !first.After(at) {
			return schedule.Latest(first, at, zone)
		}
	}
	return time.Time{}
}

// zoneOf is the clock that a program's boards go by: its organisation's, the house's for a person's programs.
func zoneOf(app core.App, program string) (*time.Location, error) {
	var name string
	err := app.DB().NewQuery(`SELECT COALESCE((SELECT o.timezone FROM programs p JOIN orgs o ON o.id = p.org WHERE p.id = {:program}),
		(SELECT timezone FROM orgs WHERE kind = 'host' ORDER BY created LIMIT 1), 'UTC')`).
		Bind(dbx.Params{"program": program}).Row(&name)
	if err != nil {
		return nil, fmt.Errorf("zone of program %s: %w", program, err)
	}
	key := "plaza.leaderboards.zone." + name
	if known, ok := app.Store().Get(key).(*time.Location); ok {
		return known, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		zone = time.UTC // a zone that nobody knows is no reason to lose scores
	}
	app.Store().Set(key, zone)
	return zone, nil
}

// lastSeason is the latest one that began by an instant; nil when there is none.
func lastSeason(app core.App, b board, at int64) (*season, error) {
	return oneSeason(app, selectSeasons+"board = {:board} AND starts <= {:at} ORDER BY starts DESC LIMIT 1",
		dbx.Params{"board": b.ID, "at": at})
}

func oneSeason(app core.App, statement string, params dbx.Params) (*season, error) {
	var s season
	err := ask(app, statement).Bind(params).One(&s)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // that there was none yet is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("seasons of leaderboard: %w", err)
	}
	return &s, s.read()
}

// seasonAt is the season of an instant, made if nobody was in it before. What comes so late that the season has been
// closed meanwhile belongs to the next one, or is too late for a tournament.
func seasonAt(tx core.App, b board, now time.Time) (*season, error) {
	at := millis(now)
	last, err := lastSeason(tx, b, at)
	if err != nil {
		return nil, err
	}
	if last != nil && last.holds(at) {
		if last.Closed == 0 {
			return last, nil
		}
		if last.Spec.Tournament != nil {
			return nil, ErrTournamentClosed
		}
		at = last.Ends
	}
	return openSeason(tx, b, last, at)
}

// openSeason makes the season of an instant after the last one.
func openSeason(tx core.App, b board, last *season, at int64) (*season, error) {
	zone, err := zoneOf(tx, b.Program)
	if err != nil {
		return nil, err
	}
	period, err := spanOf(b.Spec, instant(at), zone)
	if err != nil {
		return nil, err
	}
	starts, ends := millis(period.starts), millis(period.ends)
	if last != nil {
		starts = max(starts, last.Ends) // by rules that hold no more, the last one went on into this one
	}
	if ends, err = beforeNext(tx, b, at, ends); err != nil {
		return nil, err
	}
	params := dbx.Params{"board": b.ID, "epoch": b.Epoch, "period": named(b, starts, zone), "starts": starts, "ends": ends, "spec": b.Text}
	err = execute(tx, `INSERT INTO leaderboards_seasons (board, epoch, period, starts, ends, spec)
		VALUES ({:board}, {:epoch}, {:period}, {:starts}, {:ends}, {:spec}) ON CONFLICT DO NOTHING`, params)
	if err != nil {
		return nil, err
	}
	made, err := lastSeason(tx, b, at)
	if err == nil && (made == nil || !made.holds(at)) {
		err = fmt.Errorf("leaderboard %s of %s: no season holds %s", b.Name, b.AppID, instant(at))
	}
	return made, err
}

// beforeNext is the end of a season that lies before another one already, as when the clock was put back.
func beforeNext(tx core.App, b board, at, ends int64) (int64, error) {
	var next sql.NullInt64
	err := tx.DB().NewQuery("SELECT MIN(starts) FROM leaderboards_seasons WHERE board = {:board} AND starts > {:at}").
		Bind(dbx.Params{"board": b.ID, "at": at}).Row(&next)
	if err != nil {
		return 0, fmt.Errorf("seasons of leaderboard: %w", err)
	}
	if next.Valid && (ends == 0 || next.Int64 < ends) {
		ends = next.Int64
	}
	return ends, nil
}

// named is the period's name, which no other season of the board has.
func named(b board, starts int64, zone *time.Location) string {
	name := always
	if starts > 0 {
		name = instant(starts).In(zone).Format(wallClock)
		if starts%time.Minute.Milliseconds() != 0 { // it began with a new version, not by the clock
			name = instant(starts).In(zone).Format(wallClock + ":05.000")
		}
	}
	if b.Epoch > 0 {
		name += "." + strconv.FormatInt(b.Epoch, 10)
	}
	return name
}

// shownSeason is the season that is meant when somebody looks: the one of that name, or the one that runs, or the last
// that ran; nil when nobody has played yet.
func shownSeason(app core.App, b board, period string, now time.Time) (*season, error) {
	if period == "" {
		return lastSeason(app, b, millis(now))
	}
	found, err := oneSeason(app, selectSeasons+"board = {:board} AND period = {:period} ORDER BY starts DESC LIMIT 1",
		dbx.Params{"board": b.ID, "period": period})
	if err == nil && found == nil {
		err = ErrSeasonUnknown.With("season", period)
	}
	return found, err
}
