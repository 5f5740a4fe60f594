package proof

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// shownRuns is how many of the last runs an answer lists.
const shownRuns = 30

// Register binds the routes, the nightly run and the job that does the work.
func Register(app core.App) {
	jobs.Every(app, "proof.nightly", "40 2 * * *", "UTC", func(app core.App, _ time.Time) error {
		_, err := Start(app, "", clock.Now(app))
		return err
	})
	jobs.Handle(app, workJob, func(app core.App, payload []byte, now time.Time) error {
		var promised promise
		if err := json.Unmarshal(payload, &promised); err != nil {
			return err
		}
		return work(app, promised.Run, now)
	})
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		app.Store().Set(stoppedKey, true) // the jobs wait for it, and it need not be waited for
		return e.Next()
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		routes(se)
		return se.Next()
	})
}

func routes(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/proof", Tag: "proof",
		Summary: "The rules that are proved every night, the last runs, and the findings of one of them (?run=ID; else the latest). Operators only.",
		Answer:  Overview{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrUnknownRun},
	}, operatorOnly(handleOverview))
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/proof/run", Tag: "proof",
		Summary: "Prove everything now; answers the run that is under way when there is one. Operators only.",
		Answer:  Run{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, operatorOnly(func(e *core.RequestEvent) error {
		run, err := Start(e.App, e.Auth.Id, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, run)
	}))
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/proof/findings/{id}/acknowledge", Tag: "proof",
		Summary: "Say that a finding is known and why it may stand. Operators only.",
		Body:    reasonBody{}, Answer: Finding{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrUnknownFinding, ErrReason},
	}, operatorOnly(handleAcknowledge))
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/proof/findings/{id}/reopen", Tag: "proof",
		Summary: "Take the acknowledgement of a finding back. Operators only.",
		Answer:  Finding{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrUnknownFinding},
	}, operatorOnly(func(e *core.RequestEvent) error {
		finding, err := Reopen(e.App, e.Request.PathValue("id"), e.Auth.Id, clock.Now(e.App))
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, finding)
	}))
}

type reasonBody struct {
	Reason string `json:"reason"`
}

// Overview is what the operator's room shows.
type Overview struct {
	Rules    []Rule    `json:"rules"`
	Runs     []Run     `json:"runs"`
	Run      *Run      `json:"run"` // whose findings these are; null before the first
	Findings []Finding `json:"findings"`
}

func operatorOnly(action func(e *core.RequestEvent) error) func(e *core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		if !identity.IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		return action(e)
	}
}

func handleOverview(e *core.RequestEvent) error {
	answer := Overview{Rules: Rules(), Findings: []Finding{}}
	var err error
	if answer.Runs, err = Runs(e.App, shownRuns); err != nil {
		return err
	}
	if answer.Run, err = chosen(e.App, answer.Runs, e.Request.URL.Query().Get("run")); err != nil {
		return err
	}
	if answer.Run != nil {
		if answer.Findings, err = Findings(e.App, answer.Run.ID); err != nil {
			return err
		}
	}
	return e.JSON(http.StatusOK, answer)
}

// chosen is the run of that id; without one the last that came to its end, or else the last.
func chosen(app core.App, runs []Run, id string) (*Run, error) {
	if id != "" {
		run, err := Find(app, id)
		return &run, err
	}
	for i := range runs {
		if runs[i].Latest {
			return &runs[i], nil
		}
	}
	if len(runs) > 0 {
		return &runs[0], nil
	}
	return nil, nil //nolint:nilnil // nothing was proved yet
}

func handleAcknowledge(e *core.RequestEvent) error {
	var body reasonBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	finding, err := Acknowledge(e.App, e.Request.PathValue("id"), body.Reason, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, finding)
}
