package proof

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/bills"
	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/demo"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/loyalty"
	"plaza.internal/plaza/internal/orders"
	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/sandbox"
)

func TestMain(m *testing.M) {
	sandbox.Main()
	check.Main()
	os.Exit(m.Run())
}

// quarter is the demonstration, filled, with something in every table that is walked.
func quarter(t *testing.T) core.App {
	t.Helper()
	app := apptest.New(t, ledger.Register, orders.Register, bills.Register, Register,
		func(app core.App) { programs.Register(app, nil, nil) })
	if err := demo.Fill(app, io.Discard); err != nil {
		t.Fatal(err)
	}
	now := clock.Now(app)
	err := ledger.Write(app, func(tx core.App) error {
		var account string
		if err := tx.DB().NewQuery("SELECT id FROM ledger_account_rows WHERE kind = 'wallet' AND balance > 100 LIMIT 1").Row(&account); err != nil {
			return err
		}
		for i, key := range []string{"captured", "open"} {
			if err := ledger.Reserve(tx, ledger.Hold{Key: key, Account: account, Amount: 20, ExpiresAt: now.Add(time.Hour)}, now); err != nil {
				return err
			}
			if i == 0 {
				var shop string
				if err := tx.DB().NewQuery("SELECT id FROM ledger_account_rows WHERE kind = 'sales' AND currency = (SELECT currency FROM ledger_account_rows WHERE id = '" + account + "') LIMIT 1").Row(&shop); err != nil {
					return err
				}
				if err := ledger.Capture(tx, key, shop, 15, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	unlock(t, app)
	run(t, app, prizeSQL...)
	return app
}

// prizeSQL is a prize that was paid, a receipt of a paid bill, a spend that was partly returned, a voucher, and a debt, each as its verb writes it.
var prizeSQL = []string{
	`INSERT INTO loyalty_ops (id, user, org, kind, asked, points, hash, at) VALUES ('leaderboards/g/b/1/p/1', 'winner', 'o', 'grant', 50, 50, '', '')`,
	`INSERT INTO loyalty_lots (id, user, org, kind, points, remaining, granted, active) VALUES ('leaderboards/g/b/1/p/1', 'winner', 'o', 'grant', 50, 33, '', '')`,
	`INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at) VALUES ('winner', 'o', 'grant', 50, 'leaderboards/g/b/1/p/1', 'leaderboards/g/b/1/p/1', '')`,
	`INSERT INTO leaderboards_prizes (season, rank, person, key, points, state, op, at) VALUES (1, 1, 'winner', 0, 50, 'paid', 'leaderboards/g/b/1/p/1', 0)`,
	`INSERT INTO loyalty_ops (id, user, org, kind, asked, points, hash, at) VALUES ('spend', 'winner', 'o', 'spend', 20, 20, '', '')`,
	`INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at) VALUES ('winner', 'o', 'spend', -20, 'leaderboards/g/b/1/p/1', 'spend', '')`,
	`INSERT INTO loyalty_movements (user, org, kind, points, lot, op, of, at) VALUES ('winner', 'o', 'return', 8, 'leaderboards/g/b/1/p/1', 'back', 'spend', '')`,
	`INSERT INTO loyalty_ops (id, user, org, kind, asked, points, hash, at) VALUES ('voucher:v', 'winner', 'o', 'spend', 5, 5, '', '')`,
	`INSERT INTO loyalty_movements (user, org, kind, points, lot, op, at) VALUES ('winner', 'o', 'spend', -5, 'leaderboards/g/b/1/p/1', 'voucher:v', '')`,
	`INSERT INTO loyalty_rewards (id, org, name, cost, stock, taken, created) VALUES ('reward', 'o', 'A coffee', 5, 9, 1, '')`,
	`INSERT INTO loyalty_vouchers (id, reward, user, org, name, key, code, points, created, expires)
		VALUES ('v', 'reward', 'winner', 'o', 'A coffee', 'k', 'CODE', 5, '', '9999')`,
	`INSERT INTO loyalty_debts (user, org, points) VALUES ('debtor', 'o', 7)`,
	`INSERT INTO loyalty_movements (user, org, kind, points, op, of, at) VALUES ('debtor', 'o', 'revoke', -7, 'taken', '', '')`,
	`INSERT INTO receipts (number, program, appid, reference, bill, openid, digest, token, path, demo, created)
		SELECT 'R-1', program, appid, 'r1', id, openid, '', 't', 'p', 0, '' FROM bills WHERE status = 'paid' ORDER BY id LIMIT 1`,
}

// unlock takes away all that keeps SQL from doing what no verb does.
func unlock(t *testing.T, app core.App) {
	t.Helper()
	var triggers []string
	if err := app.DB().NewQuery("SELECT name FROM sqlite_master WHERE type = 'trigger'").Column(&triggers); err != nil {
		t.Fatal(err)
	}
	for _, name := range triggers {
		run(t, app, "DROP TRIGGER `"+name+"`")
	}
}

func run(t *testing.T, app core.App, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		for _, pragma := range []string{"PRAGMA ignore_check_constraints = ON", "PRAGMA foreign_keys = OFF"} {
			if _, err := app.NonconcurrentDB().NewQuery(pragma).Execute(); err != nil {
				t.Fatal(err)
			}
		}
		result, err := app.NonconcurrentDB().NewQuery(statement).Execute()
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if rows, _ := result.RowsAffected(); rows == 0 && !strings.HasPrefix(statement, "DROP") && !strings.HasPrefix(statement, "CREATE") {
			t.Fatalf("%s: changed nothing", statement)
		}
	}
}

// prove is what one run finds, as "rule row".
func prove(t *testing.T, app core.App) (Run, []string) {
	t.Helper()
	begun, err := Start(app, "", clock.Now(app))
	if err != nil {
		t.Fatal(err)
	}
	if err := work(app, begun.ID, clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	done, err := Find(app, begun.ID)
	if err != nil || done.State != Done || !done.Latest || done.Step != done.Steps {
		t.Fatalf("the run ended as %+v (%v)", done, err)
	}
	found, err := Findings(app, begun.ID)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, finding := range found {
		names = append(names, finding.Rule+" "+finding.Row)
	}
	slices.Sort(names)
	return done, names
}

func text(t *testing.T, app core.App, query string) string {
	t.Helper()
	var value string
	if err := app.DB().NewQuery(query).Row(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// Whatever was done behind the verbs' back is found in the row where it was done, and nothing else is.
func TestEveryRuleFindsItsRow(t *testing.T) {
	app := quarter(t)
	done, found := prove(t, app)
	if len(found) > 0 {
		t.Fatalf("the clean quarter has findings: %v", found)
	}
	for _, rule := range Rules() {
		tested := slices.IndexFunc(done.Rules, func(one Tested) bool { return one.Rule == rule.ID })
		whole := rule.ID == "ledger.zero" || strings.HasPrefix(rule.ID, "codes.") // one statement, which counts no rows
		if tested < 0 || done.Rules[tested].Absent && !whole || done.Rules[tested].Looked == 0 && !whole {
			t.Errorf("%s was tested on nothing", rule.ID)
		}
	}
	const lot = "leaderboards/g/b/1/p/1"
	account := text(t, app, "SELECT id FROM ledger_account_rows WHERE kind = 'sales' ORDER BY id LIMIT 1")
	currency := text(t, app, "SELECT currency FROM ledger_account_rows WHERE id = '"+account+"'")
	order := text(t, app, "SELECT id FROM orders WHERE number <> '' AND total > points_value AND points_used = 0 ORDER BY id LIMIT 1")
	org := text(t, app, "SELECT org FROM orders_numbers WHERE last > 5 ORDER BY org LIMIT 1")
	third := text(t, app, "SELECT id FROM orders WHERE org = '"+org+"' AND number = '000003'")
	bill := text(t, app, "SELECT id FROM bills WHERE status = 'partly_refunded' ORDER BY id LIMIT 1")
	paid := text(t, app, "SELECT bill FROM receipts WHERE number = 'R-1'")
	product := text(t, app, "SELECT product || ' @ ' || place FROM catalog_stock ORDER BY 1 LIMIT 1")
	spare := text(t, app, "SELECT id FROM ledger_account_rows WHERE kind = 'wallet' AND id NOT IN (SELECT account FROM ledger_holds) ORDER BY id LIMIT 1")
	end := text(t, app, "SELECT MAX(seq) FROM ledger_transfer_rows")
	for _, c := range []struct {
		what    string
		corrupt string
		mend    string
		want    []string
	}{
		{
			"a balance", "UPDATE ledger_account_rows SET balance = balance + 1 WHERE id = '" + account + "'",
			"UPDATE ledger_account_rows SET balance = balance - 1 WHERE id = '" + account + "'",
			[]string{"ledger.balance " + account, "ledger.zero " + currency},
		},
		{
			"what is held", "UPDATE ledger_account_rows SET held = held + 1 WHERE id = '" + account + "'",
			"UPDATE ledger_account_rows SET held = held - 1 WHERE id = '" + account + "'",
			[]string{"ledger.held " + account},
		},
		{
			"the floor", "UPDATE ledger_account_rows SET held = balance + 1 WHERE id = '" + spare + "'",
			"UPDATE ledger_account_rows SET held = 0 WHERE id = '" + spare + "'",
			[]string{"ledger.floor " + spare, "ledger.held " + spare},
		},
		{
			"a transfer's currency", "UPDATE ledger_transfer_rows SET currency = 'XXX' WHERE seq = " + end,
			"UPDATE ledger_transfer_rows SET currency = (SELECT currency FROM ledger_account_rows WHERE id = debit) WHERE seq = " + end,
			[]string{"ledger.chain " + end, "ledger.sides " + end},
		},
		{
			"a transfer's words", "UPDATE ledger_transfer_rows SET ref = ref || 'x' WHERE seq = 5",
			"UPDATE ledger_transfer_rows SET ref = substr(ref, 1, length(ref) - 1) WHERE seq = 5",
			[]string{"ledger.chain 5"},
		},
		{
			"a capture", "UPDATE ledger_holds SET captured = 16 WHERE key = 'captured'", "UPDATE ledger_holds SET captured = 15 WHERE key = 'captured'",
			[]string{"ledger.capture captured"},
		},
		{
			"the audit trail", "UPDATE ledger_audit SET actor = actor || 'x' WHERE seq = 7",
			"UPDATE ledger_audit SET actor = substr(actor, 1, length(actor) - 1) WHERE seq = 7",
			[]string{"audit.chain 7"},
		},
		{
			"what a lot has left", "UPDATE loyalty_lots SET remaining = remaining + 1 WHERE id = '" + lot + "'",
			"UPDATE loyalty_lots SET remaining = remaining - 1 WHERE id = '" + lot + "'",
			[]string{"loyalty.issued " + lot, "loyalty.lot " + lot, "loyalty.member winner @ o"},
		},
		{
			"what a lot was given", "UPDATE loyalty_lots SET points = 60 WHERE id = '" + lot + "'",
			"UPDATE loyalty_lots SET points = 50 WHERE id = '" + lot + "'",
			[]string{"loyalty.issued " + lot},
		},
		{
			"less than nothing in a lot and given", "UPDATE loyalty_lots SET points = 30 WHERE id = '" + lot + "'",
			"UPDATE loyalty_lots SET points = 50 WHERE id = '" + lot + "'",
			[]string{"loyalty.issued " + lot, "loyalty.range " + lot},
		},
		{
			"a debt", "UPDATE loyalty_debts SET points = 8 WHERE user = 'debtor'", "UPDATE loyalty_debts SET points = 7 WHERE user = 'debtor'",
			[]string{"loyalty.debt debtor @ o", "loyalty.member debtor @ o"},
		},
		{"a spend", "UPDATE loyalty_ops SET points = 21 WHERE id = 'spend'", "UPDATE loyalty_ops SET points = 20 WHERE id = 'spend'", []string{"loyalty.spend spend"}},
		{
			"a return", "UPDATE loyalty_movements SET points = 21 WHERE op = 'back'", "UPDATE loyalty_movements SET points = 8 WHERE op = 'back'",
			[]string{"loyalty.issued " + lot, "loyalty.lot " + lot, "loyalty.member winner @ o", "loyalty.returned spend"},
		},
		{
			"what is taken of a reward", "UPDATE loyalty_rewards SET taken = 2 WHERE id = 'reward'", "UPDATE loyalty_rewards SET taken = 1 WHERE id = 'reward'",
			[]string{"loyalty.reward reward"},
		},
		{
			"more taken than there are", "UPDATE loyalty_rewards SET stock = 0 WHERE id = 'reward'", "UPDATE loyalty_rewards SET stock = 9 WHERE id = 'reward'",
			[]string{"loyalty.reward reward"},
		},
		{
			"a voucher that nobody gave back", "UPDATE loyalty_vouchers SET state = 'released' WHERE id = 'v'", "UPDATE loyalty_vouchers SET state = 'held' WHERE id = 'v'",
			[]string{"loyalty.reward reward", "loyalty.voucher v"},
		},
		{
			"stock", "UPDATE catalog_stock SET quantity = quantity + 1 WHERE product || ' @ ' || place = '" + product + "'",
			"UPDATE catalog_stock SET quantity = quantity - 1 WHERE product || ' @ ' || place = '" + product + "'",
			[]string{"stock.moves " + product},
		},
		{
			"an order's total", "UPDATE orders SET total = total + 1 WHERE id = '" + order + "'", "UPDATE orders SET total = total - 1 WHERE id = '" + order + "'",
			[]string{"orders.ledger " + order, "orders.sum " + order},
		},
		{
			"what an order paid in points", "UPDATE orders SET points_value = points_value + 1 WHERE id = '" + order + "'",
			"UPDATE orders SET points_value = points_value - 1 WHERE id = '" + order + "'",
			[]string{"orders.ledger " + order},
		},
		{
			"what an order earned", "UPDATE orders SET points_earned = points_earned + 1 WHERE id = '" + order + "'",
			"UPDATE orders SET points_earned = points_earned - 1 WHERE id = '" + order + "'",
			[]string{"orders.points " + order},
		},
		{
			"a number", "UPDATE orders SET number = '900000' WHERE id = '" + third + "'", "UPDATE orders SET number = '000003' WHERE id = '" + third + "'",
			[]string{"orders.numbers " + org + " 000003"},
		},
		{
			"a bill's refund", "UPDATE bills SET refunded = refunded + 1 WHERE id = '" + bill + "'", "UPDATE bills SET refunded = refunded - 1 WHERE id = '" + bill + "'",
			[]string{"bills.refunded " + bill},
		},
		{
			"more refunded than paid", "UPDATE bills SET refunded = refunded + amount WHERE id = '" + bill + "'",
			"UPDATE bills SET refunded = refunded - amount WHERE id = '" + bill + "'",
			[]string{"bills.cover " + bill, "bills.refunded " + bill},
		},
		{
			"a bill's amount", "UPDATE bills SET amount = amount + 1 WHERE id = '" + bill + "'", "UPDATE bills SET amount = amount - 1 WHERE id = '" + bill + "'",
			[]string{"bills.paid " + bill},
		},
		{
			"a receipt of nothing", "UPDATE receipts SET bill = 'nothing' WHERE number = 'R-1'", "UPDATE receipts SET bill = '" + paid + "' WHERE number = 'R-1'",
			[]string{"receipts.paid R-1"},
		},
		{
			"a prize", "UPDATE leaderboards_prizes SET points = 51 WHERE season = 1 AND rank = 1", "UPDATE leaderboards_prizes SET points = 50 WHERE season = 1 AND rank = 1",
			[]string{"prizes.once 1 #1"},
		},
		{
			"points for no prize", "UPDATE leaderboards_prizes SET op = 'other' WHERE season = 1 AND rank = 1",
			"UPDATE leaderboards_prizes SET op = '" + lot + "' WHERE season = 1 AND rank = 1",
			[]string{"prizes.granted " + lot, "prizes.once 1 #1"},
		},
	} {
		run(t, app, c.corrupt)
		done, found := prove(t, app)
		if !slices.Equal(found, c.want) || done.Wrong != int64(len(c.want)) {
			t.Errorf("%s: found %q (%d), want %q", c.what, found, done.Wrong, c.want)
		}
		run(t, app, c.mend)
	}
	if _, found := prove(t, app); len(found) > 0 {
		t.Errorf("the mended quarter has findings: %v", found)
	}
}

// A counter of a code that does not agree with the orders that used it is found, and so is a budget.
func TestCountersOfCodesAreProved(t *testing.T) {
	app := apptest.New(t, ledger.Register, Register)
	unlock(t, app)
	code := slices.IndexFunc(walks(), func(w walk) bool { return w.name == "codes" })
	if here, err := walks()[code].here(app); err != nil {
		t.Fatal(err)
	} else if !here {
		run(t, app, "CREATE TABLE campaigns_codes (id INTEGER PRIMARY KEY, org, campaign, batch, word, folded, uses, used, held, created)",
			"CREATE TABLE campaigns_terms (campaign, spent, held)", "CREATE TABLE campaigns_uses (order_id, code, campaign, person, amount, used, expires)")
	}
	run(t, app,
		"INSERT INTO campaigns_codes (id, org, campaign, batch, word, folded, used, held, created) VALUES (1, 'o', 'c', '', 'SPRING', 'SPRING', 2, 1, 0)",
		"INSERT INTO campaigns_terms (campaign, spent, held) VALUES ('c', 500, 100)",
		"INSERT INTO campaigns_uses (order_id, code, campaign, person, amount, used, expires) VALUES ('a', 1, 'c', '', 300, 5, 0), ('b', 1, 'c', '', 200, 6, 0), ('d', 1, 'c', '', 100, 0, 9)")
	if _, found := prove(t, app); len(found) > 0 {
		t.Errorf("sound counters: %v", found)
	}
	run(t, app, "UPDATE campaigns_codes SET used = 3", "UPDATE campaigns_terms SET held = 0")
	if _, found := prove(t, app); !slices.Equal(found, []string{"codes.budget c", "codes.uses 1 SPRING"}) {
		t.Errorf("found %v", found)
	}
}

// Payments that go on while the proof reads are seen whole or not at all.
func TestPurchasesDuringAProofAreNoFindings(t *testing.T) {
	app := quarter(t)
	now := clock.Now(app)
	var accounts []string
	if err := app.DB().NewQuery("SELECT id FROM ledger_account_rows WHERE kind <> 'world' AND currency = 'EUR' AND balance > 1000 LIMIT 8").Column(&accounts); err != nil || len(accounts) < 8 {
		t.Fatalf("%d accounts (%v)", len(accounts), err)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				err := ledger.Write(app, func(tx core.App) error {
					op := fmt.Sprintf("during:%d:%d", i, n)
					if err := ledger.Post(tx, ledger.Transfer{Key: op, Debit: accounts[i*2+n%2], Credit: accounts[i*2+1-n%2], Amount: 10, Currency: "EUR", Kind: "test", Ref: op}, now); err != nil {
						return err
					}
					user := fmt.Sprint("member", i)
					gift := loyalty.Gift{User: user, Org: "o", OpID: op + ":gift", Points: 10, Reason: "test", Actor: "test"}
					if err := loyalty.Grant(tx, gift, now); err != nil {
						return err
					}
					return loyalty.Spend(tx, user, "o", op+":spend", 7, now)
				})
				if err != nil {
					t.Errorf("payment: %v", err)
					return
				}
			}
		})
	}
	for range 5 {
		if _, found := prove(t, app); len(found) > 0 {
			t.Errorf("found %v", found)
		}
	}
	close(stop)
	writers.Wait()
}

// A run whose process died goes on from where it stood: it finds what lies ahead, and what it had found once.
func TestARunThatDiedGoesOn(t *testing.T) {
	app := quarter(t)
	run(t, app, "UPDATE ledger_holds SET captured = 16 WHERE key = 'captured'", "UPDATE loyalty_debts SET points = 8 WHERE user = 'debtor'")
	now := clock.Now(app)
	begun, err := Start(app, "", now)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Start(app, "somebody", now); err != nil || again.ID != begun.ID {
		t.Errorf("a second run %s began beside %s (%v)", again.ID, begun.ID, err)
	}
	app.Store().Set(stoppedKey, true)
	steps := 0
	for ; ; steps++ { // it dies after every chunk
		if err := work(app, begun.ID, now); err == nil {
			break
		}
		if at := text(t, app, "SELECT state FROM proof_runs WHERE id = '"+begun.ID+"'"); at != Running || steps > 500 {
			t.Fatalf("after %d chunks it is %s", steps, at)
		}
		forget(t, app, begun.ID, steps)
	}
	app.Store().Remove(stoppedKey)
	found, err := Findings(app, begun.ID)
	if err != nil || len(found) != 3 {
		t.Errorf("found %v (%v), want the hold, the debt and its member", found, err)
	}
}

// forget takes a run back by one chunk now and then, as a crash between two commits does.
func forget(t *testing.T, app core.App, id string, steps int) {
	t.Helper()
	if steps%3 == 1 {
		run(t, app, "UPDATE proof_runs SET cursor = '' WHERE id = '"+id+"'")
	}
}

// The night and the operator's button lead to the same work.
func TestTheJobDoesTheWork(t *testing.T) {
	app := quarter(t)
	if _, err := Start(app, "", clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.RunDue(app, clock.Now(app)); err != nil {
		t.Fatal(err)
	}
	runs, err := Runs(app, 10)
	if err != nil || len(runs) == 0 || runs[0].State != Done || runs[0].Wrong != 0 {
		t.Errorf("%+v %v", runs, err)
	}
}
