package bench

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/loyalty"
)

const (
	endingMembers = 50_000 // at one organisation
	endingLots    = 1_000_000
	endingSeconds = 30
)

// expiries measures how long it takes to write down that a million lots have ended in one night. Nobody waits for it: what
// may be spent follows from the dates. But it must not go on into the day.
func expiries(register Register) (rows []Row, err error) {
	s, err := start(plazaStore, register, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	if err := fillLots(s.app); err != nil {
		return nil, err
	}
	began := time.Now()
	ended, err := loyalty.Expire(s.app, time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)) // so that the server's own job finds none
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	var left int64
	if err := s.app.DB().NewQuery("SELECT COUNT(*) FROM loyalty_lots WHERE remaining > 0").Row(&left); err != nil {
		return nil, err
	}
	if ended != endingLots || left != 0 {
		return nil, fmt.Errorf("%d of %d lots ended, %d have points left", ended, endingLots, left)
	}
	return []Row{atMost(fmt.Sprintf("expiry of %d lots of %d members", endingLots, endingMembers), took, "s",
		fmt.Sprintf("limit of %d s", endingSeconds), took/endingSeconds, 1)}, nil
}

// fillLots writes the lots as purchases do, in the order of their ids so that it is soon done.
func fillLots(app core.App) error {
	const each = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {:lots} - 1),
		lot AS (SELECT printf('order:%08x', (i * 2654435761) % 4294967296) AS id, 'member' || (i % {:members}) AS user FROM n)`
	for _, statement := range []string{
		each + ` INSERT INTO loyalty_lots (id, user, org, kind, points, remaining, granted, active, expires)
			SELECT id, user, 'org', 'earn', 100, 100, '2025-01-01 00:00:00.000Z', '2025-01-01 00:00:00.000Z', '2099-01-01 00:00:00.000Z' FROM lot ORDER BY id`,
		each + ` INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at)
			SELECT user, 'org', 'earn', 100, id, id, '2025-01-01 00:00:00.000Z' FROM lot`,
	} {
		_, err := app.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"lots": endingLots, "members": endingMembers}).Execute()
		if err != nil {
			return fmt.Errorf("fill the lots: %w", err)
		}
	}
	return nil
}
