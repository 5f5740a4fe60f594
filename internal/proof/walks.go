package proof

import (
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// walk is one way through a table, on which some rules are tested.
type walk struct {
	name   string
	tables []string // without which there is nothing to test
	rules  []string
	// next answers the last key of a chunk and how many keys it has. Without one, the whole table is one chunk.
	next    string
	numbers bool   // the keys are integers
	find    string // rule, subject, expected and actual of every wrong row between two keys
	chain   func(app core.App, after ledger.Link, limit int) (ledger.Link, int64, []ledger.Finding, error)
}

// wrong is a row that find found.
type wrong struct {
	Rule     string `db:"rule"`
	Subject  string `db:"subject"`
	Expected string `db:"expected"`
	Actual   string `db:"actual"`
}

// piece is what one chunk came to.
type piece struct {
	cursor string
	looked int64
	last   bool
	wrong  []wrong
}

// pastEveryText sorts behind every id and every key.
const pastEveryText = "\U0010FFFF"

// keys is the statement that finds the end of a chunk in the key order of a table.
func keys(key, table string) string {
	return fmt.Sprintf(`SELECT MAX(k), COUNT(*) FROM (SELECT %[1]s AS k FROM %[2]s WHERE %[1]s > {:after} ORDER BY %[1]s LIMIT {:limit})`, key, table)
}

// leaps is keys for a column that many rows share: it leaps from one value to the next.
func leaps(key, table string) string {
	return fmt.Sprintf(`WITH RECURSIVE each_key (k) AS (SELECT MIN(%[1]s) FROM %[2]s WHERE %[1]s > {:after}
		UNION ALL SELECT (SELECT MIN(%[1]s) FROM %[2]s WHERE %[1]s > each_key.k) FROM each_key WHERE each_key.k IS NOT NULL LIMIT {:limit})
		SELECT MAX(k), COUNT(k) FROM each_key`, key, table)
}

// read tests the chunk behind the cursor.
func (w walk) read(app core.App, cursor string, limit int) (piece, error) {
	switch {
	case w.chain != nil:
		return w.readChain(app, cursor, limit)
	case w.next == "":
		found, err := w.findAll(app, dbx.Params{})
		return piece{looked: int64(len(found)), last: true, wrong: found}, err
	}
	after, err := w.key(cursor)
	if err != nil {
		return piece{}, err
	}
	var end sql.NullString
	var p piece
	err = app.ConcurrentDB().NewQuery(w.next).Bind(dbx.Params{"after": after, "limit": limit}).Row(&end, &p.looked)
	if err != nil {
		return p, fmt.Errorf("next of %s: %w", w.name, err)
	}
	p.last, p.cursor = p.looked < int64(limit), end.String
	var until any = pastEveryText // of the last chunk: what has come since, and what only the other side of the rule has
	if w.numbers {
		until = int64(math.MaxInt64)
	}
	if !p.last {
		if until, err = w.key(p.cursor); err != nil {
			return p, err
		}
	}
	p.wrong, err = w.findAll(app, dbx.Params{"after": after, "until": until})
	return p, err
}

func (w walk) key(cursor string) (any, error) {
	if !w.numbers {
		return cursor, nil
	}
	if cursor == "" {
		return int64(math.MinInt64), nil
	}
	return strconv.ParseInt(cursor, 10, 64)
}

func (w walk) findAll(app core.App, between dbx.Params) ([]wrong, error) {
	var found []wrong
	if err := app.ConcurrentDB().NewQuery(w.find).Bind(between).All(&found); err != nil {
		return nil, fmt.Errorf("test %s: %w", w.name, err)
	}
	return found, nil
}

// readChain follows a chain of hashes; its cursor is the number and the hash of the last row.
func (w walk) readChain(app core.App, cursor string, limit int) (piece, error) {
	number, hash, _ := strings.Cut(cursor, " ")
	after := ledger.Link{Hash: hash}
	if number != "" {
		var err error
		if after.Seq, err = strconv.ParseInt(number, 10, 64); err != nil {
			return piece{}, err
		}
	}
	last, looked, findings, err := w.chain(app, after, limit)
	p := piece{cursor: fmt.Sprintf("%d %s", last.Seq, last.Hash), looked: looked, last: looked < int64(limit)}
	for _, finding := range findings {
		p.wrong = append(p.wrong, wrong{Rule: w.rules[0], Subject: finding.Row, Expected: "hash", Actual: finding.Problem})
	}
	return p, err
}

// here says whether the tables of the walk are in this database.
func (w walk) here(app core.App) (bool, error) {
	for _, table := range w.tables {
		var there bool
		err := app.ConcurrentDB().NewQuery("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = {:table})").
			Bind(dbx.Params{"table": table}).Row(&there)
		if err != nil || !there {
			return false, err
		}
	}
	return true, nil
}

// walks is every way through, in the order in which a run takes them. A new domain adds its own here, with its rules
// in rules.json; tables that a database does not have are left out, and the run says so.
func walks() []walk {
	all := append(ledgerWalks(), loyaltyWalks()...)
	return append(append(all, shopWalks()...), programWalks()...)
}
