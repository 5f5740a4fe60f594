package bench

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/proof"
)

const (
	proofMembers   = 20_000 // at one organisation
	lotsOfMember   = 20
	movesOfLot     = 5 // what it was given, three spends, and the end of the rest
	proofMovements = proofMembers * lotsOfMember * movesOfLot
	proofSeconds   = 60
)

// proofs measures the nightly proof over two million movements of points (to write ten takes minutes, so this row says two), written down by bulk SQL exactly as the verbs
// do: every lot with its operation, three spends each of an operation of its own, and what was left expired.
func proofs(register Register) (rows []Row, err error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	began := time.Now()
	if err := fillMovements(s.app); err != nil {
		return nil, err
	}
	seeded := time.Since(began)
	began = time.Now()
	run, err := proof.Start(s.app, "", time.Now())
	if err != nil {
		return nil, err
	}
	for run.State == proof.Running {
		if _, err := jobs.RunDue(s.app, time.Now()); err != nil {
			return nil, err
		}
		if run, err = proof.Find(s.app, run.ID); err != nil {
			return nil, err
		}
	}
	took := time.Since(began).Seconds()
	if run.State != proof.Done || run.Wrong > 0 {
		return nil, fmt.Errorf("the proof ended as %s with %d findings: %s", run.State, run.Wrong, run.Error)
	}
	name := fmt.Sprintf("nightly proof over %.1f M movements (seeded in %.0f s)", float64(proofMovements)/1e6, seeded.Seconds())
	return []Row{atMost(name, took, "s", fmt.Sprintf("limit of %d s", proofSeconds), took/proofSeconds, 1)}, nil
}

// fillMovements writes the movements in the order of time: lot by lot over all members, so that a member's rows lie far
// apart, as they do in a shop. What has a key of its own is written in the order of it, and the indexes at the end, which
// comes to the same tables sooner.
func fillMovements(app core.App) error {
	const each = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {:lots} - 1),
		lot AS (SELECT printf('order:%08x', (i * 2654435761) % 4294967296) AS id, 'member' || (i % {:members}) AS user FROM n)`
	params := dbx.Params{"members": proofMembers, "lots": proofMembers * lotsOfMember}
	var indexes []struct {
		Name string `db:"name"`
		SQL  string `db:"sql"`
	}
	err := app.DB().NewQuery("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'loyalty_movements' AND sql <> ''").All(&indexes)
	if err != nil {
		return err
	}
	var statements, rebuild []string
	for _, index := range indexes {
		statements, rebuild = append(statements, "DROP INDEX "+index.Name), append(rebuild, index.SQL)
	}
	statements = append(statements,
		each+` INSERT INTO loyalty_lots (id, user, org, kind, points, remaining, granted, active) SELECT id, user, 'org', 'earn', 100, 0, '2026-01-01', '2026-01-01' FROM lot ORDER BY id`,
		each+` INSERT INTO loyalty_ops (id, user, org, kind, asked, points, hash, at) SELECT id, user, 'org', 'earn', 100, 100, '', '2026-01-01' FROM lot ORDER BY id`,
		each+`, spend (k) AS (VALUES (1), (2), (3))
			INSERT INTO loyalty_ops (id, user, org, kind, asked, points, hash, at)
			SELECT id || ':' || k, user, 'org', 'spend', 30, 30, '', '2026-01-01' FROM lot, spend ORDER BY 1`,
		each+`, move (k, kind, points) AS (VALUES (0, 'earn', 100), (1, 'spend', -30), (2, 'spend', -30), (3, 'spend', -30), (4, 'expire', -10))
			INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at)
			SELECT user, 'org', kind, points, id, CASE k WHEN 0 THEN id WHEN 4 THEN 'expire' ELSE id || ':' || k END, '2026-01-01' FROM lot, move`,
	)
	for _, statement := range append(statements, rebuild...) {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Bind(params).Execute(); err != nil {
			return fmt.Errorf("fill the movements: %w", err)
		}
	}
	return nil
}
