package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/ledger"
)

// Consent states. A scope that was never asked for has none.
const (
	Granted = "granted"
	Denied  = "denied"
)

// How long a grant holds. A denial always does.
const (
	Once   = "once"   // for one call of the launch that asked
	Open   = "open"   // while that launch is open
	Always = "always" // until the person withdraws it
)

// Decision is what the person says of one scope. Once and Open are of one launch, whose session they name.
type Decision struct {
	State    string `json:"state" db:"state"`
	Duration string `json:"duration" db:"duration"`
	Session  string `json:"session,omitempty" db:"session"`
}

// Consents is what the person has decided for this program, by scope, as it holds in the launch with that session:
// what they said of another launch does not. Scopes that were not asked for are missing.
func Consents(app core.App, userID, appid, session string) (map[string]string, error) {
	held, err := Held(app, userID, appid, session)
	if err != nil {
		return nil, err
	}
	consents := map[string]string{}
	for scope, decision := range held {
		consents[scope] = decision.State
	}
	return consents, nil
}

// Held is the decisions behind Consents.
func Held(app core.App, userID, appid, session string) (map[string]Decision, error) {
	var rows []struct {
		Scope string `db:"scope"`
		Decision
	}
	err := app.DB().NewQuery(`SELECT scope, state, duration, session FROM programs_consents
		WHERE user = {:user} AND appid = {:appid} AND session IN ('', {:session})`).
		Bind(dbx.Params{"user": userID, "appid": appid, "session": session}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	held := map[string]Decision{}
	for _, row := range rows {
		held[row.Scope] = row.Decision
	}
	return held, nil
}

// UseUp ends a grant that was for once, and tells whether this call is the one that had it.
func UseUp(app core.App, userID, appid, scope, session string) (bool, error) {
	var used bool
	err := ledger.Write(app, func(tx core.App) error {
		done, err := tx.NonconcurrentDB().NewQuery(`DELETE FROM programs_consents WHERE user = {:user} AND appid = {:appid}
			AND scope = {:scope} AND session = {:session} AND state = 'granted' AND duration = 'once'`).
			Bind(dbx.Params{"user": userID, "appid": appid, "scope": scope, "session": session}).Execute()
		if err != nil {
			return fmt.Errorf("use up consent: %w", err)
		}
		rows, err := done.RowsAffected()
		used = rows == 1
		return err
	})
	return used, err
}

// Consent stores the person's decision on one scope, which the manifest of the version that they get, or that
// they may try, must declare. It takes the place of what they said before: of this launch, or of all.
func Consent(app core.App, userID, appid, scope string, decision Decision) error {
	decision, err := decision.judged()
	if err != nil {
		return err
	}
	return ledger.Write(app, func(tx core.App) error {
		if err := declared(tx, userID, appid, scope); err != nil {
			return err
		}
		now := clock.Now(tx)
		if err := clearConsents(tx, userID, appid, scope, decision.Session, now); err != nil {
			return err
		}
		consent, err := consentRecord(tx, userID, appid, scope, decision.Session)
		if err != nil {
			return err
		}
		consent.Load(map[string]any{"state": decision.State, "duration": decision.Duration})
		if decision.Session != "" {
			consent.Set("until", now.Add(launchTTL))
		}
		return tx.Save(consent)
	})
}

// judged is the decision in full, or a refusal of one that means nothing.
func (d Decision) judged() (Decision, error) {
	if d.Duration == "" {
		d.Duration = Always
	}
	switch {
	case d.State == Denied && d.Duration == Always, d.State == Granted && d.Duration == Always:
		d.Session = ""
		return d, nil
	case d.State != Granted, d.Duration != Once && d.Duration != Open:
		return d, ErrBadConsent
	case d.Session == "" || len(d.Session) > sessionLimit:
		return d, ErrNoLaunch
	}
	return d, nil
}

// sessionLimit is how many bytes the name of a launch may have.
const sessionLimit = 64

// clearConsents takes away what a decision replaces: one for always replaces all; one for a launch replaces the one
// for always and leaves the other launches theirs. Those of launches that have ended go, too.
func clearConsents(tx core.App, userID, appid, scope, session string, now time.Time) error {
	_, err := tx.NonconcurrentDB().NewQuery(`DELETE FROM programs_consents WHERE user = {:user} AND (
			appid = {:appid} AND scope = {:scope} AND session != {:session} AND ('' IN (session, {:session}))
			OR session != '' AND until <= {:now})`).
		Bind(dbx.Params{"user": userID, "appid": appid, "scope": scope, "session": session, "now": stamp(now)}).Execute()
	if err != nil {
		return fmt.Errorf("clear consents: %w", err)
	}
	return nil
}

// declared refuses a scope that no version which this person can open asks for.
func declared(tx core.App, userID, appid, scope string) error {
	program, err := For(tx, userID, appid)
	if err == nil && program.Declares(scope) {
		if err = program.Allowed(tx, scope); err == nil {
			return nil
		}
	}
	undeclared := refuseUnless(err, ErrBadScope.With("scope", scope))
	record, err := programRecord(tx, appid)
	if err != nil {
		return err
	}
	user, err := tx.FindRecordById("users", userID)
	if err != nil {
		return err
	}
	if err := mayTry(tx, user, record, "TRUE", nil); errors.Is(err, ErrNotTester) {
		return undeclared
	} else if err != nil {
		return err
	}
	var tried bool
	err = tx.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM programs_versions v, json_each(v.scopes) s
		WHERE v.program = {:program} AND v.state != 'taken_down' AND s.value = {:scope})`).
		Bind(dbx.Params{"program": record.Id, "scope": scope}).Row(&tried)
	if err != nil || tried {
		return err
	}
	return undeclared
}

// Withdraw forgets the person's decision, in every launch: the program loses the scope now and must ask again. It
// works for a program that is taken down or gone, too.
func Withdraw(app core.App, userID, appid, scope string) error {
	return ledger.Write(app, func(tx core.App) error {
		consents, err := tx.FindAllRecords("programs_consents", dbx.HashExp{"user": userID, "appid": appid, "scope": scope})
		if err != nil {
			return err
		}
		for _, consent := range consents {
			if err := tx.Delete(consent); err != nil {
				return err
			}
		}
		return nil
	})
}

// consentRecord is the row of that decision, new if need be.
func consentRecord(app core.App, userID, appid, scope, session string) (*core.Record, error) {
	consent, err := app.FindFirstRecordByFilter("programs_consents", "user = {:user} && appid = {:appid} && scope = {:scope} && session = {:session}",
		dbx.Params{"user": userID, "appid": appid, "scope": scope, "session": session})
	if !errors.Is(err, sql.ErrNoRows) {
		return consent, err
	}
	collection, err := app.FindCollectionByNameOrId("programs_consents")
	if err != nil {
		return nil, err
	}
	consent = core.NewRecord(collection)
	consent.Load(map[string]any{"user": userID, "appid": appid, "scope": scope, "session": session})
	return consent, nil
}

// Decided is one line of the person's own list of decisions.
type Decided struct {
	AppID string `json:"appid" db:"appid"`
	Name  string `json:"name" db:"name"`
	Names any    `json:"names" db:"-"`
	Icon  string `json:"icon" db:"icon"`
	Color string `json:"color" db:"color"`
	Scope string `json:"scope" db:"scope"`
	Decision
	Updated string `json:"updated" db:"updated"`
}

// Decisions is everything that the person has decided and that still holds, for all programs, latest first. A scope
// that two launches of a program have stands once.
func Decisions(app core.App, userID string, now time.Time) ([]Decided, error) {
	var rows []struct {
		Decided
		NamesJSON string `db:"names"`
	}
	err := app.DB().NewQuery(`SELECT c.appid, c.scope, c.state, c.duration, c.session, c.updated, COALESCE(p.name, c.appid) AS name,
			COALESCE(p.names, 'null') AS names, COALESCE(p.icon, '') AS icon, COALESCE(p.color, '') AS color
		FROM programs_consents c LEFT JOIN programs p ON p.appid = c.appid
		WHERE c.user = {:user} AND (c.session = '' OR c.until > {:now}) ORDER BY c.updated DESC, c.id`).
		Bind(dbx.Params{"user": userID, "now": stamp(now)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	decisions := make([]Decided, 0, len(rows))
	listed := map[[2]string]bool{}
	for _, row := range rows {
		if key := [2]string{row.AppID, row.Scope}; !listed[key] {
			listed[key] = true
			row.Names = jsonText(row.NamesJSON)
			decisions = append(decisions, row.Decided)
		}
	}
	return decisions, nil
}
