package campaigns

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// Code is a code as its merchant sees it: the word of one that was made at random is shown in part, for it is worth money.
type Code struct {
	ID      int64  `db:"id" json:"id"`
	Word    string `db:"word" json:"word"`
	Batch   string `db:"batch" json:"batch"`
	Uses    *int64 `db:"uses" json:"uses"`
	Used    int64  `db:"used" json:"used"`
	Held    int64  `db:"held" json:"held"`
	Revoked int64  `db:"revoked" json:"revoked"`
	Created int64  `db:"created" json:"created"`
}

// Terms are the limits of all codes of a campaign together; null is no limit.
type Terms struct {
	EachPerson *int64 `db:"each_person" json:"each_person"`
	Budget     *int64 `db:"budget" json:"budget"`
	Spent      int64  `db:"spent" json:"spent"`
	Held       int64  `db:"held" json:"held"`
}

// Codes is a page of a campaign's codes, the newest first.
type Codes struct {
	Items   []Code  `json:"items"`
	Next    int64   `json:"next"` // before which id to go on; 0 at the end
	Batches []Batch `json:"batches"`
	Terms   Terms   `json:"terms"`
}

type (
	revokeBody struct {
		Revoked bool `json:"revoked"`
	}
	exported struct {
		Codes []string `json:"codes"`
	}
)

func bindCodeRoutes(se *core.ServeEvent) {
	const path = "/api/campaigns/{campaign}/codes"
	managed := []*refusal.Refusal{identity.ErrNotStaff, identity.ErrRoleRequired, ErrNoCampaign}
	handle := func(method, path, summary string, body, answer any, run func(*core.RequestEvent, *core.Record) error, more ...*refusal.Refusal) {
		route.Handle(se, route.Operation{
			Method: method, Path: path, Tag: "campaigns", Summary: summary, Body: body, Answer: answer, Refusals: append(more, managed...),
		}, func(e *core.RequestEvent) error { return managing(e, run) })
	}
	handle(http.MethodGet, path, "The codes of a campaign: ?q= the whole code or its beginning, ?before= an id, ?batch=.", nil, Codes{}, handleCodes)
	handle(http.MethodPost, path, "Make one code of a chosen word, or up to 50,000 at random. From then on the campaign gives nothing without one.",
		Making{}, Batch{}, handleMake, ErrBadCode, ErrCodeTaken, ErrCampaign)
	handle(http.MethodPost, path+"/{batch}/export", "The codes of a batch in full, once.", nil, exported{}, handleExport, ErrExported, ErrNotMade)
	handle(http.MethodPatch, path+"/{code}", "Revoke a code, or take that back.", revokeBody{}, nil, handleRevoke)
	handle(http.MethodPatch, "/api/campaigns/{campaign}/terms", "The limits of all codes of a campaign: uses of each person, and a budget. Null is none.",
		Terms{}, Terms{}, handleTerms, ErrBadCode, ErrBelowGiven)
}

func managing(e *core.RequestEvent, run func(*core.RequestEvent, *core.Record) error) error {
	campaign, err := e.App.FindRecordById("campaigns", e.Request.PathValue("campaign"))
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoCampaign
	}
	if err != nil {
		return err
	}
	if _, err := identity.Require(e.App, e.Auth, campaign.GetString("org"), identity.Owner, identity.Manager); err != nil {
		return err
	}
	return run(e, campaign)
}

func handleMake(e *core.RequestEvent, campaign *core.Record) error {
	var body Making
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	batch, err := MakeCodes(e.App, campaign, body, e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return refuse(err)
	}
	return e.JSON(http.StatusOK, batch)
}

func handleExport(e *core.RequestEvent, campaign *core.Record) error {
	words, err := ExportCodes(e.App, campaign.Id, e.Request.PathValue("batch"), e.Auth.Id, clock.Now(e.App))
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, exported{Codes: words})
}

func handleCodes(e *core.RequestEvent, campaign *core.Record) error {
	query := e.Request.URL.Query()
	before, _ := strconv.ParseInt(query.Get("before"), 10, 64) //nolint:errcheck // what is no number is the beginning
	out := Codes{Items: []Code{}, Batches: []Batch{}}
	p := dbx.Params{"campaign": campaign.Id, "before": before, "batch": query.Get("batch"), "limit": codesShown + 1}
	where := ""
	if q := query.Get("q"); q != "" {
		// Padded, so that a beginning is folded as the whole is.
		folded := Fold(q + "0000")
		if folded == "" {
			return e.JSON(http.StatusOK, out)
		}
		where = " AND folded >= {:from} AND folded < {:to}"
		p["from"] = folded[:len(folded)-minCode]
		p["to"] = folded[:len(folded)-minCode] + "~"
	}
	err := e.App.DB().NewQuery(`SELECT id, word, batch, uses, used, held, revoked, created FROM campaigns_codes
		WHERE campaign = {:campaign} AND ({:before} = 0 OR id < {:before}) AND ({:batch} = '' OR batch = {:batch})` + where + `
		ORDER BY id DESC LIMIT {:limit}`).Bind(p).All(&out.Items)
	if err != nil {
		return fmt.Errorf("codes of %s: %w", campaign.Id, err)
	}
	if len(out.Items) > codesShown {
		out.Items = out.Items[:codesShown]
		out.Next = out.Items[codesShown-1].ID
	}
	for i, code := range out.Items {
		if code.Batch != "" {
			out.Items[i].Word = code.Word[:len(code.Word)-randomLetters+3] + "…"
		}
	}
	err = e.App.DB().NewQuery("SELECT * FROM campaigns_batches WHERE campaign = {:campaign} ORDER BY created DESC LIMIT {:limit}").Bind(p).All(&out.Batches)
	if err != nil {
		return err
	}
	out.Terms, err = termsOf(e.App, campaign.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, out)
}

func termsOf(app core.App, campaign string) (Terms, error) {
	var terms Terms
	err := app.DB().NewQuery("SELECT each_person, budget, spent, held FROM campaigns_terms WHERE campaign = {:campaign}").
		Bind(dbx.Params{"campaign": campaign}).One(&terms)
	if errors.Is(err, sql.ErrNoRows) {
		return Terms{}, nil
	}
	return terms, err
}

func handleRevoke(e *core.RequestEvent, campaign *core.Record) error {
	var body revokeBody
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	now := clock.Now(e.App)
	revoked, act := int64(0), "campaigns.restore_code"
	if body.Revoked {
		revoked, act = now.UnixMilli(), "campaigns.revoke_code"
	}
	id := e.Request.PathValue("code")
	err := ledger.Write(e.App, func(tx core.App) error {
		done, err := tx.DB().NewQuery("UPDATE campaigns_codes SET revoked = {:revoked} WHERE id = {:id} AND campaign = {:campaign}").
			Bind(dbx.Params{"revoked": revoked, "id": id, "campaign": campaign.Id}).Execute()
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, ErrNoCampaign)
		}
		return ledger.Audit(tx, e.Auth.Id, act, "campaign:"+campaign.Id, map[string]any{"code": id}, now)
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

func handleTerms(e *core.RequestEvent, campaign *core.Record) error {
	var body Terms
	if err := route.Decode(e, &body); err != nil {
		return err
	}
	for field, value := range map[string]*int64{"each_person": body.EachPerson, "budget": body.Budget} {
		if value != nil && (*value < 0 || *value > int64(ledger.MaxAmount)) {
			return ErrBadCode.With("field", field)
		}
	}
	now := clock.Now(e.App)
	err := ledger.Write(e.App, func(tx core.App) error {
		done, err := tx.DB().NewQuery(`INSERT INTO campaigns_terms (campaign, each_person, budget) VALUES ({:campaign}, {:each}, {:budget})
			ON CONFLICT (campaign) DO UPDATE SET each_person = excluded.each_person, budget = excluded.budget
			WHERE excluded.budget IS NULL OR spent + held <= excluded.budget`).
			Bind(dbx.Params{"campaign": campaign.Id, "each": body.EachPerson, "budget": body.Budget}).Execute()
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, ErrBelowGiven)
		}
		return ledger.Audit(tx, e.Auth.Id, "campaigns.terms", "campaign:"+campaign.Id, body, now)
	})
	if err != nil {
		return err
	}
	terms, err := termsOf(e.App, campaign.Id)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, terms)
}
