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
)

// Program is a program together with one of its versions, which is the released one unless said otherwise.
type Program struct {
	ID     string `db:"id"`
	AppID  string `db:"appid"`
	Name   string `db:"name"`
	Icon   string `db:"icon"`
	Color  string `db:"color"`
	Status string `db:"status"`
	Version

	Description string `db:"description"`
	Org         string `db:"org"`
	OrgName     string `db:"org_name"`
	Certified   bool   `db:"certified"`

	Names  types.JSONMap[string]   `db:"names"`
	Scopes types.JSONArray[string] `db:"scopes"`
}

// Version is one immutable version: its package's hash names the uploaded zip, its bundle's what was made of it.
type Version struct {
	Number  int    `db:"number"`
	Label   string `db:"label"`
	Package string `db:"package"`
	Bundle  string `db:"bundle"`
	State   string `db:"state"`
}

const selectProgram = `
SELECT p.id, p.appid, p.name, p.icon, p.color, p.status, p.names, p.scopes, p.description,
       p.org, o.name AS org_name, o.certified, v.number, v.name AS label, v.package, v.bundle, v.state
FROM programs p JOIN programs_versions v ON v.program = p.id JOIN orgs o ON o.id = p.org
WHERE p.appid = {:appid} AND `

// Live is the program and its released version, if people may open it now: ErrNotFound while it has never been
// released, ErrTakenDown while the operator has stopped it.
func Live(app core.App, appid string) (Program, error) {
	return find(app, "v.id = p.release", dbx.Params{"appid": appid})
}

// ByPackage is the program and the version with that package, if it is or was released. Pages that are open
// while a new version comes go on loading the files of theirs.
func ByPackage(app core.App, appid, pkg string) (Program, error) {
	return find(app, "v.package = {:package} AND v.state != 'checked'", dbx.Params{"appid": appid, "package": pkg})
}

func find(app core.App, condition string, params dbx.Params) (Program, error) {
	var program Program
	err := app.DB().NewQuery(selectProgram + condition).Bind(params).One(&program)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return program, ErrNotFound.With("appid", params["appid"])
	case err != nil:
		return program, fmt.Errorf("find program %v: %w", params["appid"], err)
	case program.Status == "taken_down":
		return program, ErrTakenDown.With("appid", params["appid"])
	case program.Status != "live":
		return program, ErrNotFound.With("appid", params["appid"])
	}
	return program, nil
}

// Declares tells whether the program's released manifest asks for the scope.
func (p Program) Declares(scope string) bool { return slices.Contains(p.Scopes, scope) }

// Open is the compiled version, verified when it came from disk: ErrAltered when its bytes have changed.
func (p Program) Open(app core.App) (*Bundle, error) {
	return registryOf(app).bundle(p.Version)
}
