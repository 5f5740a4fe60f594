// Package store is the shop window of the mini programs: it finds them, orders them, shows one, and keeps what
// people say of them.
//
// What is listed is an entry, made from a live program and its publisher after each commit that changes them, and
// again at the next start if that was missed. An entry's place is its rank, so that lists need no sorting
// (internal/search). The invariants: whatever is shown is live at that moment, for the program's own row is asked
// last; and the sums of stars are kept by SQLite with the ratings themselves, so no way of changing a rating can
// leave them behind. A rating counts only when its author is known long enough, so that a hundred new accounts
// move nothing.
package store

import (
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/programs"
	"plaza.internal/plaza/internal/refusal"
)

var (
	// ErrBadQuery refuses a sort, a kind, a page or a cursor that there is not; data.field says which.
	ErrBadQuery = refusal.New(http.StatusBadRequest, "bad_query", "The store cannot be asked like that.")
	// ErrNotUsed refuses a rating by somebody who has never opened the program.
	ErrNotUsed = refusal.New(http.StatusForbidden, "not_used", "Only people who have used a mini program can rate it.")
	// ErrOwnProgram refuses a rating by somebody who makes the program, works for its makers or tests it.
	ErrOwnProgram = refusal.New(http.StatusForbidden, "own_program", "Nobody rates a mini program that they make or test.")
	// ErrBadRating refuses stars that are not 1 to 5, and a text that is too long or holds hidden characters.
	ErrBadRating = refusal.New(http.StatusBadRequest, "bad_rating", "A rating has 1 to 5 stars and a text of at most 2000 characters.")
	// ErrRatingNotFound refuses a rating that is not there.
	ErrRatingNotFound = refusal.New(http.StatusNotFound, "rating_not_found", "There is no such rating.")
	// ErrBadReport refuses a report of an unknown kind, or with a text that is too long.
	ErrBadReport = refusal.New(http.StatusBadRequest, "bad_report", "A report has a kind and a text of at most 2000 characters.")
	// ErrReportNotFound refuses a report that is not there.
	ErrReportNotFound = refusal.New(http.StatusNotFound, "report_not_found", "There is no such report.")
)

// shown is what the store must know of a program to show it to somebody.
type shown struct {
	ID      string `db:"id"`
	AppID   string `db:"appid"`
	Status  string `db:"status"`
	Release string `db:"release"`
	Rollout string `db:"rollout"`
	Percent int    `db:"percent"`
}

// visible is the program of that appid, if this person finds it in the store: ErrNotFound otherwise, also while
// its first release has not reached them. userID may be empty.
func visible(app core.App, appid, userID string) (shown, error) {
	var program shown
	err := app.DB().NewQuery(`SELECT id, appid, status, "release", rollout, percent FROM programs WHERE appid = {:appid}`).
		Bind(dbx.Params{"appid": appid}).One(&program)
	switch {
	case errors.Is(err, sql.ErrNoRows) || (err == nil && program.Status != "live"):
		return program, programs.ErrNotFound.With("appid", appid)
	case err != nil:
		return program, err
	}
	sees, err := program.reaches(app, userID)
	if err == nil && !sees {
		err = programs.ErrNotFound.With("appid", appid)
	}
	return program, err
}

// reaches tells whether a release of the program is for this person: testers first, then the buckets below the
// percentage, then everybody.
func (p shown) reaches(app core.App, userID string) (bool, error) {
	switch {
	case p.Release != "":
		return true, nil
	case p.Rollout == "" || userID == "":
		return false, nil
	case programs.Bucket(p.ID, userID) < p.Percent:
		return true, nil
	}
	return tests(app, p.ID, userID)
}

// version is the id of the version that the store shows: what most people have.
func (p shown) version() string {
	if p.Release != "" {
		return p.Release
	}
	return p.Rollout
}

func tests(app core.App, programID, userID string) (found bool, err error) {
	err = app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM programs_testers WHERE program = {:program} AND user = {:user})").
		Bind(dbx.Params{"program": programID, "user": userID}).Row(&found)
	return found, err
}

// stamp is how PocketBase writes an instant: the order of such texts is the order of time.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }
