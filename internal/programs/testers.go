package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// TestersLimit is how many testers a program may have.
const TestersLimit = 100

// Tester is somebody who may open trial versions, and gets every roll-out first.
type Tester struct {
	ID      string         `json:"id" db:"id"`
	User    string         `json:"user" db:"user"`
	Name    string         `json:"name" db:"name"`
	Email   string         `json:"email" db:"email"`
	Created types.DateTime `json:"created" db:"created"`
}

// isTester tells whether the makers have named the person as one.
func isTester(app core.App, programID, userID string) (bool, error) {
	var tester bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM programs_testers WHERE program = {:program} AND user = {:user})").
		Bind(dbx.Params{"program": programID, "user": userID}).Row(&tester)
	return tester, err
}

// Testers is everybody who tests the program, in the order in which they were named.
func Testers(app core.App, programID string) ([]Tester, error) {
	testers := []Tester{}
	err := app.DB().NewQuery(`SELECT t.id, t.user, u.name, u.email, t.created FROM programs_testers t JOIN users u ON u.id = t.user
		WHERE t.program = {:program} ORDER BY t.created, t.id`).Bind(dbx.Params{"program": programID}).All(&testers)
	if err != nil {
		return nil, fmt.Errorf("testers: %w", err)
	}
	return testers, nil
}

// AddTester names the person with that address as a tester. Naming somebody twice is naming them once.
func AddTester(app core.App, program *core.Record, email, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		user, err := tx.FindAuthRecordByEmail("users", strings.TrimSpace(email))
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoSuchPerson
		}
		if err != nil {
			return err
		}
		known, err := isTester(tx, program.Id, user.Id)
		if err != nil || known {
			return err
		}
		var testers int
		if err := tx.DB().NewQuery("SELECT COUNT(*) FROM programs_testers WHERE program = {:program}").
			Bind(dbx.Params{"program": program.Id}).Row(&testers); err != nil {
			return err
		}
		if testers >= TestersLimit {
			return ErrTooMany.With("limit", TestersLimit)
		}
		collection, err := tx.FindCollectionByNameOrId("programs_testers")
		if err != nil {
			return err
		}
		tester := core.NewRecord(collection)
		tester.Load(map[string]any{"program": program.Id, "user": user.Id, "added_by": personID(tx, actor)})
		if err := tx.Save(tester); err != nil {
			return fmt.Errorf("save tester: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.tester", program.GetString("appid"), map[string]any{"user": user.Id}, now)
	})
}

// RemoveTester ends somebody's testing; their open trials end with it.
func RemoveTester(app core.App, program *core.Record, id, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		tester, err := tx.FindFirstRecordByFilter("programs_testers", "id = {:id} && program = {:program}",
			dbx.Params{"id": id, "program": program.Id})
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.Delete(tester); err != nil {
			return fmt.Errorf("remove tester: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.tester_removed", program.GetString("appid"), map[string]any{"user": tester.GetString("user")}, now)
	})
}
