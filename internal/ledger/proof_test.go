package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/ledger"
)

// books is an app with ten transfers between two people and three lines in the audit trail.
func books(t *testing.T) core.App {
	t.Helper()
	app := apptest.New(t)
	ann, bob := wallet(t, app, "ann", 1000), wallet(t, app, "bob", 0)
	for i := range 9 {
		if err := post(app, transfer(fmt.Sprint("k", i), ann, bob, 10)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		write(t, app, func(tx core.App) error {
			return ledger.Audit(tx, "user:ann", "certify", fmt.Sprint("org:", i), map[string]any{"why": i}, noon)
		})
	}
	return app
}

func run(app core.App, statement string) error {
	_, err := app.NonconcurrentDB().NewQuery(statement).Execute()
	return err
}

// History is not rewritten, not even by SQL, and the schema refuses what a mistake in Go would try.
func TestTheSchemaRefusesToRewriteHistory(t *testing.T) {
	app := books(t)
	if err := reserve(app, "h", wallet(t, app, "carl", 50), 50); err != nil {
		t.Fatal(err)
	}
	if err := release(app, "h", noon); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE ledger_transfer_rows SET amount = 1 WHERE seq = 3",
		"DELETE FROM ledger_transfer_rows WHERE seq = 3",
		"INSERT OR REPLACE INTO ledger_transfer_rows SELECT * FROM ledger_transfer_rows WHERE seq = 3",
		"UPDATE ledger_audit SET actor = 'nobody'",
		"DELETE FROM ledger_audit",
		"DELETE FROM ledger_account_rows",
		"DELETE FROM ledger_holds",
		"UPDATE ledger_holds SET state = 'held'",
		"UPDATE ledger_account_rows SET balance = -1 WHERE kind = 'wallet'",
		"UPDATE ledger_account_rows SET held = balance + 1 WHERE kind = 'wallet'",
		"UPDATE ledger_account_rows SET held = -1 WHERE kind = 'wallet'",
		"UPDATE ledger_account_rows SET balance = 9007199254740992",
		"UPDATE ledger_account_rows SET balance = 10.5",
	} {
		if err := run(app, statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	wantSound(t, app)
}

// Somebody with the file in hand can drop the triggers. Then the proof names the row.
func TestTheProofNamesTheBadRow(t *testing.T) {
	for name, tampering := range map[string]struct {
		statement string
		table     string
		row       string
		findings  int
	}{
		"amount":           {"UPDATE ledger_transfer_rows SET amount = 11 WHERE seq = 5", "ledger_transfer_rows", "5", 3},
		"reference":        {"UPDATE ledger_transfer_rows SET ref = 'x' WHERE seq = 5", "ledger_transfer_rows", "5", 1},
		"its hash":         {"UPDATE ledger_transfer_rows SET hash = 'x' WHERE seq = 5", "ledger_transfer_rows", "6", 2},
		"a row gone":       {"DELETE FROM ledger_transfer_rows WHERE seq = 5", "ledger_transfer_rows", "6", 3},
		"the last row":     {"DELETE FROM ledger_transfer_rows WHERE seq = 10", "ledger_account_rows", "", 2},
		"balance":          {"UPDATE ledger_account_rows SET balance = balance + 1 WHERE owner = 'user:bob'", "ledger_account_rows", "EUR", 2},
		"held":             {"UPDATE ledger_account_rows SET held = 7 WHERE owner = 'user:bob'", "ledger_account_rows", "", 1},
		"the audit's word": {"UPDATE ledger_audit SET actor = 'user:bob' WHERE seq = 2", "ledger_audit", "2", 1},
		"an audit row":     {"DELETE FROM ledger_audit WHERE seq = 2", "ledger_audit", "3", 1},
	} {
		t.Run(name, func(t *testing.T) {
			app := books(t)
			for _, table := range []string{"ledger_transfer_rows", "ledger_audit"} {
				for _, act := range []string{"update", "delete"} {
					if err := run(app, fmt.Sprintf("DROP TRIGGER %s_no_%s", table, act)); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := run(app, tampering.statement); err != nil {
				t.Fatal(err)
			}
			proof, err := ledger.Verify(app)
			if err != nil {
				t.Fatal(err)
			}
			if proof.Sound || len(proof.Findings) != tampering.findings {
				t.Fatalf("findings: %+v, want %d", proof.Findings, tampering.findings)
			}
			for _, finding := range proof.Findings {
				if finding.Table == tampering.table && (finding.Row == tampering.row || tampering.row == "") {
					return
				}
			}
			t.Errorf("no finding names %s %s: %+v", tampering.table, tampering.row, proof.Findings)
		})
	}
}

// The trail keeps who did what to whom, and any words in it.
func TestTheAuditTrailKeepsWhatItWasTold(t *testing.T) {
	app := apptest.New(t)
	write(t, app, func(tx core.App) error {
		return ledger.Audit(tx, "user:ann|x", "suspend", "program:\"market\"", map[string]any{"reason": "spam\n"}, noon)
	})
	record, err := app.FindFirstRecordByData("audit", "act", "suspend")
	if err != nil {
		t.Fatal(err)
	}
	if record.GetString("actor") != "user:ann|x" || record.GetString("subject") != "program:\"market\"" ||
		!strings.Contains(record.GetString("detail"), "spam") || record.GetString("at") != "2026-11-24 12:00:00.000Z" {
		t.Errorf("kept: %v", record.PublicExport())
	}
	if proof := wantSound(t, app); proof.Audits != 1 {
		t.Errorf("%d rows", proof.Audits)
	}
}
