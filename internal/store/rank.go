package store

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/search"
)

const (
	// priorStars and priorRatings are what a program is taken for before it has ratings: so many of so many stars.
	priorStars   = 3.5
	priorRatings = 10
	// fresh is how long being new helps.
	fresh = 60 * 24 * time.Hour
	// risingFloor is how many opens in a week a program needs to be called rising.
	risingFloor = 20
	rankedWeek  = 7
	// weighedAtOnce is how many programs the nightly job reads at once.
	weighedAtOnce = 1000
	dayLayout     = "2006-01-02"
)

// score is how good a place a program deserves, from 0 to 1000: two fifths for its stars, drawn towards the
// middle while they are few, two fifths for people and opens on a scale of powers of ten, the rest for a seal and
// for being new. What nobody has reviewed counts half.
func score(p facts, weekly int64, now time.Time) int {
	average := (float64(p.Stars) + priorStars*priorRatings) / float64(p.Ratings+priorRatings)
	sum := 400*(average-1)/4 +
		280*min(math.Log10(1+float64(p.People))/6, 1) +
		120*min(math.Log10(1+float64(weekly))/6, 1)
	if p.Certified {
		sum += 100
	}
	if at, err := time.Parse("2006-01-02 15:04:05.000Z", p.ReleasedAt); err == nil {
		if age := now.Sub(at); age < fresh {
			sum += 99 * (1 - float64(max(age, 0))/float64(fresh))
		}
	}
	if p.Tier != check.TierReviewed {
		sum /= 2
	}
	return min(max(int(sum), 1), bestScore-1)
}

// rising is how much more a program is opened this week than the week before, measured against what chance
// would do; 0 unless it is opened enough.
func rising(week, before int64) int {
	if week < risingFloor || week <= before {
		return 0
	}
	return int(100 * float64(week-before) / math.Sqrt(float64(before)+risingFloor))
}

// Rank recomputes every listed program's score and rising, and moves the entries whose bucket is another now.
func Rank(app core.App, now time.Time) error {
	after := ""
	for {
		programs, err := weigh(app, after)
		if err != nil || len(programs) == 0 {
			return err
		}
		changed, err := reweigh(app, programs, now)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(changed, indexedAtOnce) {
			if err := ledger.Write(app, func(tx core.App) error { return rerank(tx, chunk) }); err != nil {
				return err
			}
		}
		after = programs[len(programs)-1].ID
	}
}

// reweigh sets the programs' scores and rising, and says which have changed. The programs are in order of their ids.
func reweigh(app core.App, programs []facts, now time.Time) (changed []facts, err error) {
	opens, err := opensBetween(app, programs[0].ID, programs[len(programs)-1].ID, now)
	if err != nil {
		return nil, err
	}
	for i := range programs {
		program, week := &programs[i], opens[programs[i].ID]
		newScore, newRising := score(*program, week.This, now), rising(week.This, week.Before)
		if program.Score != newScore || program.Rising != newRising {
			program.Score, program.Rising = newScore, newRising
			changed = append(changed, *program)
		}
	}
	return changed, nil
}

func weigh(app core.App, after string) ([]facts, error) {
	var found []facts
	err := app.DB().NewQuery(`SELECT p.id, p.tier, p.people, p.stars, p.ratings, p.score, p.rising, p.released_at, e.certified
		FROM store_entries e JOIN programs p ON p.id = e.program WHERE e.program > {:after} ORDER BY e.program LIMIT {:limit}`).
		Bind(dbx.Params{"after": after, "limit": weighedAtOnce}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("weigh programs: %w", err)
	}
	return found, nil
}

// weeks is how often a program was opened in the last seven days and in the seven before.
type weeks struct {
	Program string `db:"program"`
	This    int64  `db:"this"`
	Before  int64  `db:"before"`
}

func opensBetween(app core.App, first, last string, now time.Time) (map[string]weeks, error) {
	var rows []weeks
	err := app.DB().NewQuery(`SELECT program, SUM(CASE WHEN day > {:week} THEN opens ELSE 0 END) AS this,
		SUM(CASE WHEN day > {:week} THEN 0 ELSE opens END) AS before
		FROM figures_days WHERE program BETWEEN {:first} AND {:last} AND day > {:before} AND day <= {:today} GROUP BY program`).
		Bind(dbx.Params{
			"first": first, "last": last, "today": now.UTC().Format(dayLayout),
			"week":   now.UTC().AddDate(0, 0, -rankedWeek).Format(dayLayout),
			"before": now.UTC().AddDate(0, 0, -2*rankedWeek).Format(dayLayout),
		}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("opens of the week: %w", err)
	}
	opens := make(map[string]weeks, len(rows))
	for _, row := range rows {
		opens[row.Program] = row
	}
	return opens, nil
}

// writeScores are figures, not acts, so no record is saved and nobody is told.
func writeScores(tx core.App, programs []facts) error {
	for _, statement := range []string{
		"UPDATE programs SET score = {:score}, rising = {:rising} WHERE id = {:id}",
		"UPDATE store_entries SET rising = {:rising} WHERE program = {:id} AND rising != {:rising}",
	} {
		query := tx.DB().NewQuery(statement).Prepare()
		for _, program := range programs {
			_, err := query.Bind(dbx.Params{"id": program.ID, "score": program.Score, "rising": program.Rising}).Execute()
			if err != nil {
				return errors.Join(fmt.Errorf("score program %s: %w", program.ID, err), query.Close())
			}
		}
		if err := query.Close(); err != nil {
			return err
		}
	}
	return nil
}

// rerank writes scores down and moves the entries.
func rerank(tx core.App, programs []facts) error {
	if err := writeScores(tx, programs); err != nil {
		return err
	}
	var moves []search.Change
	for _, program := range programs {
		move, err := moveTo(tx, program.ID, program.Score)
		if err != nil {
			return fmt.Errorf("rank program %s: %w", program.ID, err)
		}
		moves = append(moves, move)
	}
	return search.Apply(tx, moves...)
}

// moveTo gives the program's entry a place in the bucket of its score, unless it is there.
func moveTo(tx core.App, programID string, score int) (search.Change, error) {
	var move search.Change
	found, err := entryOf(tx, programID)
	if err != nil || found == nil || found.Place>>bucketBits == bucket(score, found.Restricted) {
		return move, err
	}
	if move.Before, err = found.document(); err != nil {
		return move, err
	}
	if err := leave(tx, found.Place); err != nil {
		return move, err
	}
	if found.Place, err = settle(tx, bucket(score, found.Restricted)); err != nil {
		return move, err
	}
	if move.After, err = found.document(); err != nil {
		return move, err
	}
	return move, save(tx, *found)
}

// nightly is the order of the night's work: ratings are counted before scores are made of them.
func nightly(app core.App, _ time.Time) error {
	now := clock.Now(app)
	if err := CountRatings(app, now); err != nil {
		return err
	}
	drifted, err := Recount(app)
	if err != nil {
		return err
	}
	if len(drifted) > 0 {
		app.Logger().Error("Sums of ratings were wrong and have been made right", "programs", drifted)
	}
	return Rank(app, now)
}
