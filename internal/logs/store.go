package logs

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	// KeptDays is how long a line is kept.
	KeptDays = 7
	// KeptBytes is how much of one program's log is kept; the oldest goes first.
	KeptBytes = 64 << 20
)

// The table lies in the auxiliary database and makes itself: that file may be deleted at any time. AUTOINCREMENT
// keeps an id from coming back after a sweep, for a reader goes on from the last id that they saw.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS logs_lines (
		id INTEGER PRIMARY KEY AUTOINCREMENT, appid TEXT NOT NULL, version INTEGER NOT NULL, request TEXT NOT NULL,
		source TEXT NOT NULL, level INTEGER NOT NULL, text TEXT NOT NULL, stack TEXT NOT NULL, device TEXT NOT NULL,
		at INTEGER NOT NULL, size INTEGER NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS idx_logs_lines_program ON logs_lines (appid, id, size)`,
	`CREATE INDEX IF NOT EXISTS idx_logs_lines_at ON logs_lines (at)`,
}

func prepare(app core.App) error {
	for _, statement := range schema {
		if _, err := app.AuxNonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			return fmt.Errorf("table of logs: %w", err)
		}
	}
	return nil
}

const insert = `INSERT INTO logs_lines (appid, version, request, source, level, text, stack, device, at, size)
	VALUES ({:appid}, {:version}, {:request}, {:source}, {:level}, {:text}, {:stack}, {:device}, {:at}, {:size})`

// store writes lines in one transaction.
func store(app core.App, lines []Line) error {
	return app.AuxRunInTransaction(func(tx core.App) error {
		query := tx.AuxNonconcurrentDB().NewQuery(insert).Prepare()
		defer query.Close() //nolint:errcheck // it ends with the transaction at the latest
		for i := range lines {
			line := &lines[i]
			_, err := query.Bind(dbx.Params{
				"appid": line.Program, "version": line.Version, "request": line.Request, "source": line.Source,
				"level": rank(line.Level), "text": line.Text, "stack": line.Stack, "device": line.Device,
				"at": line.At.UnixMilli(), "size": line.size(),
			}).Execute()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Filter chooses lines of one program. Zero values choose everything.
type Filter struct {
	AppID   string
	After   int64  // only lines with a greater ID, oldest first; 0 is the latest Limit lines
	Level   string // this level and the higher ones
	Version int
	Source  string
	Request string
	Q       string // a part of the text, without regard to the case of ASCII letters
	Limit   int    // DefaultLimit if 0, MaxLimit at most
}

const (
	// DefaultLimit is how many lines an answer has at most, unless a limit is asked for.
	DefaultLimit = 200
	// MaxLimit is how many lines may be asked for.
	MaxLimit = 1_000
)

type row struct {
	Line
	Rank   int   `db:"level"`
	Millis int64 `db:"at"`
}

// read is the lines that the filter chooses, in order.
func read(app core.App, filter Filter) ([]Line, error) {
	conditions := []string{"appid = {:appid}"}
	condition := func(use bool, text string) {
		if use {
			conditions = append(conditions, text)
		}
	}
	condition(filter.After > 0, "id > {:after}")
	condition(filter.Level != "", "level >= {:level}")
	condition(filter.Version > 0, "version = {:version}")
	condition(filter.Source != "", "source = {:source}")
	condition(filter.Request != "", "request = {:request}")
	condition(filter.Q != "", `text LIKE {:q} ESCAPE '\'`)
	order := "DESC"
	if filter.After > 0 {
		order = "ASC"
	}
	limit := DefaultLimit
	if filter.Limit > 0 {
		limit = min(filter.Limit, MaxLimit)
	}
	var rows []row
	err := app.AuxConcurrentDB().NewQuery("SELECT id, appid, version, request, source, level, text, stack, device, at FROM logs_lines WHERE " +
		strings.Join(conditions, " AND ") + " ORDER BY id " + order + " LIMIT {:limit}").Bind(dbx.Params{
		"appid": filter.AppID, "after": filter.After, "level": rank(filter.Level), "version": filter.Version, "source": filter.Source,
		"request": filter.Request, "q": "%" + literal.Replace(filter.Q) + "%", "limit": limit,
	}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", filter.AppID, err)
	}
	lines := make([]Line, len(rows))
	for i, row := range rows {
		row.At, row.Level = time.UnixMilli(row.Millis).UTC(), Levels()[row.Rank]
		if order == "DESC" {
			i = len(rows) - 1 - i
		}
		lines[i] = row.Line
	}
	return lines, nil
}

var literal = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// lastID is the id of the last line of any program.
func lastID(app core.App) (int64, error) {
	var last int64
	err := app.AuxConcurrentDB().NewQuery("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'logs_lines'), 0)").Row(&last)
	return last, err
}

// sweep forgets what is older than KeptDays, and of each program what is over KeptBytes.
func sweep(app core.App, now time.Time) error {
	if err := prepare(app); err != nil {
		return err
	}
	_, err := app.AuxNonconcurrentDB().NewQuery("DELETE FROM logs_lines WHERE at < {:limit}").
		Bind(dbx.Params{"limit": now.AddDate(0, 0, -KeptDays).UnixMilli()}).Execute()
	if err != nil {
		return fmt.Errorf("forget old lines: %w", err)
	}
	var heavy []string
	err = app.AuxConcurrentDB().NewQuery("SELECT appid FROM logs_lines GROUP BY appid HAVING SUM(size) > {:limit}").
		Bind(dbx.Params{"limit": KeptBytes}).Column(&heavy)
	if err != nil {
		return fmt.Errorf("find long logs: %w", err)
	}
	for _, appid := range heavy {
		_, err := app.AuxNonconcurrentDB().NewQuery(`DELETE FROM logs_lines WHERE appid = {:appid} AND id <= (
			SELECT id FROM (SELECT id, SUM(size) OVER (ORDER BY id DESC) AS held FROM logs_lines WHERE appid = {:appid})
			WHERE held > {:limit} ORDER BY id DESC LIMIT 1)`).Bind(dbx.Params{"appid": appid, "limit": KeptBytes}).Execute()
		if err != nil {
			return fmt.Errorf("shorten the log of %s: %w", appid, err)
		}
	}
	return nil
}
