package programs

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

// Scopes of a takedown.
const (
	ScopeVersion = "version"
	ScopeProgram = "program"
	ScopeOrg     = "org"
)

const (
	reasonLimit = 4000 // characters of a reason, an appeal or an answer
	noticeLimit = 500  // characters of what people read in place of the program
)

// Takedown stops a version, a program or all programs of an organisation.
type Takedown struct {
	Scope  string `json:"scope"`
	AppID  string `json:"appid"`
	Number int    `json:"number"`
	Org    string `json:"org"`
	Rule   string `json:"rule"`   // of the policy; may be empty
	Reason string `json:"reason"` // for the makers
	Notice string `json:"notice"` // for the people who wanted to open it
}

func (t Takedown) judge(app core.App) error {
	if strings.TrimSpace(t.Reason) == "" || len([]rune(t.Reason)) > reasonLimit {
		return ErrBadTakedown.With("field", "reason")
	}
	if len([]rune(t.Notice)) > noticeLimit {
		return ErrBadTakedown.With("field", "notice")
	}
	if t.Rule != "" {
		policy, err := CurrentPolicy(app)
		if err != nil {
			return err
		}
		if _, known := policy.Rule(t.Rule); !known {
			return ErrBadTakedown.With("field", "rule")
		}
	}
	return nil
}

// TakeDown stops what the takedown names, at once: open pages are told by the program's row, and nothing of it is
// served any more. A version that everybody had gives way to the latest one before it. Stopping what is stopped
// already answers the takedown that did it.
func TakeDown(app core.App, t Takedown, actor string, now time.Time) (*core.Record, error) {
	if err := t.judge(app); err != nil {
		return nil, err
	}
	policy, err := CurrentPolicy(app)
	if err != nil {
		return nil, err
	}
	var id string
	err = ledger.Write(app, func(tx core.App) error {
		takedown, err := t.record(tx)
		if err != nil {
			return err
		}
		if id = takedown.Id; !takedown.IsNew() {
			return nil
		}
		takedown.Load(map[string]any{
			"rule": t.Rule, "reason": t.Reason, "notice": t.Notice, "state": "active", "author": personID(tx, actor),
			"appeal_due": now.AddDate(0, 0, policy.AppealDays),
		})
		if err := tx.Save(takedown); err != nil {
			return fmt.Errorf("save takedown: %w", err)
		}
		id = takedown.Id
		if err := stop(tx, takedown, now); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "programs.takedown", t.subject(), map[string]any{
			"takedown": id, "scope": t.Scope, "number": t.Number, "rule": t.Rule, "reason": t.Reason,
		}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_takedowns", id)
}

func (t Takedown) subject() string {
	if t.Scope == ScopeOrg {
		return t.Org
	}
	return t.AppID
}

// record is the takedown that is in force for the same subject, or a new one.
func (t Takedown) record(tx core.App) (*core.Record, error) {
	fields := map[string]any{"scope": t.Scope, "program": "", "version": "", "org": ""}
	switch t.Scope {
	case ScopeVersion:
		program, version, err := versionRecord(tx, t.AppID, t.Number)
		if err != nil {
			return nil, err
		}
		fields["program"], fields["version"] = program.Id, version.Id
	case ScopeProgram:
		program, err := programRecord(tx, t.AppID)
		if err != nil {
			return nil, err
		}
		fields["program"] = program.Id
	case ScopeOrg:
		if _, err := tx.FindRecordById("orgs", t.Org); err != nil {
			return nil, ErrBadTakedown.With("field", "org")
		}
		fields["org"] = t.Org
	default:
		return nil, ErrBadTakedown.With("field", "scope")
	}
	known, err := tx.FindFirstRecordByFilter("programs_takedowns",
		"scope = {:scope} && program = {:program} && version = {:version} && org = {:org} && state != 'restored'", dbx.Params(fields))
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return known, err
	}
	collection, err := tx.FindCollectionByNameOrId("programs_takedowns")
	if err != nil {
		return nil, err
	}
	takedown := core.NewRecord(collection)
	takedown.Load(fields)
	return takedown, nil
}

// stop does what the takedown says.
func stop(tx core.App, takedown *core.Record, now time.Time) error {
	if takedown.GetString("scope") == ScopeVersion {
		version, err := tx.FindRecordById("programs_versions", takedown.GetString("version"))
		if err != nil {
			return err
		}
		return stopVersion(tx, version, now)
	}
	programs, err := concerned(tx, takedown)
	if err != nil {
		return err
	}
	for _, program := range programs {
		if status := program.GetString("status"); status == "deleted" || status == "taken_down" {
			continue
		}
		program.Set("status", "taken_down")
		if err := tx.Save(program); err != nil {
			return fmt.Errorf("save program: %w", err)
		}
	}
	return nil
}

func stopVersion(tx core.App, version *core.Record, now time.Time) error {
	program, err := tx.FindRecordById("programs", version.GetString("program"))
	if err != nil {
		return err
	}
	if err := endReviews(tx, "version", version.Id, now); err != nil {
		return err
	}
	version.Set("state", "taken_down")
	if err := saveMoved(tx, version); err != nil {
		return err
	}
	if program.GetString("rollout") == version.Id {
		program.Load(map[string]any{"rollout": "", "percent": 0})
	}
	if program.GetString("release") == version.Id {
		program.Set("release", "")
		before, err := latestBefore(tx, program)
		if err != nil {
			return err
		}
		if before != nil {
			before.Set("state", "released")
			if err := saveMoved(tx, before); err != nil {
				return err
			}
			program.Set("release", before.Id)
			if program.GetString("status") == "live" {
				return show(tx, program, before, now)
			}
		}
	}
	return settle(tx, program, now)
}

// latestBefore is the version that everybody had most recently and that nothing is held against, or nil.
func latestBefore(tx core.App, program *core.Record) (*core.Record, error) {
	found, err := tx.FindRecordsByFilter("programs_versions",
		"program = {:program} && state = 'superseded' && released_at != ''", "-released_at,-number", 1, 0, dbx.Params{"program": program.Id})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// concerned is the programs that a takedown of a program or an organisation stops.
func concerned(tx core.App, takedown *core.Record) ([]*core.Record, error) {
	if takedown.GetString("scope") == ScopeOrg {
		return tx.FindAllRecords("programs", dbx.HashExp{"org": takedown.GetString("org")})
	}
	return tx.FindAllRecords("programs", dbx.HashExp{"id": takedown.GetString("program")})
}

// blocking tells whether the whole program is stopped, by itself or with its organisation.
func blocking(tx core.App, program *core.Record) (bool, error) {
	var blocked bool
	err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM programs_takedowns WHERE state != 'restored' AND
		((scope = 'program' AND program = {:program}) OR (scope = 'org' AND {:org} != '' AND org = {:org})))`).
		Bind(dbx.Params{"program": program.Id, "org": program.GetString("org")}).Row(&blocked)
	return blocked, err
}

// hasLostAll tells whether people had a version of the program, and what they had was taken down by itself.
func hasLostAll(tx core.App, program *core.Record) (bool, error) {
	if program.GetDateTime("released_at").IsZero() {
		return false, nil
	}
	var lost bool
	err := tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM programs_takedowns
		WHERE state != 'restored' AND scope = 'version' AND program = {:program})`).
		Bind(dbx.Params{"program": program.Id}).Row(&lost)
	return lost, err
}

// settle gives the program the status that follows from what is in force: it is the one place that takes a
// program down or up again.
func settle(tx core.App, program *core.Record, now time.Time) error {
	if program.GetString("status") == "deleted" {
		return nil
	}
	blocked, err := blocking(tx, program)
	if err != nil {
		return err
	}
	status, out := "draft", program.GetString("release")+program.GetString("rollout") != ""
	switch {
	case blocked:
		status = "taken_down"
	case out:
		status = "live"
	default:
		lost, err := hasLostAll(tx, program)
		if err != nil {
			return err
		}
		if lost {
			status = "taken_down"
		}
	}
	program.Set("status", status)
	if status == "live" {
		if version, err := tx.FindRecordById("programs_versions", orElse(program.GetString("release"), program.GetString("rollout"))); err == nil {
			return show(tx, program, version, now)
		}
	}
	if err := tx.Save(program); err != nil {
		return fmt.Errorf("save program: %w", err)
	}
	return nil
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// takenDown is the refusal of a program or version that the operator has stopped, with what is in force.
func takenDown(app core.App, p Program) error {
	no := ErrTakenDown.With("appid", p.AppID)
	var why struct {
		ID     string `db:"id"`
		Rule   string `db:"rule"`
		Reason string `db:"reason"`
		Notice string `db:"notice"`
	}
	err := app.DB().NewQuery(`SELECT id, rule, reason, notice FROM programs_takedowns WHERE state != 'restored' AND
		(program = {:program} OR (scope = 'org' AND {:org} != '' AND org = {:org})) ORDER BY scope = 'version', created DESC LIMIT 1`).
		Bind(dbx.Params{"program": p.ID, "org": p.Org}).One(&why)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("takedown of %s: %w", p.AppID, err)
	}
	return no.With("takedown", why.ID).With("rule", why.Rule).With("reason", why.Reason).With("notice", why.Notice)
}

// endReviews takes what is waiting for a reviewer out of the queue, by column of programs_reviews.
func endReviews(tx core.App, column, id string, now time.Time) error {
	open, err := tx.FindRecordsByFilter("programs_reviews", column+" = {:id} && (state = 'waiting' || state = 'claimed')",
		"", 0, 0, dbx.Params{"id": id})
	if err != nil {
		return err
	}
	for _, review := range open {
		review.Load(map[string]any{"state": "withdrawn", "decided_at": now})
		if err := tx.Save(review); err != nil {
			return fmt.Errorf("save review: %w", err)
		}
	}
	return nil
}
