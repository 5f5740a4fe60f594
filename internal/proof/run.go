package proof

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
)

const (
	runsTable     = "proof_runs"
	findingsTable = "proof_findings"
	workJob       = "proof.work"
	stoppedKey    = "plaza.proof.stopped" // set once the server ends
)

// promise is the payload of the job that does a run's work.
type promise struct {
	Run string `json:"run"`
}

// Start begins a run, or answers the one that is under way: there is one at a time. The work itself is a job.
func Start(app core.App, actor string, now time.Time) (Run, error) {
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		id = ""
		under, err := tx.FindFirstRecordByData(runsTable, "state", Running)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("running proof: %w", err)
		}
		if err == nil && now.Sub(under.GetDateTime("updated").Time().Add(clock.Ahead(tx))) < StaleAfter {
			id = under.Id
			return nil
		}
		if err == nil { // its job was given up
			if err := end(tx, under, Failed, "it stopped making progress", now); err != nil {
				return err
			}
		}
		collection, err := tx.FindCollectionByNameOrId(runsTable)
		if err != nil {
			return fmt.Errorf("proof runs: %w", err)
		}
		run := core.NewRecord(collection)
		run.Load(map[string]any{"state": Running, "actor": actor, "started": now, "steps": len(walks()), "rules": []Tested{}})
		if err := tx.Save(run); err != nil {
			return fmt.Errorf("begin a proof: %w", err)
		}
		id = run.Id
		if err := jobs.Add(tx, workJob, id, promise{Run: id}, now); err != nil || actor == "" {
			return err
		}
		return ledger.Audit(tx, actor, "proof.run", id, nil, now)
	})
	if err != nil {
		return Run{}, err
	}
	return Find(app, id)
}

// work takes a run to its end, from wherever it stands.
func work(app core.App, id string, now time.Time) error {
	record, err := app.FindRecordById(runsTable, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("proof %s: %w", id, err)
	}
	if record.GetString("state") != Running {
		return nil
	}
	p := progress{app: app, run: id, step: record.GetInt("step"), cursor: record.GetString("cursor"), looked: record.GetInt64("looked"), wrong: record.GetInt64("wrong"), saved: time.Now(), now: now}
	if err := record.UnmarshalJSONField("rules", &p.rules); err != nil {
		return fmt.Errorf("proof %s: %w", id, err)
	}
	if err := p.walk(walks()); err != nil {
		if temporary(err) {
			return err // the job is tried again, and goes on
		}
		app.Logger().Error("a proof could not be finished", "run", id, "error", err)
		return p.close(Failed, err.Error())
	}
	return p.close(Done, "")
}

func temporary(err error) bool {
	return errors.Is(err, errStopped) || errors.Is(err, ledger.ErrBusy) || errors.Is(err, ledger.ErrClosing)
}

// progress is where a run stands, and what it has found since that was last written down.
type progress struct {
	app           core.App
	run           string
	step          int
	cursor        string
	looked, wrong int64
	rules         []Tested
	found         []wrong
	saved         time.Time
	now           time.Time
}

func (p *progress) walk(all []walk) error {
	for p.step < len(all) {
		w := all[p.step]
		here, err := w.here(p.app)
		if err != nil {
			return err
		}
		last := true
		if here {
			if last, err = p.advance(w); err != nil {
				return err
			}
		} else {
			for _, rule := range w.rules {
				p.of(rule).Absent = true
			}
		}
		if last {
			for _, rule := range w.rules {
				p.of(rule)
			}
			p.step, p.cursor = p.step+1, ""
		}
		_, stopped := p.app.Store().GetOk(stoppedKey)
		if stopped || len(p.found) > 0 || time.Since(p.saved) >= flushEvery {
			if err := p.flush(); err != nil {
				return err
			}
		}
		if stopped {
			return errStopped
		}
	}
	return nil
}

// advance reads one chunk.
func (p *progress) advance(w walk) (last bool, err error) {
	chunk, err := w.read(p.app, p.cursor, Chunk)
	if err != nil {
		return false, err
	}
	p.looked += chunk.looked
	for _, rule := range w.rules {
		p.of(rule).Looked += chunk.looked
	}
	for _, one := range chunk.wrong {
		tested := p.of(one.Rule)
		tested.Wrong++
		p.wrong++
		if tested.Wrong <= FindingsCap {
			p.found = append(p.found, one)
		}
	}
	if chunk.cursor != "" {
		p.cursor = chunk.cursor
	}
	return chunk.last, nil
}

// of is the run's account of a rule.
func (p *progress) of(rule string) *Tested {
	for i := range p.rules {
		if p.rules[i].Rule == rule {
			return &p.rules[i]
		}
	}
	p.rules = append(p.rules, Tested{Rule: rule})
	return &p.rules[len(p.rules)-1]
}

// flush commits where the run stands together with what it has found.
func (p *progress) flush() error {
	err := ledger.Write(p.app, func(tx core.App) error { return p.write(tx, nil) })
	if err == nil {
		p.found, p.saved = nil, time.Now()
	}
	return err
}

// close ends the run. The findings of the last one that came to its end are what waits for the operator.
func (p *progress) close(state, why string) error {
	err := ledger.Write(p.app, func(tx core.App) error {
		return p.write(tx, func(run *core.Record) error { return end(tx, run, state, why, p.now) })
	})
	if err != nil || p.wrong == 0 {
		return err
	}
	p.app.Logger().Error("the proof found rows that cannot be: look at the operator's room", "run", p.run, "findings", p.wrong)
	return nil
}

func (p *progress) write(tx core.App, then func(run *core.Record) error) error {
	run, err := tx.FindRecordById(runsTable, p.run)
	if err != nil {
		return fmt.Errorf("proof %s: %w", p.run, err)
	}
	for _, one := range p.found {
		if err := raise(tx, p.run, one); err != nil {
			return err
		}
	}
	run.Load(map[string]any{"step": p.step, "cursor": p.cursor, "looked": p.looked, "wrong": p.wrong, "rules": p.rules})
	if then != nil {
		return then(run)
	}
	return save(tx, run)
}

func end(tx core.App, run *core.Record, state, why string, now time.Time) error {
	run.Set("state", state)
	run.Set("finished", now)
	run.Set("error", why[:min(len(why), 2000)])
	if state == Done {
		_, err := tx.NonconcurrentDB().NewQuery("UPDATE proof_runs SET latest = FALSE WHERE latest = TRUE").Execute()
		if err != nil {
			return fmt.Errorf("end proof %s: %w", run.Id, err)
		}
		run.Set("latest", true)
	}
	if err := save(tx, run); err != nil {
		return err
	}
	return prune(tx)
}

// prune forgets the oldest runs with what they found, but never the one whose findings wait.
func prune(tx core.App) error {
	old, err := tx.FindRecordsByFilter(runsTable, "state != 'running' && latest = false", "-started", 0, RunsKept)
	if err != nil {
		return fmt.Errorf("old proofs: %w", err)
	}
	for _, run := range old {
		if err := tx.Delete(run); err != nil {
			return fmt.Errorf("forget proof %s: %w", run.Id, err)
		}
	}
	return nil
}

// raise writes a finding down once. What somebody has acknowledged stays so while row and figures are the same.
func raise(tx core.App, run string, one wrong) error {
	params := dbx.Params{"run": run, "rule": one.Rule, "row": one.Subject, "expected": one.Expected, "actual": one.Actual}
	var known bool
	err := tx.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM proof_findings WHERE run = {:run} AND rule = {:rule} AND of_row = {:row})").
		Bind(params).Row(&known)
	if err != nil || known {
		return err
	}
	collection, err := tx.FindCollectionByNameOrId(findingsTable)
	if err != nil {
		return fmt.Errorf("proof findings: %w", err)
	}
	finding := core.NewRecord(collection)
	finding.Load(map[string]any{
		"run": run, "rule": one.Rule, "of_table": tableOf(one.Rule), "of_row": one.Subject,
		"expected": one.Expected, "actual": one.Actual, "state": Open,
	})
	var before Finding
	err = tx.DB().NewQuery(`SELECT state, reason, actor, acknowledged FROM proof_findings f WHERE rule = {:rule} AND of_row = {:row}
		AND expected = {:expected} AND actual = {:actual} ORDER BY (SELECT started FROM proof_runs WHERE id = f.run) DESC, created DESC LIMIT 1`).
		Bind(params).One(&before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("earlier finding of %s: %w", one.Subject, err)
	}
	if err == nil && before.State == Acknowledged {
		finding.Load(map[string]any{"state": before.State, "reason": before.Reason, "actor": before.Actor, "acknowledged": before.Acknowledged})
	}
	return save(tx, finding)
}

func save(tx core.App, record *core.Record) error {
	if err := tx.Save(record); err != nil {
		return fmt.Errorf("save in %s: %w", record.Collection().Name, err)
	}
	return nil
}

const selectRuns = `SELECT id, state, actor, started, finished, step, steps, looked, wrong, error, latest,
	(SELECT COUNT(*) FROM proof_findings f WHERE f.run = r.id AND f.state = 'open') AS open, rules FROM proof_runs r `

type runRow struct {
	Run
	Tested types.JSONRaw `db:"rules"`
}

func (r runRow) run() (Run, error) {
	run := r.Run
	if err := json.Unmarshal(r.Tested, &run.Rules); err != nil {
		return run, fmt.Errorf("rules of proof %s: %w", run.ID, err)
	}
	return run, nil
}

// Find is the run of that id.
func Find(app core.App, id string) (Run, error) {
	var row runRow
	err := app.DB().NewQuery(selectRuns + "WHERE id = {:id}").Bind(dbx.Params{"id": id}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, ErrUnknownRun
	}
	if err != nil {
		return Run{}, fmt.Errorf("proof %s: %w", id, err)
	}
	return row.run()
}

// Runs is the last runs, latest first.
func Runs(app core.App, limit int) ([]Run, error) {
	var rows []runRow
	if err := app.DB().NewQuery(selectRuns + "ORDER BY started DESC, created DESC LIMIT {:limit}").Bind(dbx.Params{"limit": limit}).All(&rows); err != nil {
		return nil, fmt.Errorf("last proofs: %w", err)
	}
	runs := make([]Run, len(rows))
	for i, row := range rows {
		var err error
		if runs[i], err = row.run(); err != nil {
			return nil, err
		}
	}
	return runs, nil
}
