package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"plaza.internal/plaza/internal/triggers/when"
	"plaza.internal/plaza/internal/weapp"
)

const (
	// MaxBoards is how many leaderboards a program may have.
	MaxBoards = 20
	// MaxScore is the largest score, and its negative the smallest: what JavaScript counts exactly.
	MaxScore = 1<<53 - 1
	// MaxPrizeRank is the last rank that a tournament may give points to.
	MaxPrizeRank = 100
	// MaxSeasonPoints is how many points one tournament may give in all.
	MaxSeasonPoints = 100_000
	// MaxTournamentMinutes is how long a tournament may take: two weeks.
	MaxTournamentMinutes = 14 * 24 * 60
	// MaxAttempts is the most attempts that a tournament may allow; 0 is as many as one likes.
	MaxAttempts = 1_000
	// MaxEntrants is the largest size of a tournament.
	MaxEntrants = 1_000_000
	// MinBoardPause is how far apart two seasons of a board begin at least.
	MinBoardPause = 10 * time.Minute
)

// Operators of a leaderboard: what becomes of the score that is there when another comes.
const (
	OperatorBest = "best" // the better one stays
	OperatorSet  = "set"  // the later one stays
	OperatorIncr = "incr" // it grows by the other
	OperatorDecr = "decr" // it falls by the other
)

// Sorts of a leaderboard: which score is first.
const (
	SortDesc = "desc" // the largest
	SortAsc  = "asc"  // the smallest
)

// ManifestBoard is a leaderboard as a manifest declares it.
type ManifestBoard struct {
	ID            string              `json:"id"`
	Names         map[string]string   `json:"names,omitempty"`
	Sort          string              `json:"sort,omitempty"`
	Operator      string              `json:"operator,omitempty"`
	Reset         string              `json:"reset,omitempty"` // five fields of cron; without it the season never ends
	Authoritative bool                `json:"authoritative,omitempty"`
	Min           *int64              `json:"min,omitempty"`
	Max           *int64              `json:"max,omitempty"`
	MaxPerSecond  float64             `json:"max_per_second,omitempty"`
	MinSeconds    float64             `json:"min_seconds,omitempty"`
	Tournament    *ManifestTournament `json:"tournament,omitempty"`
}

// ManifestTournament makes each season of a board a tournament with a beginning and an end.
type ManifestTournament struct {
	Starts   string          `json:"starts"` // five fields of cron
	Minutes  int             `json:"minutes"`
	Attempts int             `json:"attempts,omitempty"`
	Size     int             `json:"size,omitempty"`
	Join     bool            `json:"join,omitempty"`
	Prizes   []ManifestPrize `json:"prizes,omitempty"`
}

// ManifestPrize is the points that each of some ranks gets.
type ManifestPrize struct {
	From   int   `json:"from"`
	To     int   `json:"to"`
	Points int64 `json:"points"`
}

var boardPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// BoardSchedule reads the five fields of a board's cron.
func BoardSchedule(fields string) (when.Spec, error) {
	parts := strings.Fields(fields)
	if len(parts) != 5 {
		return when.Spec{}, &when.Mistake{Problem: "A season has five fields: minute hour day month weekday."}
	}
	return when.Parse("0 " + strings.Join(parts, " ") + " *")
}

// Settled is the board with what it leaves out.
func (b ManifestBoard) Settled() ManifestBoard {
	if b.Sort == "" {
		b.Sort = SortDesc
	}
	if b.Operator == "" {
		b.Operator = OperatorBest
	}
	return b
}

// NeedsPlay tells whether a score must come from a play that the server has started.
func (b ManifestBoard) NeedsPlay() bool {
	return b.MaxPerSecond > 0 || b.MinSeconds > 0 || (b.Tournament != nil && b.Tournament.Attempts > 0)
}

// boards judges the leaderboards of a manifest.
func (i *inspection) boards(m Manifest) {
	if len(m.Plaza.Leaderboards) > MaxBoards {
		i.say(weapp.SeverityError, "leaderboards", "manifest_leaderboard", "A program may have at most %d leaderboards.", MaxBoards)
	}
	seen := map[string]bool{}
	for _, board := range m.Plaza.Leaderboards {
		if !boardPattern.MatchString(board.ID) || seen[board.ID] {
			i.say(weapp.SeverityError, "leaderboards", "manifest_leaderboard", "The id %q of a leaderboard must stand once and have 1 to 40 small letters, digits, dots, dashes and underscores.", board.ID)
		}
		seen[board.ID] = true
		for _, language := range slices.Sorted(maps.Keys(board.Names)) {
			if !IsName(board.Names[language]) {
				i.board(board, "names.%s must have 1 to 60 characters, none of them invisible", language)
			}
		}
		i.boardRules(board.Settled())
		if board.Tournament != nil {
			i.tournament(board)
		}
	}
}

// board says what is wrong with one leaderboard.
func (i *inspection) board(board ManifestBoard, format string, args ...any) {
	i.say(weapp.SeverityError, board.ID, "manifest_leaderboard", "Of the leaderboard %s, %s.", short(board.ID, 40), fmt.Sprintf(format, args...))
}

func (i *inspection) boardRules(board ManifestBoard) {
	if board.Sort != SortAsc && board.Sort != SortDesc {
		i.board(board, "sort must be asc or desc")
	}
	operators := []string{OperatorBest, OperatorSet, OperatorIncr, OperatorDecr}
	if !slices.Contains(operators, board.Operator) {
		i.board(board, "operator must be one of %s", strings.Join(operators, ", "))
	}
	low, high := int64(-MaxScore), int64(MaxScore)
	if board.Min != nil {
		low = *board.Min
	}
	if board.Max != nil {
		high = *board.Max
	}
	if low < -MaxScore || high > MaxScore || low > high {
		i.board(board, "min and max must be in order, and within ±%d", MaxScore)
	}
	if board.MaxPerSecond < 0 || board.MinSeconds < 0 || board.MinSeconds > 24*60*60 {
		i.board(board, "max_per_second and min_seconds must not be negative, and min_seconds at most a day")
	}
	if board.Reset != "" {
		i.cadence(board, "reset", board.Reset)
	}
}

// cadence judges the cron of a board.
func (i *inspection) cadence(board ManifestBoard, member, fields string) {
	spec, err := BoardSchedule(fields)
	if err != nil {
		i.board(board, "%s is no time: %s", member, strings.TrimSuffix(err.Error(), "."))
		return
	}
	at := spec.Next(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	for range 300 { // a day of the closest pace
		next := spec.Next(at, time.UTC)
		if next.IsZero() {
			return
		}
		if next.Sub(at) < MinBoardPause {
			i.board(board, "%s comes every %.0f minutes; %.0f is the least", member, next.Sub(at).Minutes(), MinBoardPause.Minutes())
			return
		}
		at = next
	}
}

func (i *inspection) tournament(board ManifestBoard) {
	t := board.Tournament
	i.cadence(board, "tournament.starts", t.Starts)
	if board.Reset != "" {
		i.board(board, "a tournament has no reset: each one begins anew")
	}
	if t.Minutes < 1 || t.Minutes > MaxTournamentMinutes {
		i.board(board, "tournament.minutes must be 1 to %d", MaxTournamentMinutes)
	}
	if t.Attempts < 0 || t.Attempts > MaxAttempts {
		i.board(board, "tournament.attempts must be 0 to %d", MaxAttempts)
	}
	if t.Size < 0 || t.Size > MaxEntrants {
		i.board(board, "tournament.size must be 0 to %d", MaxEntrants)
	}
	total, before := int64(0), 0
	for _, prize := range t.Prizes {
		switch {
		case prize.From <= before || prize.To < prize.From || prize.To > MaxPrizeRank:
			i.board(board, "the prizes must name ranks from 1 to %d in order, each rank once", MaxPrizeRank)
			return
		case prize.Points < 1 || prize.Points > MaxSeasonPoints:
			i.board(board, "a prize must be 1 to %d points", MaxSeasonPoints)
			return
		}
		total += int64(prize.To-prize.From+1) * prize.Points
		before = prize.To
	}
	if total > MaxSeasonPoints {
		i.board(board, "a tournament would give %d points in all; %d is the most", total, MaxSeasonPoints)
	}
}
