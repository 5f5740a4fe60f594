// Package programs is the registry of mini programs: who owns one, which versions it has, which is released.
//
// A version is a package: the bytes of one zip, named by their SHA-256, checked and compiled once at upload.
// The invariant: what runs is what was checked. A version never changes, its files are compared with the
// hashes that the database holds before they are used, and releasing one is a conditional, audited act.
package programs

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/check"
)

// Scopes that a manifest may ask for.
const (
	ScopeOrders     = check.ScopeOrders
	ScopePoints     = check.ScopePoints
	ScopeProfile    = check.ScopeProfile
	ScopeLocation   = check.ScopeLocation
	ScopeCamera     = check.ScopeCamera
	ScopeMicrophone = check.ScopeMicrophone
	ScopeAlbum      = check.ScopeAlbum
)

// Scopes is every scope there is, in the order in which a person is asked.
func Scopes() []string { return check.Scopes() }

// Tiers of a program: what its version was, when people got it.
const (
	TierUnverified = check.TierUnverified
	TierReviewed   = check.TierReviewed
)

// CategoryGames is the policy's word for games that are not of the kind game: pages, or a web program.
const CategoryGames = "games"

// Program is a program together with one of its versions: the released one, or the one that a person gets.
type Program struct {
	ID     string `db:"id"`
	AppID  string `db:"appid"`
	Name   string `db:"name"`
	Icon   string `db:"icon"`
	Color  string `db:"color"`
	Status string `db:"status"`
	Version

	// Category is the store's; programs of CategoryGames are games, whatever they are made of.
	Category string `db:"category"`

	Description string `db:"description"`
	Org         string `db:"org"`      // "" when the program is a person's
	Owner       string `db:"owner"`    // who made it; whose it is when there is no Org
	OrgName     string `db:"org_name"` // who answers for it: the organisation's name, or the person's
	Certified   bool   `db:"certified"`
	Agency      string `db:"agency"`
	AgencyName  string `db:"agency_name"`
	// AgencyCertified is whether the agency is a certified one now.
	AgencyCertified bool `db:"agency_certified"`
	// Tier is the version's: TierReviewed when the operator has approved it.
	Tier    string `db:"tier"`
	Percent int    `db:"percent"` // the share of people that gets the version being rolled out
	Trial   bool   `db:"-"`       // the version is a tester's or a maker's to try, whatever others get

	Names  types.JSONMap[string]   `db:"names"`
	Scopes types.JSONArray[string] `db:"scopes"` // declared by this version
	// Reasons is what this version says it wants its scopes for.
	Reasons types.JSONMap[string] `db:"reasons"`
}

// Version is one immutable version: its package's hash names the uploaded zip, its bundle's what was made of it.
type Version struct {
	Number  int    `db:"number"`
	Label   string `db:"label"`
	Package string `db:"package"`
	Bundle  string `db:"bundle"`
	State   string `db:"state"`
	Kind    string `db:"kind"`
	Desk    string `db:"desk"` // its page for staff, "" when it has none
}

const selectProgram = `
SELECT p.id, p.appid, p.name, p.icon, p.color, p.status, p.category, p.names, p.description, p.percent,
       p.org, p.owner, CASE p.org WHEN '' THEN COALESCE(u.name, '') ELSE COALESCE(o.name, '') END AS org_name,
       COALESCE(o.certified, FALSE) AS certified, p.agency, COALESCE(a.name, '') AS agency_name,
       COALESCE(a.certified_agency, FALSE) AS agency_certified,
       CASE WHEN v.reviewed THEN 'reviewed' ELSE 'unverified' END AS tier,
       v.number, v.name AS label, v.package, v.bundle, v.state, v.kind, v.desk, v.scopes, v.reasons
FROM programs p JOIN programs_versions v ON v.program = p.id
LEFT JOIN orgs o ON o.id = p.org LEFT JOIN users u ON u.id = p.owner LEFT JOIN orgs a ON a.id = p.agency
WHERE p.appid = {:appid} AND `

// Live is the program and its released version, if people may open it now: ErrNotFound while it has never been
// released, ErrTakenDown while the operator has stopped it, ErrDeleted when its makers have ended it.
func Live(app core.App, appid string) (Program, error) {
	return find(app, "v.id = p.`release`", dbx.Params{"appid": appid})
}

// For is the program in the version that this person gets: the one that is being rolled out for testers and for
// the buckets below its percentage, the released one for everybody else. ErrNotYours when there is no released
// one yet and the roll-out has not come to them.
func For(app core.App, userID, appid string) (Program, error) {
	var at struct {
		ID      string `db:"id"`
		Release string `db:"release"`
		Rollout string `db:"rollout"`
		Percent int    `db:"percent"`
	}
	err := app.DB().NewQuery("SELECT id, `release`, rollout, percent FROM programs WHERE appid = {:appid}").
		Bind(dbx.Params{"appid": appid}).One(&at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Program{}, fmt.Errorf("find program %s: %w", appid, err)
	}
	version := at.Release
	if at.Rollout != "" {
		chosen := Bucket(at.ID, userID) < at.Percent
		if !chosen {
			if chosen, err = isTester(app, at.ID, userID); err != nil {
				return Program{}, err
			}
		}
		if chosen {
			version = at.Rollout
		}
	}
	if version == "" && at.Rollout != "" {
		// Taken down and deleted have their own answer, before "not yet".
		if program, err := find(app, "v.id = p.rollout", dbx.Params{"appid": appid}); err != nil {
			return program, err
		}
		return Program{}, ErrNotYours.With("appid", appid)
	}
	return find(app, "v.id = {:version}", dbx.Params{"appid": appid, "version": version})
}

// ByPackage is the program and the version with that package. Pages that are open while a new version comes go
// on loading the files of theirs. Versions that nobody has released are found too: their address holds a hash
// that cannot be guessed, and only makers, testers and reviewers are told it.
func ByPackage(app core.App, appid, pkg string) (Program, error) {
	program, err := locate(app, "v.package = {:package}", dbx.Params{"appid": appid, "package": pkg})
	if err != nil {
		return program, err
	}
	return program, program.stopped(app)
}

// find is a program that people may open.
func find(app core.App, condition string, params dbx.Params) (Program, error) {
	program, err := locate(app, condition, params)
	if err != nil {
		return program, unreleased(app, params, err)
	}
	if err := program.stopped(app); err != nil {
		return program, err
	}
	if program.Status != "live" {
		return program, ErrNotFound.With("appid", params["appid"])
	}
	return program, nil
}

func locate(app core.App, condition string, params dbx.Params) (Program, error) {
	var program Program
	err := app.DB().NewQuery(selectProgram + condition).Bind(params).One(&program)
	if errors.Is(err, sql.ErrNoRows) {
		return program, ErrNotFound.With("appid", params["appid"])
	}
	if err != nil {
		return program, fmt.Errorf("find program %v: %w", params["appid"], err)
	}
	return program, nil
}

// unreleased is the reason why a program without a version to open cannot be opened: one that was stopped says
// so, also when it has no released version any more.
func unreleased(app core.App, params dbx.Params, otherwise error) error {
	if !errors.Is(otherwise, ErrNotFound) {
		return otherwise
	}
	record, err := programRecord(app, fmt.Sprint(params["appid"]))
	if err != nil {
		return err
	}
	if err := (Program{ID: record.Id, AppID: record.GetString("appid"), Status: record.GetString("status"), Org: record.GetString("org")}).stopped(app); err != nil {
		return err
	}
	return otherwise
}

// stopped is the refusal of a program, or of this version of it, that nobody may open.
func (p Program) stopped(app core.App) error {
	switch {
	case p.Status == "deleted":
		return ErrDeleted.With("appid", p.AppID)
	case p.Status == "taken_down" || p.State == "taken_down":
		return takenDown(app, p)
	}
	return nil
}

// Declares tells whether this version's manifest asks for the scope.
func (p Program) Declares(scope string) bool { return slices.Contains(p.Scopes, scope) }

// Rights is what the program may do under the policy.
func (p Program) Rights(policy check.Policy) check.Tier {
	return policy.Tiers[p.tier()]
}

// Open is the compiled version, verified when it came from disk: ErrAltered when its bytes have changed.
func (p Program) Open(app core.App) (*Bundle, error) {
	return registryOf(app).bundle(p.Version)
}
