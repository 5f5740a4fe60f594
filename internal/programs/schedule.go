package programs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

const (
	releaseJob = "programs.release"
	// horizon is how far ahead a release may be planned.
	horizon = 365 * 24 * time.Hour
)

// planned is a release that waits for its time. The version's row says whether it is still wanted, and for how
// many people: a job whose time is not the row's is one that was planned anew or called off.
type planned struct {
	Version string `json:"version"`
	At      string `json:"at"`
	Actor   string `json:"actor"`
}

// Schedule plans a release that would be allowed now. When its time has come it is judged again; one that is not
// allowed any more, or whose actor does not make the program any more, is dropped and written down.
func Schedule(app core.App, appid string, number, percent int, at time.Time, actor string, now time.Time) (*core.Record, error) {
	if percent < 0 || percent > everybody {
		return nil, ErrBadPercent
	}
	at = at.UTC().Truncate(time.Second)
	if !at.After(now) || at.Sub(now) > horizon {
		return nil, ErrBadTime
	}
	return moved(app, appid, number, func(tx core.App) error {
		program, version, err := versionRecord(tx, appid, number)
		if err != nil {
			return err
		}
		if err := running(tx, program); err != nil {
			return err
		}
		if err := releasable(tx, program, version); err != nil {
			return err
		}
		if version.GetDateTime("scheduled_at").Time().Equal(at) && version.GetInt("scheduled_percent") == percent {
			return nil
		}
		version.Load(map[string]any{"scheduled_at": at, "scheduled_percent": percent})
		if err := tx.Save(version); err != nil {
			return fmt.Errorf("save version: %w", err)
		}
		job := planned{Version: version.Id, At: stamp(at), Actor: actor}
		if err := jobs.Add(tx, releaseJob, job.Version+"@"+job.At, job, at); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "programs.schedule", appid, map[string]any{"number": number, "percent": percent, "at": job.At}, now)
	})
}

// Unschedule calls a planned release off.
func Unschedule(app core.App, appid string, number int, actor string, now time.Time) (*core.Record, error) {
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		_, version, err := versionRecord(tx, appid, number)
		if err != nil {
			return err
		}
		id = version.Id
		return unschedule(tx, version, appid, "programs.unschedule", nil, actor, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_versions", id)
}

func unschedule(tx core.App, version *core.Record, appid, act string, why error, actor string, now time.Time) error {
	at := version.GetDateTime("scheduled_at")
	if at.IsZero() {
		return nil
	}
	if err := saveMoved(tx, version); err != nil {
		return err
	}
	detail := map[string]any{"number": version.GetInt("number"), "at": at.String()}
	if why != nil {
		detail["why"] = why.Error()
	}
	return ledger.Audit(tx, actor, act, appid, detail, now)
}

// runPlanned does a release whose time has come. It may be run twice: the second time there is no plan left.
func runPlanned(app core.App, payload []byte, now time.Time) error {
	var plan planned
	if err := json.Unmarshal(payload, &plan); err != nil {
		return fmt.Errorf("planned release: %w", err)
	}
	version, err := app.FindRecordById("programs_versions", plan.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if stamp(version.GetDateTime("scheduled_at").Time()) != plan.At {
		return nil
	}
	program, err := app.FindRecordById("programs", version.GetString("program"))
	if err != nil {
		return err
	}
	appid, number := program.GetString("appid"), version.GetInt("number")
	err = mayStill(app, plan.Actor, program)
	if err == nil {
		_, err = Release(app, appid, number, version.GetInt("scheduled_percent"), plan.Actor, now)
	}
	act := "programs.schedule_dropped"
	var no *refusal.Refusal
	switch {
	case err == nil:
		act = "programs.unschedule" // only if the version was out already, and the release had nothing to do
	case !errors.As(err, &no) || errors.Is(err, ledger.ErrBusy) || errors.Is(err, ledger.ErrClosing):
		return err // it is tried again
	}
	return ledger.Write(app, func(tx core.App) error {
		_, version, findErr := versionRecord(tx, appid, number)
		if findErr != nil {
			return findErr
		}
		if stamp(version.GetDateTime("scheduled_at").Time()) != plan.At {
			return nil
		}
		return unschedule(tx, version, appid, act, err, plan.Actor, now)
	})
}

// mayStill refuses somebody who planned a release and does not make the program any more.
func mayStill(app core.App, actor string, program *core.Record) error {
	user, err := app.FindRecordById("users", actor)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotMaker
	}
	if err != nil || identity.IsOperator(user) {
		return err
	}
	return RequireMaker(app, user, program)
}
