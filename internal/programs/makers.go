package programs

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/clock"
	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/ledger"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// KeyHeader carries an upload key, with which a machine acts for the person who made it.
const KeyHeader = "X-Upload-Key"

// Owner is whose a program is: an organisation's or a person's, never both.
type Owner struct{ Org, User string }

// ownerOf is whose the program is.
func ownerOf(program *core.Record) Owner {
	if org := program.GetString("org"); org != "" {
		return Owner{Org: org}
	}
	return Owner{User: program.GetString("owner")}
}

// Makes tells whether the person may upload, submit and release the program: its owner when it is a person's,
// owners and managers of its organisation, and those of its agency while that is a certified one.
func Makes(app core.App, user *core.Record, program *core.Record) bool {
	return RequireMaker(app, user, program) == nil
}

// RequireMaker refuses everybody whom Makes does not name.
func RequireMaker(app core.App, user *core.Record, program *core.Record) error {
	if user == nil || user.Collection().Name != "users" {
		return ErrNotMaker
	}
	if err := requireOwner(app, user, program); !errors.Is(err, ErrNotMaker) {
		return err
	}
	agency := program.GetString("agency")
	if agency == "" {
		return ErrNotMaker
	}
	certified, err := certifiedAgency(app, agency)
	if err != nil {
		return err
	}
	if !certified {
		return ErrNotMaker
	}
	return runs(app, user, agency)
}

// requireOwner refuses everybody who is not on the owner's own side, agencies too.
func requireOwner(app core.App, user *core.Record, program *core.Record) error {
	owner := ownerOf(program)
	if owner.Org != "" {
		return runs(app, user, owner.Org)
	}
	if user == nil || owner.User == "" || owner.User != user.Id {
		return ErrNotMaker
	}
	return nil
}

// runs is nil for owners and managers of the organisation.
func runs(app core.App, user *core.Record, org string) error {
	_, err := identity.Require(app, user, org, identity.Owner, identity.Manager)
	if errors.Is(err, identity.ErrNotStaff) || errors.Is(err, identity.ErrRoleRequired) {
		return ErrNotMaker
	}
	return err
}

func certifiedAgency(app core.App, org string) (bool, error) {
	var certified bool
	err := app.DB().NewQuery("SELECT certified_agency FROM orgs WHERE id = {:org}").Bind(dbx.Params{"org": org}).Row(&certified)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return certified, err
}

// Makers is the name under which all programs of an organisation, or of a person, know people by one unionid.
func Makers(org, owner string) string {
	if org == "" { // or all programs of all persons would know people by one id
		return "person/" + owner
	}
	return org
}

// Maker is who asks for something about the program of that appid, by login or by one of its upload keys, and
// the program. A key acts for the person who made it, for its own program alone, and no longer than that person
// makes it.
func Maker(e *core.RequestEvent, appid string) (actor string, program *core.Record, err error) {
	return makerBy(e, appid, e.Request.Header.Get(KeyHeader))
}

// inPerson is Maker for what a key is not good for: one that has leaked must not make itself another, nor let
// anybody in, whoever is signed in beside it.
func inPerson(e *core.RequestEvent, appid string) (actor string, program *core.Record, err error) {
	return makerBy(e, appid, "")
}

func makerBy(e *core.RequestEvent, appid, secret string) (actor string, program *core.Record, err error) {
	program, err = programRecord(e.App, appid)
	if err != nil {
		return "", nil, err
	}
	if program.GetString("status") == "deleted" {
		return "", nil, ErrDeleted.With("appid", appid)
	}
	user := e.Auth
	if secret != "" {
		user, err = keyHolder(e.App, program, secret, clock.Now(e.App))
	} else if user == nil || user.Collection().Name != "users" {
		err = route.ErrSignIn
	}
	if err == nil {
		err = RequireMaker(e.App, user, program)
	}
	if err != nil {
		return "", nil, err
	}
	return user.Id, program, nil
}

// SetAgency lets a certified agency make the program for its owner, or ends that when org is "". Only the owner's
// side may: an agency does not pass a program on.
func SetAgency(app core.App, program *core.Record, org, actor string, now time.Time) (*core.Record, error) {
	err := ledger.Write(app, func(tx core.App) error {
		record, err := tx.FindRecordById("programs", program.Id)
		if err != nil || record.GetString("agency") == org {
			return err
		}
		if org != "" {
			if certified, err := certifiedAgency(tx, org); err != nil || !certified {
				return refuseUnless(err, ErrNoSuchAgency.With("org", org))
			}
		}
		record.Set("agency", org)
		if err := tx.Save(record); err != nil {
			return err
		}
		return ledger.Audit(tx, actor, "programs.agency", record.GetString("appid"), map[string]any{"org": org}, now)
	})
	if err != nil {
		return nil, err
	}
	return app.FindRecordById("programs", program.Id)
}

// keepOwned refuses to delete an organisation that programs belong to: without it they would be those of whoever
// made their rows.
func keepOwned(e *core.RecordEvent) error {
	owned, err := e.App.CountRecords("programs", dbx.HashExp{"org": e.Record.Id})
	if err != nil {
		return err
	}
	if owned > 0 {
		return refusal.API(ErrOwnsPrograms.With("programs", owned))
	}
	return e.Next()
}

// Bucket is where the person stands in the program's roll-outs, from 0 to 99, the same for ever: a version that
// is rolled out to n percent is for the buckets below n, so whoever has got it keeps it when n grows.
func Bucket(programID, userID string) int {
	sum := sha256.Sum256([]byte(programID + "/" + userID))
	return int(binary.BigEndian.Uint64(sum[:8]) % 100) //nolint:gosec // it is below 100
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// stamp is how PocketBase writes an instant: the order of such texts is the order of time.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }
