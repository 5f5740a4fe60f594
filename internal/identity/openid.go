package identity

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
)

// ErrOpenIDUnknown refuses an openid that is nobody's who has opened the program.
var ErrOpenIDUnknown = refusal.New(http.StatusNotFound, "openid_unknown", "Nobody who has opened this mini program has this openid.")

// Meet is the person's openid in the program, by which ByOpenID finds them from now on: they have opened it.
func Meet(app core.App, userID, appid string) (string, error) {
	openID, err := OpenID(app, userID, appid)
	if err != nil {
		return "", err
	}
	var known bool
	err = app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM identity_openids WHERE appid = {:appid} AND openid = {:openid})").
		Bind(dbx.Params{"appid": appid, "openid": openID}).Row(&known)
	if err != nil || known {
		return openID, err
	}
	return openID, ledger.Write(app, func(tx core.App) error { return remember(tx, appid, openID, userID) })
}

// ByOpenID is who has that openid, among the people who have opened the program.
func ByOpenID(app core.App, openID, appid string) (userID string, err error) {
	userID, err = knownBy(app, openID, appid)
	if !errors.Is(err, ErrOpenIDUnknown) {
		return userID, err
	}
	// Whoever opened it before openids were kept, and not since, is met now.
	met, failed := meetEarlier(app, appid)
	if failed != nil {
		return "", failed
	}
	if !met {
		return "", err
	}
	return knownBy(app, openID, appid)
}

func knownBy(app core.App, openID, appid string) (userID string, err error) {
	err = app.DB().NewQuery("SELECT user FROM identity_openids WHERE appid = {:appid} AND openid = {:openid}").
		Bind(dbx.Params{"appid": appid, "openid": openID}).Row(&userID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrOpenIDUnknown
	}
	if err != nil {
		return "", fmt.Errorf("openid: %w", err)
	}
	return userID, nil
}

// meetEarlier remembers the openids of the program's people that are not known yet, and tells whether there were any.
func meetEarlier(app core.App, appid string) (bool, error) {
	var users []string
	err := app.DB().NewQuery(`SELECT u.user FROM programs p JOIN programs_uses u ON u.program = p.id
		WHERE p.appid = {:appid} AND u.opens > 0
		AND NOT EXISTS (SELECT 1 FROM identity_openids i WHERE i.user = u.user AND i.appid = p.appid)`).
		Bind(dbx.Params{"appid": appid}).Column(&users)
	if err != nil {
		return false, fmt.Errorf("people of %s: %w", appid, err)
	}
	if len(users) == 0 {
		return false, nil
	}
	return true, ledger.Write(app, func(tx core.App) error {
		for _, user := range users {
			openID, err := OpenID(tx, user, appid)
			if err != nil {
				return err
			}
			if err := remember(tx, appid, openID, user); err != nil {
				return err
			}
		}
		return nil
	})
}

func remember(tx core.App, appid, openID, userID string) error {
	_, err := tx.NonconcurrentDB().NewQuery("INSERT OR IGNORE INTO identity_openids (appid, openid, user) VALUES ({:appid}, {:openid}, {:user})").
		Bind(dbx.Params{"appid": appid, "openid": openID, "user": userID}).Execute()
	if err != nil {
		return fmt.Errorf("remember openid: %w", err)
	}
	return nil
}

// forget ends the openids of a person who is deleted.
func forget(e *core.RecordEvent) error {
	_, err := e.App.NonconcurrentDB().NewQuery("DELETE FROM identity_openids WHERE user = {:user}").
		Bind(dbx.Params{"user": e.Record.Id}).Execute()
	if err != nil {
		return fmt.Errorf("forget openids: %w", err)
	}
	return e.Next()
}
