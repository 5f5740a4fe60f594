// Package leaderboards is who is best at what: boards that a program's manifest declares, their seasons and
// tournaments, and the prizes of these.
//
// The season of a score follows from the instant at which it came, and from nothing else: periods are half-open, so
// that a score at the very instant of a reset belongs to the new one, and the job that closes seasons only writes down
// what is over and pays. The invariants: a person has one score in a season; a play that the server has started counts
// once; an attempt beyond the allowed ones is never given, however many ask at once; a season is closed once and each of
// its prizes is paid once, whatever happens in the middle; scores from trial versions never meet real ones; and nobody
// learns from a board by which id the house, or another program, knows a player.
package leaderboards

import (
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

const (
	// PlayTTL is how long a play may take; in a tournament it ends with that.
	PlayTTL = 12 * time.Hour
	// PlaysKept is how long a play is remembered after its end, so that a late score is told why it is refused.
	PlaysKept = 7 * 24 * time.Hour
	// TriesKept is how many refused tries of one board are kept, the latest.
	TriesKept = 1_000
	// TriesFor is how long a refused try is kept at most.
	TriesFor = 30 * 24 * time.Hour
	// SeasonsKept is how long the scores of a season are kept after it has closed.
	SeasonsKept = 2 * 365 * 24 * time.Hour
	// LogLimit is how many bytes the log of a play may have that a page sends beside its score.
	LogLimit = 16 << 10
	// LogsKept is how long such a log is kept.
	LogsKept = 30 * 24 * time.Hour
	// Skew is by how much the clock of a device may be ahead of the house's in what it says a play took.
	Skew = 2 * time.Second
	// PageLimit is how many entries one page of a board has at most.
	PageLimit = 100
	// pageDefault is how many it has unless somebody asks for more or fewer.
	pageDefault = 20
	// AroundLimit is how many entries before and after one's own can be asked for.
	AroundLimit = 25
	// SeasonsShown is how many seasons of a board can be looked back upon at once.
	SeasonsShown = 100
	// PointsPerDay is how many points the tournaments of one program may give within a day.
	PointsPerDay = 200_000
	// reasonLimit is how long the reason of a maker's act may be.
	reasonLimit = 300
)

var (
	// ErrBoardUnknown refuses a board that the program does not declare.
	ErrBoardUnknown = refusal.New(http.StatusNotFound, "board_unknown", "The mini program has no such leaderboard.")
	// ErrSeasonUnknown refuses a season that the board never had.
	ErrSeasonUnknown = refusal.New(http.StatusNotFound, "season_unknown", "The leaderboard has no such season.")
	// ErrBadQuery refuses a page that cannot be: a limit or a cursor that is none.
	ErrBadQuery = refusal.New(http.StatusBadRequest, "bad_query", "The limit or the cursor cannot be read.")
	// ErrAuthoritative refuses a page's score on a board that takes them from functions alone.
	ErrAuthoritative = refusal.New(http.StatusForbidden, "board_authoritative", "Only a cloud function of the mini program may submit scores to this leaderboard.")
	// ErrScoreInvalid refuses what is no whole number that JavaScript counts exactly.
	ErrScoreInvalid = refusal.New(http.StatusBadRequest, "score_invalid", "A score is a whole number within ±9007199254740991.")
	// ErrOutOfBounds refuses a score beyond what the board allows, or that would make its sum too large.
	ErrOutOfBounds = refusal.New(http.StatusUnprocessableEntity, "score_out_of_bounds", "The score is outside of what this leaderboard allows.")
	// ErrTooFast refuses a score that the play was too short for.
	ErrTooFast = refusal.New(http.StatusUnprocessableEntity, "score_too_fast", "Nobody reaches this score in so short a time.")
	// ErrClock refuses a play whose own times run backwards or ahead of the clock.
	ErrClock = refusal.New(http.StatusUnprocessableEntity, "clock_not_monotonic", "The times of this play run backwards, or ahead of the clock.")
	// ErrBadLog refuses a log that is too large or no list.
	ErrBadLog = refusal.New(http.StatusBadRequest, "log_invalid", "The log of a play is a list of at most 16 KB.")
	// ErrPlayRequired refuses a score without a play on a board that needs one.
	ErrPlayRequired = refusal.New(http.StatusConflict, "play_required", "A score for this leaderboard needs a play that was started first.")
	// ErrPlayUnknown refuses a play that this person never started on this board.
	ErrPlayUnknown = refusal.New(http.StatusNotFound, "play_unknown", "There is no such play.")
	// ErrPlayUsed refuses a second score for one play, and one for a play that was left for another.
	ErrPlayUsed = refusal.New(http.StatusConflict, "play_used", "This play is over; its score was sent already, or another play was started.")
	// ErrPlayExpired refuses a score for a play that took too long.
	ErrPlayExpired = refusal.New(http.StatusConflict, "play_expired", "This play was too long ago.")
	// ErrTournamentClosed refuses a play or a score while no tournament runs.
	ErrTournamentClosed = refusal.New(http.StatusConflict, "tournament_closed", "The tournament is not running now.")
	// ErrTournamentFull refuses one more person than the tournament takes.
	ErrTournamentFull = refusal.New(http.StatusConflict, "tournament_full", "The tournament is full.")
	// ErrJoinFirst refuses a play of somebody who has not joined a tournament that asks for it.
	ErrJoinFirst = refusal.New(http.StatusConflict, "join_first", "Join the tournament first.")
	// ErrAttemptsUsed refuses more plays than the tournament allows.
	ErrAttemptsUsed = refusal.New(http.StatusConflict, "attempts_used", "All attempts in this tournament are used.")
	// ErrBanned refuses somebody whom the makers keep out of the board.
	ErrBanned = refusal.New(http.StatusForbidden, "player_banned", "The makers of this mini program do not take your scores on this leaderboard.")
	// ErrScoreUnknown refuses a maker's act on a score or a ban that is not there.
	ErrScoreUnknown = refusal.New(http.StatusNotFound, "score_unknown", "There is no such score.")
	// ErrReason refuses an act without a reason, or with too long a one.
	ErrReason = refusal.New(http.StatusBadRequest, "bad_reason", "Give a reason of at most 300 characters.")
)

// Caller is who asks: a person in a program, or a program's function on a person's behalf.
type Caller struct {
	Program  programs.Program
	User     *core.Record // nil when nobody asked
	Function bool         // a cloud function asks, whose code the maker keeps
	Key      string       // of the request, by which a repeated one is known; may be empty
}

func (c Caller) person() string {
	if c.User == nil {
		return ""
	}
	return c.User.Id
}

// millis is how the tables keep an instant.
func millis(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

// instant reads what millis wrote.
func instant(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMilli(at).UTC()
}
