package contacts

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"plaza.internal/plaza/internal/check"
	"plaza.internal/plaza/internal/ledger"
)

// Contact is somebody as their friend sees them. The id is of the two of them, and no id of a person.
type Contact struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Since time.Time `json:"since"`
}

// List is what somebody sees of their own contacts.
type List struct {
	Friends []Contact `json:"friends"`
	Blocked []Contact `json:"blocked"`
	Invites []Invite  `json:"invites"` // open ones of their own
}

// pair is two people: one has the lesser id.
type pair struct {
	ID             string `db:"id"`
	One            string `db:"one"`
	Other          string `db:"other"`
	Since          int64  `db:"since"`
	Ended          int64  `db:"ended"`
	EndedBy        string `db:"ended_by"`
	BlockedByOne   int64  `db:"blocked_by_one"`
	BlockedByOther int64  `db:"blocked_by_other"`
}

const selectPairs = "SELECT id, one, other, since, ended, ended_by, blocked_by_one, blocked_by_other FROM contacts_pairs WHERE "

func (p pair) has(person string) bool { return p.One == person || p.Other == person }

func (p pair) partner(person string) string {
	if p.One == person {
		return p.Other
	}
	return p.One
}

func (p pair) blockedBy(person string) bool {
	return (p.One == person && p.BlockedByOne > 0) || (p.Other == person && p.BlockedByOther > 0)
}

// column is where the table keeps whether the person blocks the other.
func (p pair) column(person string) string {
	if p.One == person {
		return "blocked_by_one"
	}
	return "blocked_by_other"
}

func (p pair) seenBy(app core.App, person string) (Contact, error) {
	name, err := nameOf(app, p.partner(person))
	return Contact{ID: p.ID, Name: name, Since: time.UnixMilli(p.Since).UTC()}, err
}

func nameOf(app core.App, person string) (string, error) {
	var name string
	err := app.DB().NewQuery("SELECT name FROM users WHERE id = {:id}").Bind(dbx.Params{"id": person}).Row(&name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("name of a contact: %w", err)
	}
	if !check.IsName(name) {
		return "", nil
	}
	return name, nil
}

func pairs(app core.App, condition string, params dbx.Params) ([]pair, error) {
	var found []pair
	if err := app.DB().NewQuery(selectPairs + condition).Bind(params).All(&found); err != nil {
		return nil, fmt.Errorf("contacts: %w", err)
	}
	return found, nil
}

// pairOf is the two people, nil when they have nothing to do with each other.
func pairOf(app core.App, a, b string) (*pair, error) {
	found, err := pairs(app, "one = {:one} AND other = {:other}", dbx.Params{"one": min(a, b), "other": max(a, b)})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// own is a contact of the person, by its id.
func own(app core.App, person, id string) (pair, error) {
	found, err := pairs(app, "id = {:id}", dbx.Params{"id": id})
	if err != nil {
		return pair{}, err
	}
	if len(found) == 0 || !found[0].has(person) {
		return pair{}, ErrUnknown
	}
	return found[0], nil
}

// join makes two people friends, whatever was between them.
func join(tx core.App, known *pair, a, b string, now time.Time) (pair, error) {
	made := pair{ID: security.RandomString(15), One: min(a, b), Other: max(a, b), Since: now.UnixMilli()}
	params := dbx.Params{"id": made.ID, "one": made.One, "other": made.Other, "now": made.Since}
	if known == nil {
		return made, execute(tx, "INSERT INTO contacts_pairs (id, one, other, since) VALUES ({:id}, {:one}, {:other}, {:now})", params)
	}
	made.ID = known.ID
	return made, execute(tx, `UPDATE contacts_pairs SET since = {:now}, ended = 0, ended_by = '', blocked_by_one = 0, blocked_by_other = 0
		WHERE one = {:one} AND other = {:other}`, params)
}

// Contacts is somebody's friends, those whom they block, and their open invitations.
func Contacts(app core.App, user *core.Record, now time.Time) (List, error) {
	list := List{Friends: []Contact{}, Blocked: []Contact{}, Invites: []Invite{}}
	found, err := pairs(app, "(one = {:user} OR other = {:user}) ORDER BY since, id", dbx.Params{"user": user.Id})
	if err != nil {
		return list, err
	}
	for _, p := range found {
		if p.Ended > 0 && !p.blockedBy(user.Id) {
			continue
		}
		seen, err := p.seenBy(app, user.Id)
		if err != nil {
			return list, err
		}
		if p.Ended == 0 {
			list.Friends = append(list.Friends, seen)
		} else {
			list.Blocked = append(list.Blocked, seen)
		}
	}
	var invites []invite
	err = app.DB().NewQuery(`SELECT code, person, uses, expires FROM contacts_invites
		WHERE person = {:user} AND expires > {:now} AND uses < {:uses} ORDER BY created DESC, code`).
		Bind(dbx.Params{"user": user.Id, "now": now.UnixMilli(), "uses": InviteUses}).All(&invites)
	if err != nil {
		return list, fmt.Errorf("invitations: %w", err)
	}
	for _, i := range invites {
		list.Invites = append(list.Invites, i.shown())
	}
	return list, nil
}

// Remove ends a friendship, for both. The other is not told. Restore undoes it within UndoFor.
func Remove(app core.App, user *core.Record, id string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		p, err := own(tx, user.Id, id)
		if err != nil || p.Ended > 0 {
			return err
		}
		return end(tx, p, user.Id, now)
	})
}

func end(tx core.App, p pair, by string, now time.Time) error {
	return execute(tx, "UPDATE contacts_pairs SET ended = {:now}, ended_by = {:by} WHERE id = {:id} AND ended = 0",
		dbx.Params{"id": p.ID, "by": by, "now": now.UnixMilli()})
}

// Restore brings back a friendship that the person has just ended, by removing or by blocking.
func Restore(app core.App, user *core.Record, id string, now time.Time) (Contact, error) {
	var back pair
	err := ledger.Write(app, func(tx core.App) error {
		p, err := own(tx, user.Id, id)
		if back = p; err != nil || p.Ended == 0 {
			return err
		}
		late := now.Sub(time.UnixMilli(p.Ended)) > UndoFor
		if late || p.EndedBy != user.Id || p.blockedBy(p.partner(user.Id)) {
			return ErrTooLate
		}
		for _, person := range []string{p.One, p.Other} {
			if err := room(tx, person); err != nil {
				return err
			}
		}
		return execute(tx, `UPDATE contacts_pairs SET ended = 0, ended_by = '', blocked_by_one = 0, blocked_by_other = 0
			WHERE id = {:id} AND ended > 0`, dbx.Params{"id": id})
	})
	if err != nil {
		return Contact{}, err
	}
	return back.seenBy(app, user.Id)
}

// Block ends a friendship and lets the other not come back; they are not told. Unblock undoes the second half.
func Block(app core.App, user *core.Record, id string, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		p, err := own(tx, user.Id, id)
		if err != nil {
			return err
		}
		if p.Ended == 0 {
			if err := end(tx, p, user.Id, now); err != nil {
				return err
			}
		}
		return execute(tx, "UPDATE contacts_pairs SET "+p.column(user.Id)+" = {:now} WHERE id = {:id}", dbx.Params{"id": id, "now": now.UnixMilli()})
	})
}

// Unblock lets somebody be invited again. They are no friends by that.
func Unblock(app core.App, user *core.Record, id string) error {
	return ledger.Write(app, func(tx core.App) error {
		p, err := own(tx, user.Id, id)
		if err != nil {
			return err
		}
		return execute(tx, "UPDATE contacts_pairs SET "+p.column(user.Id)+" = 0 WHERE id = {:id}", dbx.Params{"id": id})
	})
}

// forget ends the contacts of a person who is deleted.
func forget(e *core.RecordEvent) error {
	params := dbx.Params{"person": e.Record.Id}
	for _, statement := range []string{
		"DELETE FROM contacts_invites WHERE person = {:person}",
		"DELETE FROM contacts_pairs WHERE one = {:person} OR other = {:person}",
	} {
		if err := execute(e.App, statement, params); err != nil {
			return err
		}
	}
	return e.Next()
}

// sweep removes invitations that have ended, and pairs that neither friendship nor a block holds.
func sweep(app core.App, now time.Time) error {
	return ledger.Write(app, func(tx core.App) error {
		if err := execute(tx, "DELETE FROM contacts_invites WHERE expires <= {:now}", dbx.Params{"now": now.UnixMilli()}); err != nil {
			return err
		}
		return execute(tx, "DELETE FROM contacts_pairs WHERE ended > 0 AND ended < {:before} AND blocked_by_one = 0 AND blocked_by_other = 0",
			dbx.Params{"before": now.Add(-UndoFor).UnixMilli()})
	})
}

func execute(tx core.App, statement string, params dbx.Params) error {
	_, err := changed(tx, statement, params)
	return err
}

func changed(tx core.App, statement string, params dbx.Params) (int64, error) {
	result, err := tx.NonconcurrentDB().NewQuery(statement).Bind(params).Execute()
	if err != nil {
		return 0, fmt.Errorf("contacts: %w", err)
	}
	return result.RowsAffected()
}
