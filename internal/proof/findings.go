package proof

import (
	"database/sql"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

//go:embed rules.json
var rulesJSON []byte

// Rule is what a proof tests, in words: "balance = Σ transfers".
type Rule struct {
	ID    string            `json:"id"`
	Table string            `json:"table"`
	Names map[string]string `json:"names"` // by language
	Texts map[string]string `json:"texts"` // the rule in full
}

// Rules is every rule, in the order in which they are tested.
func Rules() []Rule {
	var rules []Rule
	if err := json.Unmarshal(rulesJSON, &rules); err != nil {
		panic("proof: rules.json: " + err.Error()) // it is a part of the program
	}
	return rules
}

func tableOf(rule string) string {
	for _, one := range Rules() {
		if one.ID == rule {
			return one.Table
		}
	}
	return "unknown"
}

// Findings is what the run has found, open ones first.
func Findings(app core.App, run string) ([]Finding, error) {
	found := []Finding{}
	err := app.DB().NewQuery(`SELECT id, run, rule, of_table, of_row, expected, actual, state, reason, actor, acknowledged, created
		FROM proof_findings WHERE run = {:run} ORDER BY state DESC, rule, of_row`).Bind(dbx.Params{"run": run}).All(&found)
	if err != nil {
		return nil, fmt.Errorf("findings of proof %s: %w", run, err)
	}
	return found, nil
}

// Acknowledge says that somebody knows of the finding, and why it may stand. It does not mend anything: the row is still
// as it is, and the next run finds it again, acknowledged, for as long as its figures are the same.
func Acknowledge(app core.App, id, reason, actor string, now time.Time) (Finding, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > ReasonLimit {
		return Finding{}, ErrReason
	}
	return decide(app, id, "proof.acknowledge", actor, now, func(finding *core.Record) {
		finding.Load(map[string]any{"state": Acknowledged, "reason": reason, "actor": actor, "acknowledged": now})
	})
}

// Reopen takes an acknowledgement back.
func Reopen(app core.App, id, actor string, now time.Time) (Finding, error) {
	return decide(app, id, "proof.reopen", actor, now, func(finding *core.Record) {
		finding.Load(map[string]any{"state": Open, "reason": "", "actor": "", "acknowledged": ""})
	})
}

func decide(app core.App, id, act, actor string, now time.Time, change func(finding *core.Record)) (Finding, error) {
	var decided Finding
	err := ledger.Write(app, func(tx core.App) error {
		record, err := tx.FindRecordById(findingsTable, id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrUnknownFinding
		}
		if err != nil {
			return fmt.Errorf("finding %s: %w", id, err)
		}
		change(record)
		if err := save(tx, record); err != nil {
			return err
		}
		err = ledger.Audit(tx, actor, act, id, map[string]any{
			"rule": record.GetString("rule"), "row": record.GetString("of_row"), "reason": record.GetString("reason"),
		}, now)
		if err != nil {
			return err
		}
		return tx.DB().NewQuery(`SELECT id, run, rule, of_table, of_row, expected, actual, state, reason, actor, acknowledged, created
			FROM proof_findings WHERE id = {:id}`).Bind(dbx.Params{"id": id}).One(&decided)
	})
	return decided, err
}
