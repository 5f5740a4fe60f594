package leaderboards

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// board is one leaderboard of a program: the released one, or that of trial versions.
type board struct {
	ID      int64  `db:"id"`
	Program string `db:"program"`
	AppID   string `db:"appid"`
	Trial   bool   `db:"trial"`
	Name    string `db:"board"`
	Text    string `db:"spec"`
	Live    bool   `db:"live"`
	Epoch   int64  `db:"epoch"`

	Spec check.ManifestBoard `db:"-"`
}

const selectBoards = "SELECT id, program, appid, trial, board, spec, live, epoch FROM leaderboards_boards WHERE "

func (b *board) read() error {
	if err := json.Unmarshal([]byte(b.Text), &b.Spec); err != nil {
		return fmt.Errorf("leaderboard %s of %s: %w", b.Name, b.AppID, err)
	}
	b.Spec = b.Spec.Settled()
	return nil
}

// boards are those that fit the condition.
func boards(app core.App, condition string, params dbx.Params) ([]board, error) {
	var found []board
	if err := app.DB().NewQuery(selectBoards + condition).Bind(params).All(&found); err != nil {
		return nil, fmt.Errorf("leaderboards: %w", err)
	}
	for i := range found {
		if err := found[i].read(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// boardOf is the board that the caller means. Boards of a trial version are made when they are first asked for, from
// that version's manifest.
func boardOf(app core.App, c Caller, name string) (board, error) {
	var b board
	err := ask(app, selectBoards+"program = {:program} AND trial = {:trial} AND board = {:board} AND live = 1").
		Bind(dbx.Params{"program": c.Program.ID, "trial": c.Program.Trial, "board": name}).One(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return b, ErrBoardUnknown.With("board", name)
	}
	if err != nil {
		return b, fmt.Errorf("leaderboard %s of %s: %w", name, c.Program.AppID, err)
	}
	return b, b.read()
}

// prepareTrial brings the boards of a trial version to what its manifest says. It is called before a verb's own
// transaction, for most versions have nothing to bring.
func prepareTrial(app core.App, c Caller, now time.Time) error {
	if !c.Program.Trial {
		return nil
	}
	declared, err := declaredBy(app, "v.package = {:package}", dbx.Params{"program": c.Program.ID, "package": c.Program.Package})
	if err != nil {
		return err
	}
	known, err := boards(app, "program = {:program} AND trial = 1", dbx.Params{"program": c.Program.ID})
	if err != nil || same(known, declared) {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		return settle(tx, c.Program.ID, c.Program.AppID, true, declared, now)
	})
}

// same tells whether the live ones of the boards are what is declared.
func same(known []board, declared []check.ManifestBoard) bool {
	live := map[string]string{}
	for _, b := range known {
		if b.Live {
			live[b.Name] = b.Text
		}
	}
	for _, spec := range declared {
		if text, err := json.Marshal(spec); err != nil || live[spec.ID] != string(text) {
			return false
		}
	}
	return len(live) == len(declared)
}

// declaredBy is what the manifest of one version of the program declares.
func declaredBy(app core.App, condition string, params dbx.Params) ([]check.ManifestBoard, error) {
	var text string
	err := app.DB().NewQuery(`SELECT COALESCE(json_extract(v.manifest, '$.x_plaza.leaderboards'), '[]') FROM programs_versions v
		WHERE v.program = {:program} AND ` + condition + " LIMIT 1").Bind(params).Row(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("leaderboards of a version: %w", err)
	}
	var declared []check.ManifestBoard
	if err := json.Unmarshal([]byte(text), &declared); err != nil {
		return nil, fmt.Errorf("leaderboards of a version: %w", err)
	}
	return declared, nil
}

// bindBoards keeps the boards what the program's versions declare, in the transaction that changes what people have.
func bindBoards(app core.App) {
	app.OnRecordUpdateExecute("programs").BindFunc(func(e *core.RecordEvent) error {
		before := dbx.NullStringMap{}
		err := e.App.DB().Select("[[release]]", "[[rollout]]", "[[status]]").From("programs").Where(dbx.HashExp{"id": e.Record.Id}).One(before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("program %s: %w", e.Record.Id, err)
		}
		if err := e.Next(); err != nil {
			return err
		}
		for _, field := range []string{"release", "rollout", "status"} {
			if before[field].String != e.Record.GetString(field) {
				return follow(e.App, e.Record, clock.Now(e.App))
			}
		}
		return nil
	})
	app.OnRecordDeleteExecute("programs").BindFunc(func(e *core.RecordEvent) error {
		if err := forgetProgram(e.App, e.Record.Id); err != nil {
			return err
		}
		return e.Next()
	})
}

// follow makes the program's boards those of the version that everybody has, and beside them those that are new in the
// one that is being rolled out. A program that is stopped keeps its boards as they are.
func follow(tx core.App, program *core.Record, now time.Time) error {
	if program.GetString("status") != "live" {
		return nil
	}
	declared, err := declaredBy(tx, "v.id = {:version}", dbx.Params{"program": program.Id, "version": program.GetString("release")})
	if err != nil {
		return err
	}
	coming, err := declaredBy(tx, "v.id = {:version}", dbx.Params{"program": program.Id, "version": program.GetString("rollout")})
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, spec := range declared {
		known[spec.ID] = true
	}
	for _, spec := range coming {
		if !known[spec.ID] {
			declared = append(declared, spec)
		}
	}
	return settle(tx, program.Id, program.GetString("appid"), false, declared, now)
}

// settle makes the rows of the program what is declared. A board that is not declared any more keeps its history. One
// that is sorted or counted in another way begins a new season at once: what was there cannot be compared.
func settle(tx core.App, program, appid string, trial bool, declared []check.ManifestBoard, now time.Time) error {
	known, err := boards(tx, "program = {:program} AND trial = {:trial}", dbx.Params{"program": program, "trial": trial})
	if err != nil {
		return err
	}
	rows := map[string]board{}
	for _, b := range known {
		rows[b.Name] = b
	}
	for _, spec := range declared {
		b, there := rows[spec.ID]
		delete(rows, spec.ID)
		if err := declare(tx, program, appid, trial, b, there, spec, now); err != nil {
			return err
		}
	}
	for _, gone := range rows {
		if !gone.Live {
			continue
		}
		if err := execute(tx, "UPDATE leaderboards_boards SET live = 0, updated = {:now} WHERE id = {:id}", dbx.Params{"id": gone.ID, "now": millis(now)}); err != nil {
			return err
		}
	}
	return nil
}

func declare(tx core.App, program, appid string, trial bool, b board, there bool, spec check.ManifestBoard, now time.Time) error {
	text, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	params := dbx.Params{"id": b.ID, "program": program, "appid": appid, "trial": trial, "board": spec.ID, "spec": string(text), "now": millis(now)}
	if !there {
		return execute(tx, `INSERT INTO leaderboards_boards (program, appid, trial, board, spec, live, created, updated)
			VALUES ({:program}, {:appid}, {:trial}, {:board}, {:spec}, 1, {:now}, {:now})`, params)
	}
	if b.Live && b.Text == string(text) {
		return nil
	}
	settled := spec.Settled()
	params["epoch"] = b.Epoch
	if err := bound(tx, b, settled, now); err != nil {
		return err
	}
	if settled.Sort != b.Spec.Sort || settled.Operator != b.Spec.Operator {
		params["epoch"] = b.Epoch + 1
		if err := cut(tx, b, now); err != nil {
			return err
		}
	}
	return execute(tx, "UPDATE leaderboards_boards SET spec = {:spec}, live = 1, epoch = {:epoch}, updated = {:now} WHERE id = {:id}", params)
}

// cut ends the seasons that run at an instant; they are closed and paid like any other. One that began at that very
// instant has lasted for a moment.
func cut(tx core.App, b board, now time.Time) error {
	return execute(tx, `UPDATE leaderboards_seasons SET ends = MAX({:now}, starts + 1)
		WHERE board = {:board} AND closed = 0 AND (ends = 0 OR ends > {:now})`, dbx.Params{"board": b.ID, "now": millis(now)})
}

// bound gives a season without an end the first boundary of a schedule that the board did not have.
func bound(tx core.App, b board, spec check.ManifestBoard, now time.Time) error {
	if spec.Reset == b.Spec.Reset && (spec.Tournament != nil) == (b.Spec.Tournament != nil) {
		return nil
	}
	if spec.Tournament != nil || spec.Reset == "" {
		return execute(tx, "UPDATE leaderboards_seasons SET ends = MAX({:now}, starts + 1) WHERE board = {:board} AND closed = 0 AND ends = 0",
			dbx.Params{"board": b.ID, "now": millis(now)})
	}
	zone, err := zoneOf(tx, b.Program)
	if err != nil {
		return err
	}
	span, err := spanOf(spec, now, zone)
	if err != nil || span.ends.IsZero() {
		return err
	}
	return execute(tx, "UPDATE leaderboards_seasons SET ends = {:ends} WHERE board = {:board} AND closed = 0 AND ends = 0",
		dbx.Params{"board": b.ID, "ends": millis(span.ends)})
}

// forgetProgram forgets all boards of a program, but for the prizes that were paid.
func forgetProgram(tx core.App, program string) error {
	params := dbx.Params{"program": program}
	const of = " IN (SELECT id FROM leaderboards_boards WHERE program = {:program})"
	const ofSeasons = " IN (SELECT s.id FROM leaderboards_seasons s JOIN leaderboards_boards b ON b.id = s.board WHERE b.program = {:program})"
	for _, statement := range []string{
		"DELETE FROM leaderboards_logs WHERE score IN (SELECT id FROM leaderboards_scores WHERE season" + ofSeasons + ")",
		"DELETE FROM leaderboards_scores WHERE season" + ofSeasons,
		"DELETE FROM leaderboards_entrants WHERE season" + ofSeasons,
		"DELETE FROM leaderboards_prizes WHERE state <> 'paid' AND season" + ofSeasons,
		"DELETE FROM leaderboards_plays WHERE board" + of,
		"DELETE FROM leaderboards_tries WHERE board" + of,
		"DELETE FROM leaderboards_bans WHERE board" + of,
		"DELETE FROM leaderboards_seasons WHERE board" + of,
		"DELETE FROM leaderboards_boards WHERE program = {:program}",
	} {
		if err := execute(tx, statement, params); err != nil {
			return err
		}
	}
	return nil
}

// ask is a query on app: compiled once when app is a transaction of ledger.Write, and beside the writer when it is none.
func ask(app core.App, statement string) *dbx.Query {
	if _, joined := app.NonconcurrentDB().(*dbx.Tx); joined {
		return ledger.Statement(app, statement)
	}
	return app.DB().NewQuery(statement)
}

// execute runs a statement that writes.
func execute(tx core.App, statement string, params dbx.Params) error {
	_, err := changed(tx, statement, params)
	return err
}

// changed runs a statement that writes and says how many rows it wrote.
func changed(tx core.App, statement string, params dbx.Params) (int64, error) {
	result, err := ledger.Statement(tx, statement).Bind(params).Execute()
	if err != nil {
		return 0, fmt.Errorf("leaderboards: %w", err)
	}
	return result.RowsAffected()
}
