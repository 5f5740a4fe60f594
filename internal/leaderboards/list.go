package leaderboards

import (
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/refusal"
)

// Board is a leaderboard as players see it.
type Board struct {
	ID            string                    `json:"id"`
	Names         map[string]string         `json:"names"`
	Sort          string                    `json:"sort"`
	Operator      string                    `json:"operator"`
	Authoritative bool                      `json:"authoritative"`
	NeedsPlay     bool                      `json:"needs_play"`
	Tournament    *check.ManifestTournament `json:"tournament"`
	Season        string                    `json:"season"` // that runs, if anybody is in it
	Starts        *time.Time                `json:"starts"`
	Ends          *time.Time                `json:"ends"`
	Running       bool                      `json:"running"` // scores are taken now
	Next          *time.Time                `json:"next"`    // when the next tournament begins, while none runs
	Players       int64                     `json:"players"`
}

// List is the program's boards as they are now.
func List(app core.App, c Caller, now time.Time) ([]Board, error) {
	if err := prepareTrial(app, c, now); err != nil {
		return nil, err
	}
	found, err := boards(app, "program = {:program} AND trial = {:trial} AND live = 1 ORDER BY id",
		dbx.Params{"program": c.Program.ID, "trial": c.Program.Trial})
	if err != nil {
		return nil, err
	}
	list := make([]Board, 0, len(found))
	for _, b := range found {
		one, err := boardNow(app, b, now)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// boardNow is a board with its season, whether somebody is in it already or not.
func boardNow(app core.App, b board, now time.Time) (Board, error) {
	one := Board{
		ID: b.Name, Names: b.Spec.Names, Sort: b.Spec.Sort, Operator: b.Spec.Operator, Authoritative: b.Spec.Authoritative,
		NeedsPlay: b.Spec.NeedsPlay(), Tournament: b.Spec.Tournament,
	}
	last, err := lastSeason(app, b, millis(now))
	if err != nil {
		return one, err
	}
	if last != nil && last.holds(millis(now)) {
		one.Season, one.Starts, one.Ends = last.Period, stamped(last.Starts), stamped(last.Ends)
		one.Running, one.Players, one.Tournament = last.Closed == 0, last.Players, last.Spec.Tournament
		return one, nil
	}
	zone, err := zoneOf(app, b.Program)
	if err != nil {
		return one, err
	}
	period, err := spanOf(b.Spec, now, zone)
	var no *refusal.Refusal
	if errors.As(err, &no) {
		if next, ok := no.Details["next"].(time.Time); ok {
			one.Next = &next
		}
		return one, nil
	}
	one.Running, one.Starts, one.Ends = true, stamped(millis(period.starts)), stamped(millis(period.ends))
	return one, err
}

// Refusals are those that a program may hear.
func Refusals() []*refusal.Refusal {
	return []*refusal.Refusal{
		ErrBoardUnknown, ErrSeasonUnknown, ErrBadQuery, ErrAuthoritative, ErrScoreInvalid, ErrOutOfBounds, ErrTooFast, ErrClock, ErrBadLog,
		ErrPlayRequired, ErrPlayUnknown, ErrPlayUsed, ErrPlayExpired, ErrTournamentClosed, ErrTournamentFull, ErrJoinFirst, ErrAttemptsUsed, ErrBanned,
	}
}
