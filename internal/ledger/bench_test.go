package ledger_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/apptest"
	"plaza.internal/plaza/internal/sqlite"
)

// BenchmarkPost is durable postings by 64 callers through Write.
func BenchmarkPost(b *testing.B) {
	app := apptest.New(b)
	world := open(b, app, "plaza", "world")
	wallets := make([]string, 64)
	for i := range wallets {
		wallets[i] = open(b, app, fmt.Sprint("user:", i), "wallet")
	}
	var count atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := count.Add(1)
			if err := post(app, transfer(fmt.Sprint("k", i), world, wallets[i%64], 5)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "postings/s")
}

// BenchmarkPostAlone is one caller, who pays for every commit by himself.
func BenchmarkPostAlone(b *testing.B) {
	app := apptest.New(b)
	world, ann := open(b, app, "plaza", "world"), open(b, app, "user:ann", "wallet")
	for i := 0; b.Loop(); i++ {
		if err := post(app, transfer(fmt.Sprint("k", i), world, ann, 5)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRawLoop is the peer: the same rows through database/sql with prepared statements on one connection,
// 64 postings to a transaction, and nothing else.
func BenchmarkRawLoop(b *testing.B) {
	app := apptest.New(b)
	world := open(b, app, "plaza", "world")
	wallets := make([]string, 64)
	for i := range wallets {
		wallets[i] = open(b, app, fmt.Sprint("user:", i), "wallet")
	}
	opened, err := sqlite.Connect(filepath.Join(app.DataDir(), "data.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer opened.Close() //nolint:errcheck // a throwaway
	db := opened.DB()
	db.SetMaxOpenConns(1)
	prepare := func(statement string) *sql.Stmt {
		prepared, err := db.Prepare(statement)
		if err != nil {
			b.Fatal(err)
		}
		return prepared
	}
	pay := prepare(`UPDATE ledger_account_rows SET balance = balance - ?1, held = held - ?2
		WHERE id = ?3 AND currency = ?4 AND held >= ?2
		AND (overdraft OR balance - held + ?2 >= ?1) AND balance - ?1 >= -9007199254740991
		AND NOT EXISTS (SELECT 1 FROM ledger_transfer_rows WHERE key = ?5)
		AND EXISTS (SELECT 1 FROM ledger_account_rows WHERE id = ?6 AND currency = ?4 AND balance <= 9007199254740991 - ?1)`)
	receive := prepare("UPDATE ledger_account_rows SET balance = balance + ? WHERE id = ?")
	insert := prepare(`INSERT INTO ledger_transfer_rows (seq, id, key, debit, credit, amount, currency, kind, ref, created, hash)
		VALUES (?, ?, ?, ?, ?, 5, 'EUR', 'test', 'ref', '2026-11-24 12:00:00.000Z', ?)`)
	hash := fmt.Sprintf("%064d", 7)
	b.ResetTimer()
	for done := 0; done < b.N; {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		for range min(64, b.N-done) {
			done++
			key, to := fmt.Sprint("k", done), wallets[done%64]
			if _, err := tx.Stmt(pay).Exec(5, 0, world, "EUR", key, to); err != nil {
				b.Fatal(err)
			}
			if _, err := tx.Stmt(receive).Exec(5, to); err != nil {
				b.Fatal(err)
			}
			if _, err := tx.Stmt(insert).Exec(done, fmt.Sprintf("%015x", done*7919), key, world, to, hash); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "postings/s")
}

// BenchmarkRecords is the other peer: the same posting written with PocketBase's Record API, one transaction each.
func BenchmarkRecords(b *testing.B) {
	app := apptest.New(b)
	accounts := core.NewBaseCollection("bench_accounts")
	accounts.Fields.Add(&core.TextField{Name: "owner"}, &core.NumberField{Name: "balance", OnlyInt: true})
	transfers := core.NewBaseCollection("bench_transfers")
	transfers.Fields.Add(&core.TextField{Name: "key"}, &core.TextField{Name: "debit"}, &core.TextField{Name: "credit"},
		&core.NumberField{Name: "amount", OnlyInt: true}, &core.TextField{Name: "kind"}, &core.TextField{Name: "ref"},
		&core.AutodateField{Name: "created", OnCreate: true})
	transfers.AddIndex("bench_transfers_key", true, "key", "")
	for _, collection := range []*core.Collection{accounts, transfers} {
		if err := app.Save(collection); err != nil {
			b.Fatal(err)
		}
	}
	ids := make([]string, 65)
	for i := range ids {
		account := core.NewRecord(accounts)
		account.Set("balance", 1_000_000_000)
		if err := app.Save(account); err != nil {
			b.Fatal(err)
		}
		ids[i] = account.Id
	}
	move := func(tx core.App, id string, by int) error {
		account, err := tx.FindRecordById("bench_accounts", id)
		if err != nil {
			return err
		}
		account.Set("balance", account.GetInt("balance")+by)
		return tx.Save(account)
	}
	var count atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := count.Add(1)
			err := app.RunInTransaction(func(tx core.App) error {
				made := core.NewRecord(transfers)
				made.Load(map[string]any{
					"key": fmt.Sprint("k", i), "debit": ids[64], "credit": ids[i%64], "amount": 5, "kind": "test", "ref": "ref",
				})
				return errors.Join(move(tx, ids[64], -5), move(tx, ids[i%64], 5), tx.Save(made))
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "postings/s")
}
