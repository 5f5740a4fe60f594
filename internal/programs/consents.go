package programs

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Consent states. A scope that was never asked for has none.
const (
	Granted = "granted"
	Denied  = "denied"
)

// Consents is what the person has decided for this program, by scope. Scopes never asked for are missing.
func Consents(app core.App, userID, appid string) (map[string]string, error) {
	var rows []struct {
		Scope string `db:"scope"`
		State string `db:"state"`
	}
	err := app.DB().NewQuery("SELECT scope, state FROM programs_consents WHERE user = {:user} AND appid = {:appid}").
		Bind(dbx.Params{"user": userID, "appid": appid}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	consents := map[string]string{}
	for _, row := range rows {
		consents[row.Scope] = row.State
	}
	return consents, nil
}

// Consent stores the person's decision on one scope, which the manifest of the version that they get, or that
// they may try, must declare.
func Consent(app core.App, userID, appid, scope, state string) error {
	if state != Granted && state != Denied {
		return ErrBadConsent
	}
	return ledger.Write(app, func(tx core.App) error {
		if err := declared(tx, userID, appid, scope); err != nil {
			return err
		}
		consent, err := consentRecord(tx, userID, appid, scope)
		if errors.Is(err, sql.ErrNoRows) {
			collection, findErr := tx.FindCollectionByNameOrId("programs_consents")
			if findErr != nil {
				return findErr
			}
			consent, err = core.NewRecord(collection), nil
			consent.Load(map[string]any{"user": userID, "appid": appid, "scope": scope})
		}
		if err != nil {
			return err
		}
		consent.Set("state", state)
		return tx.Save(consent)
	})
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

// Withdraw forgets the person's decision: the program loses the scope now and must ask again. It works for a
// program that is taken down or gone, too.
func Withdraw(app core.App, userID, appid, scope string) error {
	return ledger.Write(app, func(tx core.App) error {
		consent, err := consentRecord(tx, userID, appid, scope)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Delete(consent)
	})
}

func consentRecord(app core.App, userID, appid, scope string) (*core.Record, error) {
	return app.FindFirstRecordByFilter("programs_consents", "user = {:user} && appid = {:appid} && scope = {:scope}",
		dbx.Params{"user": userID, "appid": appid, "scope": scope})
}

// Decision is one line of the person's own list of consents.
type Decision struct {
	AppID   string `json:"appid" db:"appid"`
	Name    string `json:"name" db:"name"`
	Names   any    `json:"names" db:"-"`
	Icon    string `json:"icon" db:"icon"`
	Color   string `json:"color" db:"color"`
	Scope   string `json:"scope" db:"scope"`
	State   string `json:"state" db:"state"`
	Updated string `json:"updated" db:"updated"`
}

// Decisions is everything that the person has decided, for all programs, latest first.
func Decisions(app core.App, userID string) ([]Decision, error) {
	var rows []struct {
		Decision
		NamesJSON string `db:"names"`
	}
	err := app.DB().NewQuery(`SELECT c.appid, c.scope, c.state, c.updated, COALESCE(p.name, c.appid) AS name,
			COALESCE(p.names, 'null') AS names, COALESCE(p.icon, '') AS icon, COALESCE(p.color, '') AS color
		FROM programs_consents c LEFT JOIN programs p ON p.appid = c.appid
		WHERE c.user = {:user} ORDER BY c.updated DESC, c.id`).Bind(dbx.Params{"user": userID}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	decisions := make([]Decision, 0, len(rows))
	for _, row := range rows {
		row.Names = jsonText(row.NamesJSON)
		decisions = append(decisions, row.Decision)
	}
	return decisions, nil
}
