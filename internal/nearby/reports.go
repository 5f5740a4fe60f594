package nearby

import (
	"net/http"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

const (
	// ReportsPerDay is how many things a person may say in 24 hours are wrong.
	ReportsPerDay = 20
	// reportsShown is how many the operator sees at once, those that most people said first.
	reportsShown = 100
)

var (
	// ErrBadReport refuses a report of a kind that there is not.
	ErrBadReport = refusal.New(http.StatusBadRequest, "bad_report", "Say what is wrong: closed, hours, position or details.").With("field", "kind")
	// ErrTooManyReports refuses a report over the limit of a day.
	ErrTooManyReports = refusal.New(http.StatusTooManyRequests, "too_many_reports", "You have reported enough for today. Thank you.").With("limit", ReportsPerDay)
	// ErrReportUnknown refuses to settle what nobody reports.
	ErrReportUnknown = refusal.New(http.StatusNotFound, "report_unknown", "Nobody reports that of this listing.")
)

// ReportKinds are what may be wrong with a listing: it has closed for good, or its hours, its position or its details.
func ReportKinds() []string { return []string{"closed", "hours", "position", "details"} }

// Reported is one thing that people say is wrong with a listing. Who they are is nobody's business.
type Reported struct {
	Listing string `json:"listing"`
	Name    string `json:"name"`
	Address string `json:"address"`
	OrgName string `json:"org_name"`
	Kind    string `json:"kind"`
	People  int    `json:"people"`
	Since   string `json:"since"`
}

// ReportWrong writes down that a person finds something wrong with a listing; saying it again says nothing new.
func ReportWrong(app core.App, user *core.Record, listing, kind string, now time.Time) error {
	if !slices.Contains(ReportKinds(), kind) {
		return ErrBadReport
	}
	found, err := byID(app, listing)
	if err != nil {
		return err
	}
	if found.Hidden {
		return ErrListingUnknown
	}
	if found.MergedInto != "" {
		listing = found.MergedInto
	}
	return ledger.Write(app, func(tx core.App) error {
		said, err := tx.FindAllRecords("nearby_reports",
			dbx.HashExp{"user": user.Id}, dbx.NewExp("created > {:since}", dbx.Params{"since": stamp(now.Add(-24 * time.Hour))}))
		if err != nil {
			return err
		}
		open, err := tx.CountRecords("nearby_reports", dbx.HashExp{"user": user.Id, "listing": listing, "kind": kind, "state": "open"})
		if err != nil || open > 0 {
			return err
		}
		if len(said) >= ReportsPerDay {
			return ErrTooManyReports
		}
		reports, err := tx.FindCollectionByNameOrId("nearby_reports")
		if err != nil {
			return err
		}
		record := core.NewRecord(reports)
		record.Load(map[string]any{"listing": listing, "kind": kind, "user": user.Id, "state": "open"})
		return tx.Save(record)
	})
}

// ListReported is what people say is wrong and nobody has settled, what most of them say first.
func ListReported(app core.App) ([]Reported, error) {
	all := []Reported{}
	err := app.DB().NewQuery(`SELECT r.listing, l.name, l.address, COALESCE(o.name, '') AS org_name, r.kind,
		COUNT(*) AS people, MIN(r.created) AS since FROM nearby_reports r JOIN nearby_listings l ON l.id = r.listing
		LEFT JOIN orgs o ON o.id = l.org WHERE r.state = 'open' GROUP BY r.listing, r.kind
		ORDER BY people DESC, since LIMIT {:limit}`).Bind(dbx.Params{"limit": reportsShown}).All(&all)
	return all, err
}

// SettleReported closes what people say of a listing: it was put right, or it was right.
func SettleReported(app core.App, listing, kind, actor string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		result, err := tx.DB().NewQuery(`UPDATE nearby_reports SET state = 'settled', updated = {:now}
			WHERE listing = {:listing} AND kind = {:kind} AND state = 'open'`).
			Bind(dbx.Params{"now": stamp(now), "listing": listing, "kind": kind}).Execute()
		if err != nil {
			return err
		}
		settled, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if settled == 0 {
			return ErrReportUnknown
		}
		return ledger.Audit(tx, actor, "nearby.report.settle", listing, map[string]any{"kind": kind, "people": settled}, now)
	})
}

type reportBody struct {
	Kind string `json:"kind"`
}

// bindReports is the routes of what people find wrong.
func bindReports(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings/{id}/report", Tag: "nearby",
		Summary: "Say what is wrong with a listing; saying it again says nothing new.",
		Body:    reportBody{}, Refusals: []*refusal.Refusal{ErrListingUnknown, ErrBadReport, ErrTooManyReports},
	}, func(e *core.RequestEvent) error {
		var body reportBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		if err := ReportWrong(e.App, e.Auth, e.Request.PathValue("id"), body.Kind, clock.Now(e.App)); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/nearby/reports", Tag: "nearby",
		Summary: "The operator: what people say is wrong with listings, what most of them say first.",
		Answer:  []Reported{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, func(e *core.RequestEvent) error {
		if !identity.IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		all, err := ListReported(e.App)
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, all)
	})
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/nearby/listings/{id}/reports/settle", Tag: "nearby",
		Summary: "The operator: close what people say is wrong with a listing.",
		Body:    reportBody{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly, ErrReportUnknown},
	}, func(e *core.RequestEvent) error {
		if !identity.IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		var body reportBody
		if err := route.Decode(e, &body); err != nil {
			return err
		}
		if err := SettleReported(e.App, e.Request.PathValue("id"), body.Kind, e.Auth.Id, clock.Now(e.App)); err != nil {
			return err
		}
		return e.NoContent(http.StatusNoContent)
	})
}
