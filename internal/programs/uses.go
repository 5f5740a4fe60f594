package programs

import (
	"database/sql"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Used is the person's use of the program: nil when they have never opened it.
func Used(app core.App, userID, programID string) (*core.Record, error) {
	use, err := useRecord(app, userID, programID)
	if err != nil || use == nil || use.GetInt("opens") == 0 {
		return nil, err
	}
	return use, nil
}

// useRecord is the row that ties the person to the program, nil when there is none.
func useRecord(app core.App, userID, programID string) (*core.Record, error) {
	use, err := app.FindFirstRecordByFilter("programs_uses", "program = {:program} && user = {:user}",
		dbx.Params{"program": programID, "user": userID})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // "never" is an answer here
	}
	return use, err
}
