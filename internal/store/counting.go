package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/programs"
)

// When a rating counts: its author's account is as old as the policy asks, and they opened the program a day
// before for the first time. Until then it is read and moves no average. When many come at once from people who
// never rated anything else, all of those wait for the operator.
const (
	knownFor    = 24 * time.Hour
	burstWindow = time.Hour
	// burstRatings from newcomers in one window are a burst, or one in burstShare of the program's people.
	burstRatings = 10
	burstShare   = 100
	// countedAtOnce is how many ratings one transaction begins to count.
	countedAtOnce = 200
)

// known tells whether the person is known long enough for what they say to count.
func known(app core.App, user, use *core.Record, now time.Time) (bool, error) {
	policy, err := programs.CurrentPolicy(app)
	if err != nil {
		return false, err
	}
	first := use.GetDateTime("first_at")
	return !user.GetDateTime("created").Time().After(accountsBefore(policy.RatingAccountDays, now)) &&
		!first.IsZero() && !first.Time().After(now.Add(-knownFor)), nil
}

func accountsBefore(days int, now time.Time) time.Time { return now.AddDate(0, 0, -days) }

// holdBurst looks at a program's ratings of the last hour. Those by people who never rated anything else are held
// when they are too many, and the operator is told once.
func holdBurst(tx core.App, programID string, now time.Time) error {
	var ids []string
	params := dbx.Params{"program": programID, "since": stamp(now.Add(-burstWindow))}
	err := tx.DB().NewQuery(`SELECT r.id FROM store_ratings r WHERE r.program = {:program} AND r.rated_at >= {:since}
		AND NOT EXISTS (SELECT 1 FROM store_ratings o WHERE o.user = r.user AND o.program != r.program)`).Bind(params).Column(&ids)
	if err != nil {
		return fmt.Errorf("look for a burst: %w", err)
	}
	if len(ids) <= burstRatings {
		return nil
	}
	var people int
	if err := tx.DB().NewQuery("SELECT people FROM programs WHERE id = {:program}").Bind(params).Row(&people); err != nil {
		return err
	}
	if len(ids) <= people/burstShare {
		return nil
	}
	for chunk := range slices.Chunk(ids, countedAtOnce) {
		if err := setRatings(tx, "held = TRUE, counted = FALSE", "NOT held", chunk); err != nil {
			return err
		}
	}
	return raise(tx, programID, fmt.Sprintf("%d ratings within an hour by people who never rated anything else. They are held: "+
		"close this report to let them count like any others, or hide them.", len(ids)), now)
}

// raise makes the house itself report a program, unless it has already and nobody has looked.
func raise(tx core.App, programID, text string, now time.Time) error {
	_, err := tx.FindFirstRecordByFilter("store_reports", "program = {:program} && rating = '' && user = '' && state = 'open'", dbx.Params{"program": programID})
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	collection, err := tx.FindCollectionByNameOrId("store_reports")
	if err != nil {
		return err
	}
	report := core.NewRecord(collection)
	report.Load(map[string]any{"program": programID, "kind": "other", "text": text, "state": "open"})
	if err := tx.Save(report); err != nil {
		return fmt.Errorf("save report: %w", err)
	}
	return ledger.Audit(tx, "", "store.burst", programID, map[string]any{"report": report.Id}, now)
}

// setRatings changes ratings that fit the condition; SQLite's triggers keep the sums.
func setRatings(tx core.App, change, condition string, ids []string) error {
	params := dbx.Params{}
	names := make([]string, len(ids))
	for i, id := range ids {
		name := fmt.Sprintf("id%d", i)
		names[i], params[name] = "{:"+name+"}", id
	}
	_, err := tx.NonconcurrentDB().NewQuery("UPDATE store_ratings SET " + change + " WHERE " + condition +
		" AND id IN (" + strings.Join(names, ", ") + ")").Bind(params).Execute()
	return err
}

// CountRatings begins to count the ratings whose authors are known long enough by now.
func CountRatings(app core.App, now time.Time) error {
	policy, err := programs.CurrentPolicy(app)
	if err != nil {
		return err
	}
	var ids []string
	err = app.DB().NewQuery(`SELECT r.id FROM store_ratings r JOIN users u ON u.id = r.user
		JOIN programs_uses s ON s.program = r.program AND s.user = r.user
		WHERE r.counted = 0 AND r.held = 0 AND u.created <= {:account} AND s.first_at != '' AND s.first_at <= {:first}`).
		Bind(dbx.Params{"account": stamp(accountsBefore(policy.RatingAccountDays, now)), "first": stamp(now.Add(-knownFor))}).Column(&ids)
	if err != nil {
		return fmt.Errorf("find ratings to count: %w", err)
	}
	for chunk := range slices.Chunk(ids, countedAtOnce) {
		err := ledger.Write(app, func(tx core.App) error { return setRatings(tx, "counted = TRUE", "NOT held AND NOT counted", chunk) })
		if err != nil {
			return fmt.Errorf("count ratings: %w", err)
		}
	}
	return nil
}

// Recount proves every program's sums against its ratings and makes right what is wrong; it says which were.
func Recount(app core.App) ([]string, error) {
	drifted := []string{}
	err := app.DB().NewQuery(`SELECT p.id FROM programs p LEFT JOIN (` + sums + ` GROUP BY program) s ON s.program = p.id
		WHERE p.stars != COALESCE(s.stars, 0) OR p.ratings != COALESCE(s.ratings, 0)
		UNION SELECT h.program FROM store_stars h LEFT JOIN (SELECT program, stars, COUNT(*) AS count FROM store_ratings
			WHERE counted AND NOT hidden GROUP BY program, stars) r ON r.program = h.program AND r.stars = h.stars
		WHERE h.count != COALESCE(r.count, 0)`).Column(&drifted)
	if err != nil {
		return nil, fmt.Errorf("prove the sums of ratings: %w", err)
	}
	for _, id := range drifted {
		if err := ledger.Write(app, func(tx core.App) error { return recount(tx, id) }); err != nil {
			return drifted, fmt.Errorf("recount %s: %w", id, err)
		}
	}
	return drifted, nil
}

const sums = "SELECT program, SUM(stars) AS stars, COUNT(*) AS ratings FROM store_ratings WHERE counted AND NOT hidden"

func recount(tx core.App, programID string) error {
	for _, statement := range []string{
		"DELETE FROM store_stars WHERE program = {:program}",
		`INSERT INTO store_stars (program, stars, count) SELECT program, stars, COUNT(*) FROM store_ratings
			WHERE program = {:program} AND counted AND NOT hidden GROUP BY program, stars`,
		`UPDATE programs SET stars = (SELECT COALESCE(SUM(stars * count), 0) FROM store_stars WHERE program = {:program}),
			ratings = (SELECT COALESCE(SUM(count), 0) FROM store_stars WHERE program = {:program}) WHERE id = {:program}`,
	} {
		if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"program": programID}).Execute(); err != nil {
			return err
		}
	}
	return nil
}
