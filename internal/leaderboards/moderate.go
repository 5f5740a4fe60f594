package leaderboards

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// What hides a score from the ranking.
const (
	hiddenRemoved = "removed" // this score alone
	hiddenBanned  = "banned"  // because its player is kept out
)

// why is a reason that somebody may read later.
func why(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > reasonLimit {
		return "", ErrReason
	}
	return reason, nil
}

// boardScore is a score of the board, whatever season it is of.
func boardScore(tx core.App, b board, id int64) (scored, int64, error) {
	var row struct {
		scored
		Season int64 `db:"season"`
	}
	err := tx.DB().NewQuery(`SELECT c.id, c.person, c.key, c.at, c.hidden, c.season FROM leaderboards_scores c
		JOIN leaderboards_seasons s ON s.id = c.season WHERE c.id = {:id} AND s.board = {:board}`).
		Bind(dbx.Params{"id": id, "board": b.ID}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return scored{}, 0, ErrScoreUnknown.With("id", id)
	}
	if err != nil {
		return scored{}, 0, fmt.Errorf("score %d: %w", id, err)
	}
	return row.scored, row.Season, nil
}

// Remove takes a score out of the ranking; Restore undoes it. Its player may come back with another one. What a closed
// tournament has given stays given.
func Remove(app core.App, actor string, b board, id int64, reason string, now time.Time) error {
	reason, err := why(reason)
	if err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		row, season, err := boardScore(tx, b, id)
		if err != nil || row.Hidden == hiddenRemoved {
			return err
		}
		if err := hide(tx, season, row, hiddenRemoved); err != nil {
			return err
		}
		return act(tx, actor, "leaderboards.remove", b, map[string]any{"score": id, "reason": reason}, now)
	})
}

// Restore puts a removed score back to where it was.
func Restore(app core.App, actor string, b board, id int64, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		row, season, err := boardScore(tx, b, id)
		if err != nil || row.Hidden == "" {
			return err
		}
		if row.Hidden == hiddenBanned {
			return ErrBanned
		}
		if out, err := banned(tx, b, row.Person); err != nil || out {
			return orElse(err, ErrBanned)
		}
		if err := unhide(tx, season, row); err != nil {
			return err
		}
		return act(tx, actor, "leaderboards.restore", b, map[string]any{"score": id}, now)
	})
}

// Ban keeps the player of a score out of the board: what they have in seasons that run is hidden, and they can start and
// send nothing. Unban undoes it.
func Ban(app core.App, actor string, b board, id int64, reason string, now time.Time) error {
	reason, err := why(reason)
	if err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		row, _, err := boardScore(tx, b, id)
		if err != nil {
			return err
		}
		rows, err := changed(tx, `INSERT INTO leaderboards_bans (board, person, reason, actor, at)
			VALUES ({:board}, {:person}, {:reason}, {:actor}, {:now}) ON CONFLICT DO NOTHING`,
			dbx.Params{"board": b.ID, "person": row.Person, "reason": reason, "actor": actor, "now": millis(now)})
		if err != nil || rows == 0 {
			return err
		}
		if err := onRunning(tx, b, row.Person, "", func(season int64, one scored) error { return hide(tx, season, one, hiddenBanned) }); err != nil {
			return err
		}
		return act(tx, actor, "leaderboards.ban", b, map[string]any{"score": id, "reason": reason}, now)
	})
}

// Unban lets a player back, with the scores that the ban has hidden.
func Unban(app core.App, actor string, b board, ban int64, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		var person string
		err := tx.DB().NewQuery("SELECT person FROM leaderboards_bans WHERE id = {:id} AND board = {:board}").
			Bind(dbx.Params{"id": ban, "board": b.ID}).Row(&person)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrScoreUnknown.With("id", ban)
		}
		if err != nil {
			return fmt.Errorf("ban %d: %w", ban, err)
		}
		if err := execute(tx, "DELETE FROM leaderboards_bans WHERE id = {:id}", dbx.Params{"id": ban}); err != nil {
			return err
		}
		if err := onRunning(tx, b, person, hiddenBanned, func(season int64, one scored) error { return unhide(tx, season, one) }); err != nil {
			return err
		}
		return act(tx, actor, "leaderboards.unban", b, map[string]any{"ban": ban}, now)
	})
}

// onRunning does something with each score of a person, hidden so, in the seasons of the board that are not closed.
func onRunning(tx core.App, b board, person, hidden string, do func(season int64, one scored) error) error {
	var rows []struct {
		scored
		Season int64 `db:"season"`
	}
	err := tx.DB().NewQuery(`SELECT c.id, c.person, c.key, c.at, c.hidden, c.season FROM leaderboards_scores c
		JOIN leaderboards_seasons s ON s.id = c.season WHERE c.person = {:person} AND c.hidden = {:hidden} AND s.board = {:board} AND s.closed = 0`).
		Bind(dbx.Params{"person": person, "hidden": hidden, "board": b.ID}).All(&rows)
	if err != nil {
		return fmt.Errorf("scores of a player: %w", err)
	}
	for _, row := range rows {
		if err := do(row.Season, row.scored); err != nil {
			return err
		}
	}
	return nil
}

func hide(tx core.App, season int64, row scored, how string) error {
	err := execute(tx, "UPDATE leaderboards_scores SET hidden = {:how} WHERE id = {:id}", dbx.Params{"id": row.ID, "how": how})
	if err != nil || row.Hidden != "" {
		return err
	}
	from := row.place()
	return move(tx, season, &from, nil)
}

func unhide(tx core.App, season int64, row scored) error {
	if err := execute(tx, "UPDATE leaderboards_scores SET hidden = '' WHERE id = {:id}", dbx.Params{"id": row.ID}); err != nil {
		return err
	}
	to := row.place()
	return move(tx, season, nil, &to)
}

func act(tx core.App, actor, what string, b board, detail map[string]any, now time.Time) error {
	detail["board"] = b.Name
	return ledger.Audit(tx, actor, what, b.AppID, detail, now)
}
