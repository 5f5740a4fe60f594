package programs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Release makes a version the one that people open, and the one before it superseded. It is a conditional
// act: the version's bytes must still be the ones that were checked, and releasing what is released already
// changes nothing. Whether the actor may is the caller's question.
func Release(app core.App, appid string, number int, actor string, now time.Time) (*core.Record, error) {
	program, version, err := versionRecord(app, appid, number)
	if err != nil {
		return nil, err
	}
	if _, err := registryOf(app).bundle(Version{Package: version.GetString("package"), Bundle: version.GetString("bundle")}); err != nil {
		return nil, err
	}
	err = ledger.Write(app, func(tx core.App) error {
		return release(tx, program.GetString("appid"), number, actor, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_versions", version.Id)
}

func release(tx core.App, appid string, number int, actor string, now time.Time) error {
	program, version, err := versionRecord(tx, appid, number)
	if err != nil {
		return err
	}
	if program.GetString("status") == "taken_down" {
		return ErrTakenDown.With("appid", appid)
	}
	previous := program.GetString("release")
	if previous == version.Id {
		return nil
	}
	if err := supersede(tx, previous); err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal([]byte(version.GetString("manifest")), &m); err != nil {
		return fmt.Errorf("manifest of %s %d: %w", appid, number, err)
	}
	version.Set("state", "released")
	if err := tx.Save(version); err != nil {
		return fmt.Errorf("save version: %w", err)
	}
	describe(program, m, version.GetString("package"))
	program.Set("status", "live")
	program.Set("release", version.Id)
	if err := tx.Save(program); err != nil {
		return fmt.Errorf("save program: %w", err)
	}
	return ledger.Audit(tx, actor, "programs.release", appid, map[string]any{
		"number": number, "package": version.GetString("package"), "previous": previous,
	}, now)
}

func supersede(tx core.App, versionID string) error {
	if versionID == "" {
		return nil
	}
	version, err := tx.FindRecordById("programs_versions", versionID)
	if err != nil {
		return err
	}
	version.Set("state", "superseded")
	return tx.Save(version)
}

func versionRecord(app core.App, appid string, number int) (program, version *core.Record, err error) {
	program, err = programRecord(app, appid)
	if err != nil {
		return nil, nil, err
	}
	version, err = app.FindFirstRecordByFilter("programs_versions", "program = {:program} && number = {:number}",
		dbx.Params{"program": program.Id, "number": number})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, ErrVersionNotFound.With("number", number)
	}
	return program, version, err
}
