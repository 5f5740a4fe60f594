package bench

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/sqlite"
)

const (
	postingsPerClient = 100
	rawAlone          = 640 // postings of the raw loop that commits each
)

// postings measures ledger postings over HTTP against two loops that do nothing but run the same statements,
// prepared, on one connection. The first commits each posting, as durable as ours. The second puts as many
// into a commit as there are clients: the ceiling of the disk and the engine, without HTTP and without hashing.
func postings(register Register) ([]Row, error) {
	var ours, alone, grouped []float64
	for range rounds {
		var next atomic.Int64
		own, err := onServer(plazaStore, register, postingRoute(&next), func(s *server) (float64, error) {
			own, each, group, err := allPostings(s)
			alone, grouped = append(alone, each), append(grouped, group)
			return own, err
		})
		if err != nil {
			return nil, err
		}
		ours = append(ours, own)
	}
	own, each, group := median(ours), median(alone), median(grouped)
	const name = "durable ledger postings over HTTP, 64 clients"
	return []Row{
		atLeast(name, own, "/s", fmt.Sprintf("raw modernc loop %.0f/s", each), own/each, 0.5),
		atLeast(name, own, "/s", fmt.Sprintf("raw loop, 64 to a commit %.0f/s", group), own/group, 0.5),
	}, nil
}

func postingRoute(next *atomic.Int64) func(e *core.ServeEvent) {
	return func(e *core.ServeEvent) {
		e.Router.POST("/bench/post/{account}", func(e *core.RequestEvent) error {
			key := "bench:" + strconv.FormatInt(next.Add(1), 10)
			err := ledger.Write(e.App, func(tx core.App) error {
				return ledger.Post(tx, ledger.Transfer{
					Key: key, Debit: e.Request.URL.Query().Get("from"), Credit: e.Request.PathValue("account"),
					Amount: 5, Currency: "EUR", Kind: "bench", Ref: "bench",
				}, clock.Now(e.App))
			})
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, map[string]string{"key": key})
		})
	}
}

func allPostings(s *server) (own, alone, grouped float64, err error) {
	var world string
	wallets := make([]string, clients)
	err = ledger.Write(s.app, func(tx core.App) error {
		now := clock.Now(tx)
		if world, err = ledger.Open(tx, "plaza", ledger.KindWorld, "EUR", now); err != nil {
			return err
		}
		for i := range wallets {
			if wallets[i], err = ledger.Open(tx, fmt.Sprintf("user:bench%d", i), ledger.KindWallet, "EUR", now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, 0, err
	}
	work := make([][]request, clients)
	for i, wallet := range wallets {
		for range postingsPerClient {
			work[i] = append(work[i], request{path: "/bench/post/" + wallet + "?from=" + world})
		}
	}
	if own, err = s.rush(work); err != nil {
		return 0, 0, 0, err
	}
	file := filepath.Join(s.dir, "data.db")
	if alone, err = rawPostings(file, world, wallets, rawAlone, 1); err != nil {
		return 0, 0, 0, err
	}
	grouped, err = rawPostings(file, world, wallets, clients*postingsPerClient, clients)
	return own, alone, grouped, err
}

// rawPostings is the peer: the ledger's own three statements and nothing else.
func rawPostings(file, world string, wallets []string, total, group int) (float64, error) {
	opened, err := sqlite.Connect(file)
	if err != nil {
		return 0, err
	}
	defer opened.Close()
	db := opened.DB()
	db.SetMaxOpenConns(1)
	var last int
	if err := db.QueryRow("SELECT coalesce(max(seq), 0) FROM ledger_transfer_rows").Scan(&last); err != nil {
		return 0, err
	}
	var statements [3]*sql.Stmt
	for i, text := range [3]string{rawPay, rawReceive, rawInsert} {
		if statements[i], err = db.Prepare(text); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	for done := 0; done < total; done += group {
		if err := rawCommit(db, statements, last+done, group, world, wallets); err != nil {
			return 0, err
		}
	}
	return float64(total) / time.Since(began).Seconds(), nil
}

func rawCommit(db *sql.DB, statements [3]*sql.Stmt, from, group int, world string, wallets []string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	for i := range group {
		seq, to := from+i+1, wallets[i%len(wallets)]
		key := "raw:" + strconv.Itoa(seq)
		if _, err := tx.Stmt(statements[0]).Exec(5, 0, world, "EUR", key, to); err != nil {
			return err
		}
		if _, err := tx.Stmt(statements[1]).Exec(5, to); err != nil {
			return err
		}
		if _, err := tx.Stmt(statements[2]).Exec(seq, fmt.Sprintf("%015x", seq), key, world, to, fmt.Sprintf("%064d", seq)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

const (
	rawPay = `UPDATE ledger_account_rows SET balance = balance - ?1, held = held - ?2
		WHERE id = ?3 AND currency = ?4 AND held >= ?2
		AND (overdraft OR balance - held + ?2 >= ?1) AND balance - ?1 >= -9007199254740991
		AND NOT EXISTS (SELECT 1 FROM ledger_transfer_rows WHERE key = ?5)
		AND EXISTS (SELECT 1 FROM ledger_account_rows WHERE id = ?6 AND currency = ?4 AND balance <= 9007199254740991 - ?1)`
	rawReceive = `UPDATE ledger_account_rows SET balance = balance + ? WHERE id = ?`
	rawInsert  = `INSERT INTO ledger_transfer_rows (seq, id, key, debit, credit, amount, currency, kind, ref, created, hash)
		VALUES (?, ?, ?, ?, ?, 5, 'EUR', 'bench', 'bench', '2026-11-24 12:00:00.000Z', ?)`
)
