package identity

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// A certification says that the operator has looked at an organisation's papers and stands for it until a day.
// The invariants: the seals on an organisation (certified, certified_agency, certified_until) move with its
// certifications and in no other way; nobody certifies an organisation that they work for; every seal ends, but
// for that of the house itself.

var (
	// ErrBadApplication refuses an application that lacks something; data.field says what.
	ErrBadApplication = refusal.New(http.StatusBadRequest, "bad_application", "The application needs a kind (business, agency), the legal name, the registration number, a country of two letters, and 1 to 5 documents.")
	// ErrBadDocument refuses a document that is too large or neither a PDF nor a picture; data.detail says which.
	ErrBadDocument = refusal.New(http.StatusBadRequest, "bad_document", "A document is a PDF or a picture (PNG, JPEG, WebP) of at most 5 MB.")
	// ErrApplicationOpen refuses a second application of a kind while one waits.
	ErrApplicationOpen = refusal.New(http.StatusConflict, "application_open", "An application of this kind is waiting for its answer.")
	// ErrHouseCertified refuses an application of the house, whose seal has no end.
	ErrHouseCertified = refusal.New(http.StatusConflict, "house_certified", "The house's own organisation is certified without end.")
	// ErrCertificationNotFound refuses a certification that does not exist.
	ErrCertificationNotFound = refusal.New(http.StatusNotFound, "certification_not_found", "There is no such certification.")
	// ErrCertificationDecided refuses to decide what was decided otherwise; data.state says how.
	ErrCertificationDecided = refusal.New(http.StatusConflict, "certification_decided", "This certification has been decided already.")
	// ErrBadUntil refuses an end that is past, or further away than a certification may last.
	ErrBadUntil = refusal.New(http.StatusBadRequest, "bad_until", "A certification ends in the future, within three years.")
	// ErrOwnOrganisation refuses to decide for an organisation that one works for.
	ErrOwnOrganisation = refusal.New(http.StatusForbidden, "own_organisation", "Nobody decides on an organisation that they work for.")
	// ErrReasonRequired refuses a "no" that does not say why.
	ErrReasonRequired = refusal.New(http.StatusBadRequest, "reason_required", "Say why.")
)

// Kinds of certification: of who an organisation is, and of one that builds programs for others.
const (
	Business = "business"
	Agency   = "agency"
)

const (
	stateApplied   = "applied"
	stateCertified = "certified"
	stateRefused   = "refused"
	stateExpired   = "expired"
	stateRevoked   = "revoked"

	longestYears      = 3    // that a certification may last
	documentsLimit    = 5    // of one application
	legalNameLimit    = 200  // characters
	registrationLimit = 60   // characters
	reasonLimit       = 2000 // characters

	// house is the actor that the audit names for what nobody did but time.
	house = "plaza"
)

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

// Application is what an organisation says of itself, with its papers.
type Application struct {
	Kind         string
	LegalName    string
	Registration string // the number in the register of companies, or whatever the country has
	Country      string // ISO 3166-1, two letters
	Documents    []*filesystem.File
}

func (a *Application) judge() error {
	a.LegalName, a.Registration, a.Country = strings.TrimSpace(a.LegalName), strings.TrimSpace(a.Registration), strings.ToUpper(strings.TrimSpace(a.Country))
	fits := func(text string, limit int) bool { return text != "" && len([]rune(text)) <= limit }
	switch {
	case a.Kind != Business && a.Kind != Agency:
		return ErrBadApplication.With("field", "kind")
	case !fits(a.LegalName, legalNameLimit):
		return ErrBadApplication.With("field", "legal_name").With("limit", legalNameLimit)
	case !fits(a.Registration, registrationLimit):
		return ErrBadApplication.With("field", "registration").With("limit", registrationLimit)
	case !countryPattern.MatchString(a.Country):
		return ErrBadApplication.With("field", "country")
	case len(a.Documents) == 0 || len(a.Documents) > documentsLimit:
		return ErrBadApplication.With("field", "documents").With("limit", documentsLimit)
	}
	return nil
}

// Apply asks the operator for a certification. An organisation that has one may apply again before it ends.
// Whether the actor may is the caller's question.
func Apply(app core.App, orgID string, a Application, actor string, now time.Time) (*core.Record, error) {
	if err := a.judge(); err != nil {
		return nil, err
	}
	var id string
	err := ledger.Write(app, func(tx core.App) error {
		org, err := tx.FindRecordById("orgs", orgID)
		if err != nil {
			return fmt.Errorf("organisation %s: %w", orgID, err)
		}
		if org.GetString("kind") == "host" {
			return ErrHouseCertified
		}
		open, err := tx.CountRecords("certifications", dbx.HashExp{"org": orgID, "kind": a.Kind, "state": stateApplied})
		if err != nil {
			return err
		}
		if open > 0 {
			return ErrApplicationOpen.With("kind", a.Kind)
		}
		collection, err := tx.FindCollectionByNameOrId("certifications")
		if err != nil {
			return err
		}
		certification := core.NewRecord(collection)
		certification.Load(map[string]any{
			"org": orgID, "kind": a.Kind, "state": stateApplied, "legal_name": a.LegalName, "registration": a.Registration,
			"country": a.Country, "applied_by": actor, "documents": a.Documents,
		})
		if err := tx.Save(certification); err != nil {
			return fmt.Errorf("save certification: %w", err)
		}
		id = certification.Id
		return ledger.Audit(tx, actor, "identity.apply", orgID, map[string]any{"certification": id, "kind": a.Kind, "legal_name": a.LegalName}, now)
	})
	var invalid validation.Errors
	if errors.As(err, &invalid) && invalid["documents"] != nil {
		return nil, ErrBadDocument.With("detail", invalid["documents"].Error())
	}
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("certifications", id)
}

// Certify gives the organisation its seal until then. An earlier certification of the same kind ends with it: so
// is one renewed.
func Certify(app core.App, id string, until time.Time, note, actor string, now time.Time) (*core.Record, error) {
	until = until.UTC().Truncate(time.Second)
	if !until.After(now) || until.After(now.AddDate(longestYears, 0, 0)) {
		return nil, ErrBadUntil.With("years", longestYears)
	}
	if len([]rune(note)) > reasonLimit {
		return nil, ErrReasonRequired.Saying("The note has at most %d characters.", reasonLimit)
	}
	return decide(app, id, decision{
		state: stateCertified, from: stateApplied, act: "identity.certify", actor: actor, reason: note, until: until,
	}, now)
}

// Refuse answers an application with "no". The organisation may apply again with better papers; a seal that it
// has until another day stays.
func Refuse(app core.App, id, reason, actor string, now time.Time) (*core.Record, error) {
	return decide(app, id, decision{state: stateRefused, from: stateApplied, act: "identity.refuse", actor: actor, reason: reason}, now)
}

// Revoke takes the seal away at once.
func Revoke(app core.App, id, reason, actor string, now time.Time) (*core.Record, error) {
	return decide(app, id, decision{state: stateRevoked, from: stateCertified, act: "identity.revoke", actor: actor, reason: reason}, now)
}

// decision is a step of a certification from one state to the next.
type decision struct {
	state, from, act, actor, reason string
	until                           time.Time
}

// decide makes the step. Deciding the same again changes nothing.
func decide(app core.App, id string, d decision, now time.Time) (*core.Record, error) {
	d.reason = strings.TrimSpace(d.reason)
	if d.state != stateCertified && (d.reason == "" || len([]rune(d.reason)) > reasonLimit) {
		return nil, ErrReasonRequired.With("limit", reasonLimit)
	}
	err := ledger.Write(app, func(tx core.App) error {
		certification, err := tx.FindRecordById("certifications", id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrCertificationNotFound
		}
		if err != nil {
			return err
		}
		if err := stranger(tx, certification, d.actor); err != nil {
			return err
		}
		if done(certification, d) {
			return nil
		}
		return step(tx, certification, d, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("certifications", id)
}

func done(certification *core.Record, d decision) bool {
	same := certification.GetString("state") == d.state && certification.GetString("reason") == d.reason
	return same && (d.until.IsZero() || certification.GetDateTime("expires_at").Time().Equal(d.until))
}

// step is the conditional write: of two who decide at once the second is refused.
func step(tx core.App, certification *core.Record, d decision, now time.Time) error {
	result, err := tx.NonconcurrentDB().NewQuery("UPDATE certifications SET state = {:state} WHERE id = {:id} AND state = {:from}").
		Bind(dbx.Params{"state": d.state, "from": d.from, "id": certification.Id}).Execute()
	if err != nil {
		return fmt.Errorf("decide certification %s: %w", certification.Id, err)
	}
	if rows, err := result.RowsAffected(); err != nil {
		return err
	} else if rows == 0 {
		return ErrCertificationDecided.With("state", certification.GetString("state"))
	}
	if d.state == stateCertified {
		if err := endEarlier(tx, certification); err != nil {
			return err
		}
		certification.Set("expires_at", d.until)
	}
	if d.state != stateExpired { // time decides nothing
		certification.Load(map[string]any{"decided_by": d.actor, "decided_at": now, "reason": d.reason})
	}
	certification.Set("state", d.state)
	if err := tx.Save(certification); err != nil {
		return fmt.Errorf("save certification: %w", err)
	}
	if d.state != stateRefused {
		if err := seal(tx, certification); err != nil {
			return err
		}
	}
	return ledger.Audit(tx, d.actor, d.act, certification.GetString("org"), map[string]any{
		"certification": certification.Id, "kind": certification.GetString("kind"), "reason": d.reason,
		"until": certification.GetString("expires_at"),
	}, now)
}

// endEarlier ends the certification that this one renews.
func endEarlier(tx core.App, renewal *core.Record) error {
	earlier, err := tx.FindAllRecords("certifications", dbx.HashExp{
		"org": renewal.GetString("org"), "kind": renewal.GetString("kind"), "state": stateCertified,
	}, dbx.Not(dbx.HashExp{"id": renewal.Id}))
	if err != nil {
		return err
	}
	for _, certification := range earlier {
		certification.Set("state", stateExpired)
		if err := tx.Save(certification); err != nil {
			return fmt.Errorf("save certification: %w", err)
		}
	}
	return nil
}

// stranger refuses an operator who works for the organisation.
func stranger(app core.App, certification *core.Record, actor string) error {
	works, err := app.CountRecords("staff", dbx.HashExp{"org": certification.GetString("org"), "user": actor})
	if err == nil && works > 0 {
		err = ErrOwnOrganisation
	}
	return err
}

// seal makes the organisation show what its certifications say. It looks at this certification's kind alone: a
// seal of the other kind has its own.
func seal(tx core.App, certification *core.Record) error {
	org, err := tx.FindRecordById("orgs", certification.GetString("org"))
	if err != nil {
		return err
	}
	if org.GetString("kind") == "host" {
		return nil
	}
	field := "certified"
	if certification.GetString("kind") == Agency {
		field = "certified_agency"
	}
	org.Set(field, certification.GetString("state") == stateCertified)
	var until string
	err = tx.DB().NewQuery(`SELECT expires_at FROM certifications WHERE org = {:org} AND state = 'certified' ORDER BY kind = 'agency' LIMIT 1`).
		Bind(dbx.Params{"org": org.Id}).Row(&until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	org.Set("certified_until", until)
	if err := tx.Save(org); err != nil {
		return fmt.Errorf("save organisation: %w", err)
	}
	return nil
}

// ExpireCertifications takes the seals of certifications that have ended, and says how many.
func ExpireCertifications(app core.App, now time.Time) (int, error) {
	var ids []string
	err := app.DB().NewQuery("SELECT id FROM certifications WHERE state = 'certified' AND expires_at <= {:now}").
		Bind(dbx.Params{"now": now.UTC().Format("2006-01-02 15:04:05.000Z")}).Column(&ids)
	if err != nil {
		return 0, fmt.Errorf("find ended certifications: %w", err)
	}
	for _, id := range ids {
		err := ledger.Write(app, func(tx core.App) error {
			certification, err := tx.FindRecordById("certifications", id)
			if err != nil {
				return err
			}
			if certification.GetString("state") != stateCertified || certification.GetDateTime("expires_at").Time().After(now) {
				return nil
			}
			return step(tx, certification, decision{state: stateExpired, from: stateCertified, act: "identity.expire", actor: house}, now)
		})
		if err != nil {
			return 0, fmt.Errorf("end certification %s: %w", id, err)
		}
	}
	return len(ids), nil
}
