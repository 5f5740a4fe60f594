package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// A chain is an append-only table whose rows each carry a hash of their contents and of the row before, so
// that history cannot be rewritten in the middle without every later row showing it.
type chain string

const (
	transferChain chain = "ledger_transfer_rows"
	auditChain    chain = "ledger_audit"
)

// head is the last row of a chain.
type head struct {
	seq  int64
	hash string
}

// next is the head after a row of these fields. Each field goes in with its length, so that no two rows read
// the same.
func (h head) next(fields ...string) head {
	row := make([]byte, 0, 256)
	row = append(row, h.hash...)
	row = strconv.AppendInt(row, h.seq+1, 10)
	for _, field := range fields {
		row = strconv.AppendInt(append(row, '|'), int64(len(field)), 10)
		row = append(append(row, ':'), field...)
	}
	sum := sha256.Sum256(row)
	return head{seq: h.seq + 1, hash: hex.EncodeToString(sum[:])}
}

// head reads the last row of the chain, at most once per transaction of Write.
func (c chain) head(tx core.App) (head, error) {
	if s := sessionOf(tx); s != nil {
		if last, known := s.heads[c]; known {
			return last, nil
		}
	}
	var last head
	err := tx.DB().NewQuery("SELECT seq, hash FROM "+string(c)+" ORDER BY seq DESC LIMIT 1").Row(&last.seq, &last.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return last, fmt.Errorf("read the end of %s: %w", c, err)
	}
	return last, nil
}

// moved remembers the new last row for the rest of the transaction.
func (c chain) moved(tx core.App, to head) {
	if s := sessionOf(tx); s != nil {
		s.heads[c] = to
	}
}

func appendTransfer(tx core.App, t Transfer, now time.Time) error {
	last, err := transferChain.head(tx)
	if err != nil {
		return err
	}
	at := stamp(now)
	row := last.next(t.fields(at)...)
	_, err = execute(tx, insertTransferSQL, dbx.Params{
		"seq": row.seq, "id": row.hash[:15], "key": t.Key, "debit": t.Debit, "credit": t.Credit, "amount": t.Amount,
		"currency": t.Currency, "kind": t.Kind, "ref": t.Ref, "at": at, "hash": row.hash,
	})
	if err != nil {
		return fmt.Errorf("transfer %s: %w", t.Key, err)
	}
	transferChain.moved(tx, row)
	return nil
}

func (t Transfer) fields(at string) []string {
	return []string{t.Key, t.Debit, t.Credit, strconv.FormatInt(int64(t.Amount), 10), t.Currency, t.Kind, t.Ref, at}
}

// Audit writes down that actor did act to subject. The detail is any JSON value that explains it.
func Audit(tx core.App, actor, act, subject string, detail any, now time.Time) error {
	told, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit %s of %s: %w", act, subject, err)
	}
	last, err := auditChain.head(tx)
	if err != nil {
		return err
	}
	at := stamp(now)
	row := last.next(at, actor, act, subject, string(told))
	_, err = execute(tx, insertAuditSQL, dbx.Params{
		"seq": row.seq, "at": at, "actor": actor, "act": act, "subject": subject, "detail": string(told), "hash": row.hash,
	})
	if err != nil {
		return fmt.Errorf("audit %s of %s: %w", act, subject, err)
	}
	auditChain.moved(tx, row)
	return nil
}

// stamp is how the tables write an instant: PocketBase's form, whose text order is the order of time.
func stamp(at time.Time) string {
	return at.UTC().Format("2006-01-02 15:04:05.000Z")
}

const insertTransferSQL = `INSERT INTO ledger_transfer_rows
	(seq, id, key, debit, credit, amount, currency, kind, ref, created, hash)
	VALUES ({:seq}, {:id}, {:key}, {:debit}, {:credit}, {:amount}, {:currency}, {:kind}, {:ref}, {:at}, {:hash})`

const insertAuditSQL = `INSERT INTO ledger_audit (seq, at, actor, act, subject, detail, hash)
	VALUES ({:seq}, {:at}, {:actor}, {:act}, {:subject}, {:detail}, {:hash})`
