package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/ledger"
)

// Appeal is the makers' answer to a takedown, once, until its appeal_due.
func Appeal(app core.App, takedownID, text, actor string, now time.Time) (*core.Record, error) {
	if strings.TrimSpace(text) == "" || len([]rune(text)) > reasonLimit {
		return nil, ErrBadText.With("limit", reasonLimit)
	}
	return answered(app, takedownID, func(tx core.App, takedown *core.Record) error {
		switch state := takedown.GetString("state"); {
		case state == "appealed" && takedown.GetString("appeal") == text:
			return nil
		case state != "active" || !now.Before(takedown.GetDateTime("appeal_due").Time()):
			return ErrTakedownClosed.With("state", state)
		}
		takedown.Load(map[string]any{"state": "appealed", "appeal": text, "appealed_by": personID(tx, actor), "appealed_at": now})
		return decided(tx, takedown, "programs.appeal", text, actor, now)
	})
}

// Uphold answers an appeal, or closes a takedown without one: it stays in force.
func Uphold(app core.App, takedownID, answer, actor string, now time.Time) (*core.Record, error) {
	return decide(app, takedownID, "upheld", []string{"active", "appealed"}, answer, actor, now)
}

// Restore ends a takedown. Programs that nothing else stops are open again; a version that was taken down by
// itself can be released or rolled back to again, and is released at once when the program has no other.
func Restore(app core.App, takedownID, answer, actor string, now time.Time) (*core.Record, error) {
	return decide(app, takedownID, "restored", []string{"active", "appealed", "upheld"}, answer, actor, now)
}

func decide(app core.App, takedownID, state string, from []string, answer, actor string, now time.Time) (*core.Record, error) {
	if len([]rune(answer)) > reasonLimit {
		return nil, ErrBadText.With("limit", reasonLimit)
	}
	return answered(app, takedownID, func(tx core.App, takedown *core.Record) error {
		was := takedown.GetString("state")
		if was == state {
			return nil
		}
		if !slices.Contains(from, was) {
			return ErrTakedownClosed.With("state", was)
		}
		takedown.Load(map[string]any{"state": state, "answer": answer, "decided_by": personID(tx, actor), "decided_at": now})
		act := "programs.uphold"
		if state == "restored" {
			act = "programs.restore"
		}
		if err := decided(tx, takedown, act, answer, actor, now); err != nil || state != "restored" {
			return err
		}
		return restart(tx, takedown, now)
	})
}

// answered changes a takedown and answers it as it is then.
func answered(app core.App, id string, change func(tx core.App, takedown *core.Record) error) (*core.Record, error) {
	err := ledger.Write(app, func(tx core.App) error {
		takedown, err := takedownRecord(tx, id)
		if err != nil {
			return err
		}
		return change(tx, takedown)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_takedowns", id)
}

func takedownRecord(app core.App, id string) (*core.Record, error) {
	takedown, err := app.FindRecordById("programs_takedowns", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrTakedownNotFound
	}
	return takedown, err
}

func decided(tx core.App, takedown *core.Record, act, text, actor string, now time.Time) error {
	if err := tx.Save(takedown); err != nil {
		return fmt.Errorf("save takedown: %w", err)
	}
	return ledger.Audit(tx, actor, act, takedown.Id, map[string]any{"scope": takedown.GetString("scope"), "text": text}, now)
}

// restart undoes what stop did, as far as nothing else is in force.
func restart(tx core.App, takedown *core.Record, now time.Time) error {
	if takedown.GetString("scope") == ScopeVersion {
		version, err := tx.FindRecordById("programs_versions", takedown.GetString("version"))
		if err != nil {
			return err
		}
		return restartVersion(tx, version, now)
	}
	programs, err := concerned(tx, takedown)
	if err != nil {
		return err
	}
	for _, program := range programs {
		if err := settle(tx, program, now); err != nil {
			return err
		}
	}
	return nil
}

func restartVersion(tx core.App, version *core.Record, now time.Time) error {
	if version.GetString("state") != "taken_down" {
		return nil
	}
	program, err := tx.FindRecordById("programs", version.GetString("program"))
	if err != nil {
		return err
	}
	switch {
	case wasReleased(version) && program.GetString("release") == "":
		version.Set("state", "released")
		program.Set("release", version.Id)
	case wasReleased(version):
		version.Set("state", "superseded")
	case version.GetBool("reviewed"):
		version.Set("state", "approved")
	default:
		version.Set("state", "checked")
	}
	if err := saveMoved(tx, version); err != nil {
		return err
	}
	return settle(tx, program, now)
}

// TakedownView is a takedown as the operator sees it.
type TakedownView struct {
	ID         string         `json:"id" db:"id"`
	Scope      string         `json:"scope" db:"scope"`
	AppID      string         `json:"appid" db:"appid"`
	Name       string         `json:"name" db:"name"` // of the program, or the organisation
	Number     int            `json:"number" db:"number"`
	Org        string         `json:"org" db:"org"`
	Rule       string         `json:"rule" db:"rule"`
	Reason     string         `json:"reason" db:"reason"`
	Notice     string         `json:"notice" db:"notice"`
	State      string         `json:"state" db:"state"`
	Author     string         `json:"author" db:"author"`
	Created    types.DateTime `json:"created" db:"created"`
	Appeal     string         `json:"appeal" db:"appeal"`
	AppealedBy string         `json:"appealed_by" db:"appealed_by"`
	AppealedAt types.DateTime `json:"appealed_at" db:"appealed_at"`
	AppealDue  types.DateTime `json:"appeal_due" db:"appeal_due"`
	Answer     string         `json:"answer" db:"answer"`
	DecidedAt  types.DateTime `json:"decided_at" db:"decided_at"`
}

// takedownsShown is how many takedowns a list holds.
const takedownsShown = 500

// Takedowns is the takedowns in that state, or all: appeals that wait for an answer first, then the latest.
func Takedowns(app core.App, state string) ([]TakedownView, error) {
	takedowns := []TakedownView{}
	err := app.DB().NewQuery(`SELECT t.id, t.scope, COALESCE(p.appid, '') AS appid, COALESCE(p.name, o.name, '') AS name,
			COALESCE(v.number, 0) AS number, t.org, t.rule, t.reason, t.notice, t.state, COALESCE(u.name, '') AS author, t.created,
			t.appeal, COALESCE(b.name, '') AS appealed_by, t.appealed_at, t.appeal_due, t.answer, t.decided_at
		FROM programs_takedowns t LEFT JOIN programs p ON p.id = t.program LEFT JOIN programs_versions v ON v.id = t.version
		LEFT JOIN orgs o ON o.id = t.org LEFT JOIN users u ON u.id = t.author LEFT JOIN users b ON b.id = t.appealed_by
		WHERE {:state} = '' OR t.state = {:state} ORDER BY t.state != 'appealed', t.created DESC, t.id LIMIT {:limit}`).
		Bind(dbx.Params{"state": state, "limit": takedownsShown}).All(&takedowns)
	if err != nil {
		return nil, fmt.Errorf("takedowns: %w", err)
	}
	return takedowns, nil
}

// Delete ends a program for good: people cannot open it any more, what waits for review leaves the queue, its
// keys stop, and nobody gets its appid again. Its rows stay, for the books and the audit.
func Delete(app core.App, appid, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		program, err := programRecord(tx, appid)
		if err != nil {
			return err
		}
		if program.GetString("status") == "deleted" {
			return nil
		}
		if err := endReviews(tx, "program", program.Id, now); err != nil {
			return err
		}
		for _, statement := range []string{
			"UPDATE programs_keys SET revoked_at = {:now} WHERE program = {:program} AND revoked_at = ''",
			"UPDATE programs_versions SET scheduled_at = '', scheduled_percent = 0 WHERE program = {:program}",
			"UPDATE programs_versions SET state = 'checked' WHERE program = {:program} AND state = 'in_review'",
		} {
			if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"now": stamp(now), "program": program.Id}).Execute(); err != nil {
				return fmt.Errorf("end program %s: %w", appid, err)
			}
		}
		program.Set("status", "deleted")
		if err := tx.Save(program); err != nil {
			return fmt.Errorf("save program: %w", err)
		}
		return ledger.Audit(tx, actor, "programs.delete", appid, nil, now)
	})
}
