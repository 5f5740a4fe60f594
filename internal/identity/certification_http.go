package identity

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/jobs"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// expireSpec is when seals that have ended are taken: each hour, so that none is late by more.
const expireSpec = "7 * * * *"

// certificationsPage is how many certifications a page has.
const certificationsPage = 100

func registerCertification(app core.App) {
	jobs.Every(app, "identity.expire", expireSpec, "UTC", func(app core.App, _ time.Time) error {
		_, err := ExpireCertifications(app, clock.Now(app))
		return err
	})
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		bindCertification(se)
		return se.Next()
	})
}

func bindCertification(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/orgs/{id}/certification", Tag: "certification",
		Summary:  "Ask for your organisation's certification. A form: kind (business, agency), legal_name, registration, country, and 1 to 5 files named documents.",
		Answer:   map[string]any{},
		Refusals: []*refusal.Refusal{ErrNotStaff, ErrRoleRequired, ErrBadApplication, ErrBadDocument, ErrApplicationOpen, ErrHouseCertified},
	}, handleApply)
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/certifications", Tag: "certification",
		Summary: "Certifications, those that wait longest first; ?state=applied, certified, refused, expired, revoked; ?page.",
		Answer:  []Certification{}, Refusals: []*refusal.Refusal{ledger.ErrOperatorOnly},
	}, operatorOnly(handleCertifications))
	decided := []*refusal.Refusal{ledger.ErrOperatorOnly, ErrCertificationNotFound, ErrCertificationDecided, ErrOwnOrganisation}
	route.Handle(se, route.Operation{
		Method: http.MethodPost, Path: "/api/certifications/{id}/certify", Tag: "certification",
		Summary: "Give the organisation its seal until a day, at most three years away.", Body: certifyBody{}, Answer: map[string]any{},
		Refusals: append([]*refusal.Refusal{ErrBadUntil}, decided...),
	}, operatorOnly(handleCertify))
	saying := func(verb, summary string, act func(app core.App, id, reason, actor string, now time.Time) (*core.Record, error)) {
		route.Handle(se, route.Operation{
			Method: http.MethodPost, Path: "/api/certifications/{id}/" + verb, Tag: "certification",
			Summary: summary, Body: reasonBody{}, Answer: map[string]any{},
			Refusals: append([]*refusal.Refusal{ErrReasonRequired}, decided...),
		}, operatorOnly(func(e *core.RequestEvent) error {
			var body reasonBody
			if err := route.Decode(e, &body); err != nil {
				return err
			}
			certification, err := act(e.App, e.Request.PathValue("id"), body.Reason, e.Auth.Id, clock.Now(e.App))
			if err != nil {
				return err
			}
			return e.JSON(http.StatusOK, certification)
		}))
	}
	saying("refuse", "Refuse an application, saying why.", Refuse)
	saying("revoke", "Take a seal away at once, saying why.", Revoke)
}

func operatorOnly(action func(e *core.RequestEvent) error) func(e *core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		if !IsOperator(e.Auth) {
			return ledger.ErrOperatorOnly
		}
		return action(e)
	}
}

func handleApply(e *core.RequestEvent) error {
	org := e.Request.PathValue("id")
	// Who may is asked before the body is read: a stranger's 25 MB are not worth receiving.
	if _, err := Require(e.App, e.Auth, org, Owner); err != nil {
		return err
	}
	documents, err := e.FindUploadedFiles("documents")
	if err != nil && !errors.Is(err, http.ErrMissingFile) {
		return ErrBadApplication.With("field", "documents").With("detail", err.Error())
	}
	form := e.Request.FormValue
	certification, err := Apply(e.App, org, Application{
		Kind: form("kind"), LegalName: form("legal_name"), Registration: form("registration"), Country: form("country"), Documents: documents,
	}, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, certification)
}

// Certification is a certification as the operator's list shows it.
type Certification struct {
	Certification *core.Record   `json:"certification"`
	Org           CertifiedOrg   `json:"org"`
	AppliedByName string         `json:"applied_by_name"`
	DecidedByName string         `json:"decided_by_name"`
	AgeSeconds    int            `json:"age_seconds"` // since the application
	Own           bool           `json:"own"`         // the one who asks works there, and may not decide
	Renews        types.DateTime `json:"renews"`      // the end of the seal that an application would renew; empty when there is none
}

// CertifiedOrg is what there is to know of an organisation when one decides on it.
type CertifiedOrg struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	Slug            string         `json:"slug"`
	Kind            string         `json:"kind"`
	Country         string         `json:"country"`
	Certified       bool           `json:"certified"`
	CertifiedAgency bool           `json:"certified_agency"`
	CertifiedUntil  types.DateTime `json:"certified_until"`
	Created         types.DateTime `json:"created"`
}

func handleCertifications(e *core.RequestEvent) error {
	query := e.Request.URL.Query()
	page, err := strconv.Atoi(query.Get("page"))
	if err != nil || page < 1 || page > 1_000_000 {
		page = 1
	}
	list, err := Certifications(e.App, query.Get("state"), page, e.Auth, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, list)
}

// Certifications is a page of the certifications in a state, or of all: applications by age, the oldest first;
// what is decided, the latest first.
func Certifications(app core.App, state string, page int, reader *core.Record, now time.Time) ([]Certification, error) {
	filter, order := "id != ''", "-created"
	if state != "" {
		filter = "state = {:state}"
	}
	if state == stateApplied {
		order = "created"
	}
	records, err := app.FindRecordsByFilter("certifications", filter, order, certificationsPage, (page-1)*certificationsPage, dbx.Params{"state": state})
	if err != nil {
		return nil, fmt.Errorf("certifications: %w", err)
	}
	if failed := app.ExpandRecords(records, []string{"org", "applied_by", "decided_by"}, nil); len(failed) > 0 {
		return nil, fmt.Errorf("certifications: expand: %v", failed)
	}
	var works []string
	if err := app.DB().Select("org").From("staff").Where(dbx.HashExp{"user": reader.Id}).Column(&works); err != nil {
		return nil, err
	}
	list := make([]Certification, 0, len(records))
	for _, record := range records {
		list = append(list, certificationOf(record, works, now))
	}
	return list, nil
}

func certificationOf(record *core.Record, works []string, now time.Time) Certification {
	one := Certification{Certification: record, Own: slices.Contains(works, record.GetString("org"))}
	if org := record.ExpandedOne("org"); org != nil {
		one.Org = CertifiedOrg{
			ID: org.Id, Name: org.GetString("name"), Slug: org.GetString("slug"), Kind: org.GetString("kind"), Country: org.GetString("country"),
			Certified: org.GetBool("certified"), CertifiedAgency: org.GetBool("certified_agency"),
			CertifiedUntil: org.GetDateTime("certified_until"), Created: org.GetDateTime("created"),
		}
		kind := "certified"
		if record.GetString("kind") == Agency {
			kind = "certified_agency"
		}
		if record.GetString("state") == stateApplied && org.GetBool(kind) {
			one.Renews = org.GetDateTime("certified_until")
		}
	}
	if by := record.ExpandedOne("applied_by"); by != nil {
		one.AppliedByName = by.GetString("name")
	}
	if by := record.ExpandedOne("decided_by"); by != nil {
		one.DecidedByName = by.GetString("name")
	}
	record.SetExpand(nil) // whole rows of people are nobody's to read
	one.AgeSeconds = max(0, int(now.Sub(record.GetDateTime("created").Time()).Seconds()))
	return one
}

type certifyBody struct {
	Until string `json:"until"` // a day, or an instant
	Note  string `json:"note"`
}

type reasonBody struct {
	Reason string `json:"reason"`
}

func handleCertify(e *core.RequestEvent) error {
	var body certifyBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	until, err := types.ParseDateTime(body.Until)
	if err != nil {
		return ErrBadUntil.With("detail", err.Error())
	}
	certification, err := Certify(e.App, e.Request.PathValue("id"), until.Time(), body.Note, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, certification)
}
