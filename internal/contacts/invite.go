package contacts

import (
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/ledger"
)

// Invite is an invitation that somebody can accept.
type Invite struct {
	Code     string    `json:"code"`
	URL      string    `json:"url"` // the path of the page that accepts it; a QR code shows it with the house's address
	Expires  time.Time `json:"expires"`
	UsesLeft int       `json:"uses_left"`
}

// Inviter is who invites, as the invited see it.
type Inviter struct {
	Name    string    `json:"name"`
	Expires time.Time `json:"expires"`
	Mine    bool      `json:"mine"`   // it is the caller's own
	Friend  bool      `json:"friend"` // they are friends already
}

type invite struct {
	Code    string `db:"code"`
	Person  string `db:"person"`
	Uses    int    `db:"uses"`
	Expires int64  `db:"expires"`
}

func (i invite) shown() Invite {
	return Invite{Code: i.Code, URL: "/friends/" + i.Code, Expires: time.UnixMilli(i.Expires).UTC(), UsesLeft: InviteUses - i.Uses}
}

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// newCode is 80 bits that nobody guesses, in letters and digits that can be read out.
func newCode() string {
	var code [10]byte
	_, _ = rand.Read(code[:]) // never fails: crypto/rand ends the process instead
	return strings.ToLower(letters.EncodeToString(code[:]))
}

// MakeInvite makes an invitation. Of more than InvitesOpen the oldest ends.
func MakeInvite(app core.App, user *core.Record, now time.Time) (Invite, error) {
	made := invite{Code: newCode(), Person: user.Id, Expires: now.Add(InviteTTL).UnixMilli()}
	err := ledger.Write(app, func(tx core.App) error {
		params := dbx.Params{"code": made.Code, "person": user.Id, "now": now.UnixMilli(), "expires": made.Expires, "kept": InvitesOpen - 1}
		err := execute(tx, `DELETE FROM contacts_invites WHERE person = {:person} AND code NOT IN
			(SELECT code FROM contacts_invites WHERE person = {:person} AND expires > {:now} ORDER BY created DESC, code LIMIT {:kept})`, params)
		if err != nil {
			return err
		}
		return execute(tx, "INSERT INTO contacts_invites (code, person, created, expires) VALUES ({:code}, {:person}, {:now}, {:expires})", params)
	})
	return made.shown(), err
}

// Withdraw ends an invitation of one's own.
func Withdraw(app core.App, user *core.Record, code string) error {
	return ledger.Write(app, func(tx core.App) error {
		return execute(tx, "DELETE FROM contacts_invites WHERE code = {:code} AND person = {:person}", dbx.Params{"code": code, "person": user.Id})
	})
}

// Look is who invites, before one accepts.
func Look(app core.App, user *core.Record, code string, now time.Time) (Inviter, error) {
	found, err := open(app, user.Id, code, now)
	if err != nil {
		return Inviter{}, err
	}
	looked := Inviter{Expires: time.UnixMilli(found.Expires).UTC(), Mine: found.Person == user.Id}
	if looked.Name, err = nameOf(app, found.Person); err != nil || looked.Mine {
		return looked, err
	}
	known, err := pairOf(app, user.Id, found.Person)
	looked.Friend = err == nil && known != nil && known.Ended == 0
	return looked, err
}

// open is an invitation that the person may accept.
func open(app core.App, person, code string, now time.Time) (invite, error) {
	var found invite
	err := app.DB().NewQuery(`SELECT code, person, uses, expires FROM contacts_invites
		WHERE code = {:code} AND expires > {:now} AND uses < {:uses}`).
		Bind(dbx.Params{"code": strings.ToLower(strings.TrimSpace(code)), "now": now.UnixMilli(), "uses": InviteUses}).One(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return found, ErrInvite
	}
	if err != nil {
		return found, fmt.Errorf("invitation: %w", err)
	}
	known, err := pairOf(app, person, found.Person)
	if err == nil && known != nil && known.blockedBy(found.Person) {
		err = ErrInvite // in the same words: who is blocked learns nothing of it
	}
	return found, err
}

// Accept makes the caller and who invited them friends. Who is a friend already stays one and uses nothing up; who has
// blocked the other and accepts their invitation has thought better of it.
func Accept(app core.App, user *core.Record, code string, now time.Time) (Contact, error) {
	var met pair
	err := ledger.Write(app, func(tx core.App) error {
		found, err := open(tx, user.Id, code, now)
		if err != nil {
			return err
		}
		if found.Person == user.Id {
			return ErrOwnInvite
		}
		known, err := pairOf(tx, user.Id, found.Person)
		if err != nil {
			return err
		}
		if known != nil && known.Ended == 0 {
			met = *known
			return nil
		}
		for _, person := range []string{user.Id, found.Person} {
			if err := room(tx, person); err != nil {
				return err
			}
		}
		rows, err := changed(tx, "UPDATE contacts_invites SET uses = uses + 1 WHERE code = {:code} AND uses < {:uses}", dbx.Params{"code": found.Code, "uses": InviteUses})
		if err != nil {
			return err
		}
		if rows == 0 {
			return ErrInvite
		}
		met, err = join(tx, known, user.Id, found.Person, now)
		return err
	})
	if err != nil {
		return Contact{}, err
	}
	return met.seenBy(app, user.Id)
}

// room refuses a friend too many.
func room(tx core.App, person string) error {
	friends, err := Friends(tx, person)
	if err == nil && len(friends) >= FriendsLimit {
		err = ErrFull.With("limit", FriendsLimit)
	}
	return err
}
