package programs

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// ErrPolicyChanged refuses a policy that was written on top of one that is not the latest any more; data.number
// is the number of the latest.
var ErrPolicyChanged = refusal.New(http.StatusConflict, "policy_changed", "The policy was changed meanwhile; start again from the latest.")

const (
	policyKey = "plaza.programs.policy"
	// policiesBack is how many policies are tried before the default is, when the latest cannot be applied.
	policiesBack = 20
)

// keptPolicy is a policy that was read, and the row it was read from as that was then. Rows are only ever
// added, so there is nothing to invalidate: whoever asks compares.
type keptPolicy struct {
	row    string
	policy check.Policy
}

// CurrentPolicy is the policy that holds now: the latest one, or the default of a new installation, whose number
// is 0.
func CurrentPolicy(app core.App) (check.Policy, error) {
	var id, updated string
	err := app.DB().NewQuery("SELECT id, updated FROM programs_policies ORDER BY number DESC LIMIT 1").Row(&id, &updated)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return check.Policy{}, fmt.Errorf("find the policy: %w", err)
	}
	row := id + updated
	if kept, ok := app.Store().Get(policyKey).(keptPolicy); ok && kept.row == row {
		return kept.policy, nil
	}
	policy, err := readPolicy(app, id)
	if err != nil {
		return check.Policy{}, err
	}
	app.Store().Set(policyKey, keptPolicy{row: row, policy: policy})
	return policy, nil
}

// readPolicy reads the row. One that cannot be applied, because a superuser has changed it by hand, leaves the
// latest one before it in force.
func readPolicy(app core.App, id string) (check.Policy, error) {
	if id == "" {
		return check.Default(), nil
	}
	records, err := app.FindRecordsByFilter("programs_policies", "id != ''", "-number", policiesBack, 0)
	if err != nil {
		return check.Policy{}, fmt.Errorf("read the policies: %w", err)
	}
	for _, record := range records {
		policy, err := check.ParsePolicy([]byte(record.GetString("policy")))
		if err == nil {
			policy.Number = record.GetInt("number")
			return policy, nil
		}
		app.Logger().Error("A policy cannot be applied; the one before it stays in force", "number", record.GetInt("number"), "error", err)
	}
	return check.Default(), nil
}

// SetPolicy puts a new policy in force, as the next number; earlier ones stay as they were. Its own number must be
// that of the policy it was written on top of, so that of two operators who change the same one the second is
// refused and loses nothing of the first. Sending what holds already changes nothing. Whether the actor may is the
// caller's question.
func SetPolicy(app core.App, source []byte, note, actor string, now time.Time) (*core.Record, error) {
	policy, err := check.ParsePolicy(source)
	if err != nil {
		return nil, err
	}
	if len([]rune(note)) > noteLimit {
		return nil, ErrBadText.With("limit", noteLimit)
	}
	var id string
	err = ledger.Write(app, func(tx core.App) error {
		holds, err := CurrentPolicy(tx)
		if err != nil {
			return err
		}
		if holds.Number > 0 && sameBut(holds, policy) {
			record, err := tx.FindFirstRecordByData("programs_policies", "number", holds.Number)
			if err == nil {
				id = record.Id
			}
			return err
		}
		if policy.Number != holds.Number {
			return ErrPolicyChanged.With("number", holds.Number)
		}
		var number int // the last one, also when that one cannot be applied
		if err := tx.DB().NewQuery("SELECT COALESCE(MAX(number), 0) FROM programs_policies").Row(&number); err != nil {
			return err
		}
		record, err := addPolicy(tx, policy, number+1, note, actor)
		if err != nil {
			return err
		}
		id = record.Id
		return ledger.Audit(tx, actor, "programs.policy", fmt.Sprint(number+1), map[string]any{"note": note}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs_policies", id)
}

// sameBut tells whether two policies say the same, whatever their numbers.
func sameBut(one, other check.Policy) bool {
	one.Number = other.Number
	before, err := json.Marshal(one)
	after, otherErr := json.Marshal(other)
	return err == nil && otherErr == nil && bytes.Equal(before, after)
}

func addPolicy(tx core.App, policy check.Policy, number int, note, actor string) (*core.Record, error) {
	collection, err := tx.FindCollectionByNameOrId("programs_policies")
	if err != nil {
		return nil, err
	}
	policy.Number = number
	record := core.NewRecord(collection)
	record.Load(map[string]any{"number": number, "policy": policy, "note": note, "author": personID(tx, actor)})
	if err := tx.Save(record); err != nil {
		return nil, fmt.Errorf("save policy %d: %w", number, err)
	}
	return record, nil
}
