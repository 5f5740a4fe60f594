package programs

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"plaza.internal/plaza/internal/identity"
	"plaza.internal/plaza/internal/refusal"
	"plaza.internal/plaza/internal/route"
)

// DeskScene is WeChat's way of saying how somebody came, for those who come to a desk.
const DeskScene = 9000

var (
	// ErrNoDesk refuses to open a desk of a program whose version names none.
	ErrNoDesk = refusal.New(http.StatusNotFound, "desk_not_found", "This mini program has no desk.")
	// ErrDeskStaff refuses a desk to whoever is not, or not any more, staff of the organisation that the program
	// belongs to, or the person who owns it.
	ErrDeskStaff = refusal.New(http.StatusForbidden, "desk_staff_only", "This desk is for the staff of the organisation that runs the mini program.")
)

// Desk is a program's own pages for those who work for its organisation, as the console lists it for one of them.
type Desk struct {
	AppID   string                `db:"appid" json:"appid"`
	Name    string                `db:"name" json:"name"`
	Names   types.JSONMap[string] `db:"names" json:"names"`
	Icon    string                `db:"icon" json:"icon"`
	Color   string                `db:"color" json:"color"`
	Org     string                `db:"org" json:"org"` // its id; "" when the program is a person's
	OrgName string                `db:"-" json:"org_name"`
	Role    identity.Role         `db:"role" json:"role"`
}

// Desks is the desks that this person may open, of the versions that they get, by name.
func Desks(app core.App, user *core.Record) ([]Desk, error) {
	var candidates []Desk
	err := app.DB().NewQuery(`SELECT p.appid, p.name, p.names, p.icon, p.color, p.org,
			CASE p.org WHEN '' THEN 'owner' ELSE s.role END AS role
		FROM programs p LEFT JOIN staff s ON s.org = p.org AND p.org <> '' AND s.user = {:user}
		WHERE p.status = 'live' AND CASE p.org WHEN '' THEN p.owner = {:user} ELSE s.role IS NOT NULL END
			AND EXISTS (SELECT 1 FROM programs_versions v WHERE v.program = p.id AND v.desk <> '')
		ORDER BY p.name COLLATE NOCASE, p.appid`).Bind(dbx.Params{"user": user.Id}).All(&candidates)
	if err != nil {
		return nil, fmt.Errorf("desks of %s: %w", user.Id, err)
	}
	desks := []Desk{}
	for _, desk := range candidates {
		program, err := For(app, user.Id, desk.AppID)
		var no *refusal.Refusal
		if errors.As(err, &no) || err == nil && program.Desk == "" {
			continue // it was stopped, or the version that has a desk is not this person's yet
		}
		if err != nil {
			return nil, err
		}
		desk.OrgName = program.OrgName
		desks = append(desks, desk)
	}
	return desks, nil
}

// deskRole is as whom the person stands at the program's desk now, or ErrDeskStaff.
func deskRole(app core.App, user *core.Record, program Program) (identity.Role, error) {
	if program.Org == "" {
		if user == nil || user.Id != program.Owner {
			return "", ErrDeskStaff.With("appid", program.AppID)
		}
		return identity.Owner, nil
	}
	role, err := identity.Require(app, user, program.Org)
	if errors.Is(err, identity.ErrNotStaff) {
		return "", ErrDeskStaff.With("appid", program.AppID)
	}
	return role, err
}

// toDesk makes the opening one of the program's desk, if that was asked for, in the role of the person.
func (o Opening) toDesk(app core.App, user *core.Record, program Program) (Opening, error) {
	if !o.Desk {
		return o, nil
	}
	role, err := deskRole(app, user, program)
	if err != nil {
		return o, err
	}
	if program.Desk == "" {
		return o, ErrNoDesk.With("appid", program.AppID)
	}
	o.role, o.Scene = role, DeskScene
	if o.Path == "" {
		o.Path = program.Desk
	}
	return o, nil
}

func bindDesks(se *core.ServeEvent) {
	route.Handle(se, route.Operation{
		Method: http.MethodGet, Path: "/api/desks", Tag: "programs",
		Summary: "The desks of mini programs that you may open, as what.", Answer: []Desk{},
	}, func(e *core.RequestEvent) error {
		desks, err := Desks(e.App, e.Auth)
		if err != nil {
			return err
		}
		return e.JSON(http.StatusOK, desks)
	})
}
