package leaderboards

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

const (
	scoreShown   = 40  // bytes of a refused score that are kept
	playShown    = 40  // the same of its play
	detailsShown = 300 // of what else the refusal says
	pruneEvery   = 50  // one try in so many makes room
)

// record writes a refused try down. Of each board the latest stay.
func record(tx core.App, b board, s *season, person string, sent Submission, no *refusal.Refusal, now time.Time) error {
	detail := ""
	if len(no.Details) > 0 {
		if text, err := json.Marshal(no.Details); err == nil {
			detail = clipped(string(text), detailsShown)
		}
	}
	params := dbx.Params{
		"board": b.ID, "season": int64(0), "person": person, "play": clipped(sent.Play, playShown), "score": clipped(string(sent.Score), scoreShown),
		"reason": no.Code, "detail": detail, "now": millis(now),
	}
	if s != nil {
		params["season"] = s.ID
	}
	var id int64
	err := ask(tx, `INSERT INTO leaderboards_tries (board, season, person, play, score, reason, detail, at)
		VALUES ({:board}, {:season}, {:person}, {:play}, {:score}, {:reason}, {:detail}, {:now}) RETURNING id`).Bind(params).Row(&id)
	if err != nil {
		return fmt.Errorf("refused try: %w", err)
	}
	if id%pruneEvery != 0 {
		return nil
	}
	return execute(tx, `DELETE FROM leaderboards_tries WHERE board = {:board} AND id <=
		(SELECT id FROM leaderboards_tries WHERE board = {:board} ORDER BY id DESC LIMIT 1 OFFSET {:kept})`,
		dbx.Params{"board": b.ID, "kept": TriesKept})
}

func clipped(text string, limit int) string { return text[:min(len(text), limit)] }
