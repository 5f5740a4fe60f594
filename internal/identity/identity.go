// Package identity says who somebody is to an organisation and to a mini program.
//
// People are PocketBase's users; a row of staff ties one to an organisation with a role; an operator is a user
// whom a superuser has marked. The invariants: nobody raises their own rights, an organisation always keeps
// an owner, and a program never learns an id that another program could recognise.
package identity

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"plaza.internal/plaza/internal/refusal"
)

// Role is what a person may do for an organisation.
type Role string

// The roles, from the one who may do everything to the one who stands at the till.
const (
	Owner   Role = "owner"
	Manager Role = "manager"
	Cashier Role = "cashier"
)

var (
	// ErrNotStaff refuses somebody who does not work for the organisation.
	ErrNotStaff = refusal.New(http.StatusForbidden, "not_staff", "Only the staff of this organisation may do that.")
	// ErrRoleRequired refuses staff whose role is not enough.
	ErrRoleRequired = refusal.New(http.StatusForbidden, "role_required", "Your role in this organisation does not allow that.")
	// ErrLastOwner refuses to leave an organisation without an owner.
	ErrLastOwner = refusal.New(http.StatusConflict, "last_owner", "An organisation needs at least one owner.")
)

// Require is the role of user in org, or a refusal when there is none or it is not among roles.
// Without roles any member of the staff will do.
func Require(app core.App, user *core.Record, org string, roles ...Role) (Role, error) {
	if user == nil {
		return "", ErrNotStaff
	}
	var role Role
	err := app.ConcurrentDB().Select("role").From("staff").
		Where(dbx.HashExp{"user": user.Id, "org": org}).Row(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrNotStaff
	}
	if err != nil {
		return "", fmt.Errorf("role of %s in %s: %w", user.Id, org, err)
	}
	if len(roles) > 0 && !slices.Contains(roles, role) {
		return "", ErrRoleRequired.With("roles", roles)
	}
	return role, nil
}

// IsOperator says whether user runs this Plaza.
func IsOperator(user *core.Record) bool {
	return user != nil && user.Collection().Name == "users" && user.GetBool("operator")
}
