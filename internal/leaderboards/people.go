package leaderboards

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// deletedKept is how long the boards of an ended program stay, as what else it kept.
const deletedKept = 30 * 24 * time.Hour

// Kept is one score that a board keeps of a person, as they take it with them.
type Kept struct {
	Board  string    `json:"board"`
	Season string    `json:"season"`
	Score  int64     `json:"score"`
	At     time.Time `json:"at"`
	Hidden bool      `json:"hidden"` // the program's makers have taken it out of the ranking
	Points int64     `json:"points"` // that it won
}

const keptOf = `FROM leaderboards_scores c JOIN leaderboards_seasons s ON s.id = c.season JOIN leaderboards_boards b ON b.id = s.board
	WHERE c.person = {:person} AND b.appid = {:appid}`

// KeptBy is how many scores the program's boards keep of a person.
func KeptBy(app core.App, userID, appid string) (count int, err error) {
	err = app.DB().NewQuery("SELECT COUNT(*) " + keptOf).Bind(dbx.Params{"person": userID, "appid": appid}).Row(&count)
	if err != nil {
		return 0, fmt.Errorf("scores of a person: %w", err)
	}
	return count, nil
}

// Export is what the program's boards keep of a person.
func Export(app core.App, userID, appid string) ([]Kept, error) {
	var rows []struct {
		Board  string `db:"board"`
		Period string `db:"period"`
		Text   string `db:"spec"`
		Key    int64  `db:"key"`
		At     int64  `db:"at"`
		Hidden string `db:"hidden"`
		Points int64  `db:"points"`
	}
	err := app.DB().NewQuery(`SELECT b.board, s.period, s.spec, c.key, c.at, c.hidden,
		COALESCE((SELECT SUM(points) FROM leaderboards_prizes p WHERE p.season = s.id AND p.person = c.person AND p.state = 'paid'), 0) AS points ` +
		keptOf + " ORDER BY c.at, c.id").Bind(dbx.Params{"person": userID, "appid": appid}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("scores of a person: %w", err)
	}
	list := make([]Kept, 0, len(rows))
	for _, row := range rows {
		s := season{Text: row.Text}
		if err := s.read(); err != nil {
			return nil, err
		}
		list = append(list, Kept{Board: row.Board, Season: row.Period, Score: s.score(row.Key), At: instant(row.At), Hidden: row.Hidden != "", Points: row.Points})
	}
	return list, nil
}

// Erase removes what the program's boards keep of a person, and says how many scores that were. Those who were behind
// move up. How many attempts they have made in a tournament that runs stays until it is over, and so does a ban: else
// erasing would be a way around them. Prizes stay in the points' ledger, and here without a name.
func Erase(app core.App, userID, appid string) (int, error) {
	erased := 0
	err := ledger.Write(app, func(tx core.App) (err error) {
		erased, err = erase(tx, "b.appid = {:appid}", dbx.Params{"person": userID, "appid": appid})
		return err
	})
	return erased, err
}

func erase(tx core.App, condition string, params dbx.Params) (int, error) {
	var rows []struct {
		scored
		Season int64 `db:"season"`
	}
	err := tx.DB().NewQuery(`SELECT c.id, c.person, c.key, c.at, c.hidden, c.season FROM leaderboards_scores c
		JOIN leaderboards_seasons s ON s.id = c.season JOIN leaderboards_boards b ON b.id = s.board WHERE c.person = {:person} AND ` + condition).
		Bind(params).All(&rows)
	if err != nil {
		return 0, fmt.Errorf("scores of a person: %w", err)
	}
	for _, row := range rows {
		for _, statement := range []string{"DELETE FROM leaderboards_logs WHERE score = {:id}", "DELETE FROM leaderboards_scores WHERE id = {:id}"} {
			if err := execute(tx, statement, dbx.Params{"id": row.ID}); err != nil {
				return 0, err
			}
		}
		if row.Hidden != "" {
			continue
		}
		from := row.place()
		if err := move(tx, row.Season, &from, nil); err != nil {
			return 0, err
		}
	}
	of := " WHERE person = {:person} AND board IN (SELECT b.id FROM leaderboards_boards b WHERE " + condition + ")"
	for _, statement := range []string{
		"DELETE FROM leaderboards_tries" + of,
		"DELETE FROM leaderboards_plays" + of,
		`UPDATE leaderboards_prizes SET person = '' WHERE person = {:person} AND season IN
			(SELECT s.id FROM leaderboards_seasons s JOIN leaderboards_boards b ON b.id = s.board WHERE ` + condition + ")",
	} {
		if err := execute(tx, statement, params); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// leave removes everything of a person whose account goes, in the transaction in which it does.
func leave(e *core.RecordEvent) error {
	params := dbx.Params{"person": e.Record.Id}
	if _, err := erase(e.App, "TRUE", params); err != nil {
		return err
	}
	for _, table := range []string{"entrants", "bans"} {
		if err := execute(e.App, "DELETE FROM leaderboards_"+table+" WHERE person = {:person}", params); err != nil {
			return err
		}
	}
	return e.Next()
}

// Forget removes what is kept for a time only.
func Forget(app core.App, now time.Time) error {
	rankingsOf(app).forget()
	var ended []string
	err := app.DB().NewQuery(`SELECT DISTINCT b.program FROM leaderboards_boards b JOIN programs p ON p.id = b.program
		WHERE p.status = 'deleted' AND p.updated < {:before}`).
		Bind(dbx.Params{"before": now.Add(-deletedKept).UTC().Format("2006-01-02 15:04:05.000Z")}).Column(&ended)
	if err != nil {
		return fmt.Errorf("boards of ended programs: %w", err)
	}
	for _, program := range ended {
		if err := ledger.Write(app, func(tx core.App) error { return forgetProgram(tx, program) }); err != nil {
			return err
		}
	}
	before := func(kept time.Duration) dbx.Params { return dbx.Params{"before": millis(now.Add(-kept))} }
	for _, old := range []struct {
		statement string
		params    dbx.Params
	}{
		{"DELETE FROM leaderboards_plays WHERE expires < {:before}", before(PlaysKept)},
		{"DELETE FROM leaderboards_tries WHERE at < {:before}", before(TriesFor)},
		{"DELETE FROM leaderboards_logs WHERE at < {:before}", before(LogsKept)},
		{"DELETE FROM leaderboards_entrants WHERE season IN (SELECT id FROM leaderboards_seasons WHERE closed > 0 AND closed < {:before})", before(PlaysKept)},
		{"DELETE FROM leaderboards_scores WHERE season IN (SELECT id FROM leaderboards_seasons WHERE closed > 0 AND closed < {:before})", before(SeasonsKept)},
	} {
		if err := ledger.Write(app, func(tx core.App) error { return execute(tx, old.statement, old.params) }); err != nil {
			return err
		}
	}
	return nil
}
